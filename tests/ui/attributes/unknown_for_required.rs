use orm::prelude::*;

#[derive(Model)]
#[orm(tabel = "posts")]
struct Post {
    #[orm(id)]
    id: String,
}

fn main() {}
