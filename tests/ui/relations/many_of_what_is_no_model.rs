use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(has_many(comments: Comment, foreign_key = post_id))]
struct Post {
    #[orm(id)]
    id: String,
}

struct Comment {
    post_id: String,
}

fn main() {}
