use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post(String);

fn main() {}
