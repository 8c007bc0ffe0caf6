use orm::prelude::*;

#[derive(Select)]
#[orm(model = User)]
enum Card {
    Id(String),
}

fn main() {}
