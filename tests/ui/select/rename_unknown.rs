use orm::prelude::*;
use ui::User;

#[derive(Select)]
#[orm(model = User)]
struct Card {
    #[orm(rename = "mail")]
    address: String,
}

fn main() {}
