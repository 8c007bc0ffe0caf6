use orm::prelude::*;
use ui::User;

#[derive(Select)]
#[orm(model = "User")]
struct Card {
    id: String,
}

fn main() {}
