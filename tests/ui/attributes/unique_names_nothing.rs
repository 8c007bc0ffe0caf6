use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(unique())]
struct Post {
    #[orm(id)]
    id: String,
}

fn main() {}
