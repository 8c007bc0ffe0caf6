use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(index(id, title))]
struct Post {
    #[orm(id)]
    id: String,
    title: String,
}

fn main() {}
