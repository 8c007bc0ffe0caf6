use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    title: Option<Option<Option<String>>>,
}

fn main() {}
