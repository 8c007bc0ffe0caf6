use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(rename_all = "camelcase")]
struct Post {
    #[orm(id)]
    id: String,
}

fn main() {}
