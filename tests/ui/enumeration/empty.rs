use orm::prelude::*;

#[derive(Enumeration)]
enum State {}

fn main() {}
