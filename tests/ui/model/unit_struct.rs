use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post;

fn main() {}
