use orm::prelude::*;

#[derive(Select)]
#[orm(model = User)]
struct Card<T> {
    id: T,
}

fn main() {}
