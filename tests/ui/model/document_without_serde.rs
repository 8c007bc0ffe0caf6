use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    layout: Json<Layout>,
}

struct Layout {
    columns: u32,
}

fn main() {}
