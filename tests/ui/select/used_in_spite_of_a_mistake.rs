use orm::prelude::*;
use ui::User;

#[derive(Select)]
#[orm(model = User, modle = User)]
struct Card {
    id: String,
}

#[derive(Select)]
struct Other {
    id: String,
}

fn main() {
    let _ = User::find_many().select_as::<Card>();
    let _ = User::find_many().select_as::<Other>();
}
