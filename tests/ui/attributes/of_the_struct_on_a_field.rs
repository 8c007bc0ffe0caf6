use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(table = "slugs")]
    slug: String,
}

fn main() {}
