use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id(generated), default = 1)]
    id: i64,
}

fn main() {}
