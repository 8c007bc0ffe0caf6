use orm::prelude::*;
use ui::User;

struct Card {
    id: String,
}

fn main() {
    let _ = User::find_many().select_as::<Card>();
}
