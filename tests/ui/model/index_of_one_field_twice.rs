use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(index(slug, slug))]
struct Post {
    #[orm(id)]
    id: String,
    slug: String,
}

fn main() {}
