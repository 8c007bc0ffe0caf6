use orm::prelude::*;

#[derive(Select)]
#[orm(model = Author)]
struct Card {
    id: String,
}

struct Author;

fn main() {}
