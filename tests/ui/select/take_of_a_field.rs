use orm::prelude::*;
use ui::User;

#[derive(Select)]
#[orm(model = User)]
struct Card {
    #[orm(take = 3)]
    email: String,
}

fn main() {}
