use orm::prelude::*;

#[derive(Select)]
#[orm(model = User)]
struct Card(String);

fn main() {}
