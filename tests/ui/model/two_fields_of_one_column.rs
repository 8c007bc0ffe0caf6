use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    slug: String,
    #[orm(column = "slug")]
    other: String,
}

fn main() {}
