use orm::prelude::*;
use ui::{Session, User};

#[derive(Select)]
#[orm(model = User)]
struct Card {
    #[orm(filter = User::NAME.eq("Ada"))]
    sessions: Vec<Session>,
}

fn main() {}
