use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(column = "post")]
struct Post {
    #[orm(id)]
    id: String,
}

fn main() {}
