use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post<T> {
    #[orm(id)]
    id: String,
    body: T,
}

fn main() {}
