use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    tags: Box<[String]>,
    data: &'static [u8],
}

fn main() {}
