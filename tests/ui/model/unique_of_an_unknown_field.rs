use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(unique(slug, auther_id))]
struct Post {
    #[orm(id)]
    id: String,
    slug: String,
    author_id: String,
}

fn main() {}
