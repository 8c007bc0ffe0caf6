use orm::prelude::*;
use ui::{Session, User};

#[derive(Select)]
#[orm(model = User)]
struct Card {
    #[orm(rename = "e-mail")]
    address: String,
}

fn main() {}
