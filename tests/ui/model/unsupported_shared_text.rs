use std::sync::Arc;

use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    title: Arc<str>,
    words: Arc<u32>,
}

fn main() {}
