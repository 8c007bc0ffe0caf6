use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm("unique")]
    slug: String,
}

fn main() {}
