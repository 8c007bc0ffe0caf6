use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(name = "post#1")]
struct Post {
    #[orm(id)]
    id: String,
}

fn main() {}
