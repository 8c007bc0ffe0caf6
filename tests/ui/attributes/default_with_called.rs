use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(default_with = first())]
    place: i64,
}

fn first() -> i64 {
    1
}

fn main() {}
