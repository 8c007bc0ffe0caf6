use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(unique(Post::ID, Post::SLUG))]
struct Post {
    #[orm(id)]
    id: String,
    slug: String,
}

fn main() {}
