use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(belongs_to(author: User, foreign_key = author_id))]
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
