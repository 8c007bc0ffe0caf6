use orm::prelude::*;

#[derive(Model)]
#[orm(table = "files")]
struct File {
    #[orm(id)]
    id: String,
    hash: [u32; 8],
    content: Option<&'static [u8]>,
    rest: Box<[u8]>,
}

fn main() {}
