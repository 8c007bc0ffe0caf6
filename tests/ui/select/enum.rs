use orm::prelude::*;
use ui::User;

#[derive(Select)]
#[orm(model = User)]
enum Card {
    Id(String),
}

fn main() {}
