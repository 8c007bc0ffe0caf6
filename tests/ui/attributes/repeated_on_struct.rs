use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(table = "articles")]
struct Post {
    #[orm(id)]
    id: String,
}

fn main() {}
