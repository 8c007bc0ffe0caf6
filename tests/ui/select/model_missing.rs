use orm::prelude::*;
use ui::{Session, User};

#[derive(Select)]

struct Card {
    id: String,
}

fn main() {}
