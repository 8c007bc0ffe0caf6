use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(with = 1)]
    place: i64,
}

fn main() {}
