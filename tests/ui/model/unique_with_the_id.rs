use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(unique(id, title))]
struct Post {
    #[orm(id)]
    id: String,
    title: String,
}

fn main() {}
