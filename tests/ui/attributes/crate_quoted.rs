use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts", crate = "orm")]
struct Post {
    #[orm(id)]
    id: String,
}

fn main() {}
