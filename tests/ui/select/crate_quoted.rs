use orm::prelude::*;
use ui::User;

#[derive(Select)]
#[orm(model = User, crate = "orm")]
struct Card {
    id: String,
}

fn main() {}
