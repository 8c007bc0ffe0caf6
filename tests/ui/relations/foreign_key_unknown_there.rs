use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(has_many(comments: User, foreign_key = post_id))]
struct Post {
    #[orm(id)]
    id: String,
    author_id: String,
}

#[derive(Model)]
#[orm(table = "users")]
struct User {
    #[orm(id)]
    id: i64,
    name: String,
}

fn main() {}
