use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts", unique(AUTHOR, b))]
struct Post {
    #[orm(id)]
    id: String,
    author: String,
    b: String,
}

fn main() {}
