use orm::prelude::*;
use ui::{Session, User};

#[derive(Select)]
#[orm(model = User)]
struct Card {
    #[orm(take = "3")]
    sessions: Vec<Session>,
}

fn main() {}
