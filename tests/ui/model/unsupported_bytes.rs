use orm::prelude::*;

#[derive(Model)]
#[orm(table = "files")]
struct File {
    #[orm(id)]
    id: String,
    hash: [u8; 32],
    content: Option<Vec<u8>>,
}

fn main() {}
