use orm::prelude::*;

#[derive(Select)]

struct Card {
    id: String,
}

fn main() {}
