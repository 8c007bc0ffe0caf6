#![deny(deprecated)]

use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(index)]
    tags: Json<Vec<String>>,
    #[orm(index)]
    links: Option<Json<Vec<String>>>,
    #[orm(index)]
    extra: serde_json::Value,
}

fn main() {}
