use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    user_id: String,
    #[allow(non_snake_case)]
    userId: String,
}

fn main() {}
