use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    __orm_kind: String,
    #[orm(column = "lock")]
    __orm_lock: String,
}

fn main() {}
