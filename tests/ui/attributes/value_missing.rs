use orm::prelude::*;

#[derive(Model)]
#[orm(table)]
struct Post {
    #[orm(id)]
    id: String,
}

fn main() {}
