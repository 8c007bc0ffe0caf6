use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(column = "a", column = "b")]
    slug: String,
}

fn main() {}
