use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id(auto))]
    id: String,
}

fn main() {}
