#![deny(deprecated)]

use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(index(author_id, published))]
struct Post {
    #[orm(id)]
    id: String,
    author_id: String,
    published: bool,
}

fn main() {}
