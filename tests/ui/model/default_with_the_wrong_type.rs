use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(default_with = first)]
    likes: i64,
}

fn first() -> String {
    String::new()
}

fn main() {}
