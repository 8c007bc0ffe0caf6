use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(column = "__orm_lock")]
    lock: String,
}

fn main() {}
