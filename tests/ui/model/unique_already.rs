use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(unique(slug))]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    slug: String,
}

fn main() {}
