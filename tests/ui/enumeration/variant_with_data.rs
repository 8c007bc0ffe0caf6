use orm::prelude::*;

#[derive(Enumeration)]
enum State {
    Draft,
    Published(u32),
}

fn main() {}
