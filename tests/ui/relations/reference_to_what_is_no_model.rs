use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(references = Author::ID)]
    author_id: String,
}

struct Author;

fn main() {}
