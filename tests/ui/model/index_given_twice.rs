use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(index(slug))]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(index)]
    slug: String,
}

fn main() {}
