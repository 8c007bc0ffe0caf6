use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(UNIQUE)]
    slug: String,
}

fn main() {}
