use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    author_id: String,
    authorId: String,
    authorID: String,
}

fn main() {}
