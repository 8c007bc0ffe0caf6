use orm::prelude::*;

#[derive(Enumeration)]
enum State<T> {
    Draft(T),
}

fn main() {}
