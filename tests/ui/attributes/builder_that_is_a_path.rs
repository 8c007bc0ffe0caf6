use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts", builder = builders::NewPost)]
struct Post {
    #[orm(id)]
    id: String,
}

#[derive(Model)]
#[orm(table = "drafts", builder = Draft)]
struct Draft {
    #[orm(id)]
    id: String,
}

fn main() {}
