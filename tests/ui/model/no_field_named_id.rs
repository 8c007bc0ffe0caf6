use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    slug: String,
}

fn main() {}
