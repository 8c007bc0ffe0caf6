use orm::prelude::*;

#[derive(Model)]

struct Post {
    #[orm(id)]
    id: String,
}

fn main() {}
