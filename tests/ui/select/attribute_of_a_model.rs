use orm::prelude::*;
use ui::User;

#[derive(Select)]
#[orm(model = User)]
struct Card {
    #[orm(column = "email")]
    address: String,
}

fn main() {}
