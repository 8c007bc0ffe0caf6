use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post<'a> {
    #[orm(id)]
    id: String,
    body: &'a str,
}

fn main() {}
