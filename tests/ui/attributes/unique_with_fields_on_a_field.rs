use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(unique(slug, author_id))]
    slug: String,
    author_id: String,
}

fn main() {}
