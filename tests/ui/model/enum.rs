use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
enum Post {
    Draft,
}

fn main() {}
