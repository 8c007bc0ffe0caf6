use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(unique, rename = "slug+id")]
    slug: String,
}

fn main() {}
