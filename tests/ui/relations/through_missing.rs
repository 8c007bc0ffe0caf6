use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(many_to_many(related: Post, from = post_id, to = other_id))]
struct Post {
    #[orm(id)]
    id: String,
    author_id: String,
}

fn main() {}
