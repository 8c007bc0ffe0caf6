use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(tabel = "articles")]
struct Post {
    #[orm(id)]
    id: String,
}

fn main() {}
