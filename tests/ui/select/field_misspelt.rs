use orm::prelude::*;
use ui::{Session, User};

#[derive(Select)]
#[orm(model = User)]
struct Card {
    id: String,
    emial: String,
}

fn main() {}
