use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id, unique)]
    id: String,
}

fn main() {}
