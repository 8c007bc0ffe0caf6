use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(belongs_to(author: "Post", foreign_key = author_id))]
struct Post {
    #[orm(id)]
    id: String,
    author_id: String,
}

fn main() {}
