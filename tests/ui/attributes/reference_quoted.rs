use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(references = "Post::ID")]
    parent: Option<String>,
}

fn main() {}
