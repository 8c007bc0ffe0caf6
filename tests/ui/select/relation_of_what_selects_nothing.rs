use orm::prelude::*;
use ui::User;

#[derive(Select)]
#[orm(model = User)]
struct Card {
    sessions: Vec<String>,
}

fn main() {}
