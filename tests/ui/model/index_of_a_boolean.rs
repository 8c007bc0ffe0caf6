#![deny(deprecated)]

use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(index)]
    published: bool,
}

fn main() {}
