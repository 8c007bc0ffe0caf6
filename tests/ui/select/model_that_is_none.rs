use orm::prelude::*;
use ui::{Session, User};

#[derive(Select)]
#[orm(model = Author)]
struct Card {
    id: String,
}

struct Author;

fn main() {}
