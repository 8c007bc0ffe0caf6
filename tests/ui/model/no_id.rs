use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    id: String,
}

fn main() {}
