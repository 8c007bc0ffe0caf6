use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(unique(slug, author_id), unique(author_id, slug))]
struct Post {
    #[orm(id)]
    id: String,
    slug: String,
    author_id: String,
}

fn main() {}
