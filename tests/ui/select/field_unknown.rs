use orm::prelude::*;
use ui::{Session, User};

#[derive(Select)]
#[orm(model = User)]
struct Card {
    id: String,
    shoe_size: i64,
}

fn main() {}
