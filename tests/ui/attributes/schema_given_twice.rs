use orm::prelude::*;

#[derive(Model)]
#[orm(table = "auth.posts", schema = "main")]
struct Post {
    #[orm(id)]
    id: String,
}

fn main() {}
