use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(default = 1, default_with = first)]
    number: i64,
}

fn first() -> i64 {
    1
}

fn main() {}
