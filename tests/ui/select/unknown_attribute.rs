use orm::prelude::*;
use ui::User;

#[derive(Select)]
#[orm(model = User)]
struct Card {
    #[orm(renam = email)]
    address: String,
}

fn main() {}
