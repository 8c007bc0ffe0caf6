use orm::prelude::*;

#[derive(Enumeration)]
struct State {
    name: String,
}

fn main() {}
