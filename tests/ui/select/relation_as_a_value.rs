use orm::prelude::*;
use ui::{Session, User};

#[derive(Select)]
#[orm(model = User)]
struct Card {
    sessions: String,
}

fn main() {}
