use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
union Post {
    id: u64,
}

fn main() {}
