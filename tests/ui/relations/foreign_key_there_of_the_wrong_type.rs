use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(has_one(author: User, foreign_key = number))]
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
    number: i64,
}

fn main() {}
