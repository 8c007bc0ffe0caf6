use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(index(writer))]
struct Post {
    #[orm(id)]
    id: String,
    slug: String,
}

fn main() {}
