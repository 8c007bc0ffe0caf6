use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(index(slug, author_id, likes))]
struct Post {
    #[orm(id)]
    id: String,
    slug: String,
    author_id: String,
    likes: i64,
}

fn main() {}
