use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(has_many)]
struct Post {
    #[orm(id)]
    id: String,
    author_id: String,
}

fn main() {}
