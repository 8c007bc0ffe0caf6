use orm::prelude::*;

#[derive(Select)]
#[orm(model = "User")]
struct Card {
    id: String,
}

fn main() {}
