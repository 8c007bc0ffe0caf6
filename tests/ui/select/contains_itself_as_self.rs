use orm::prelude::*;
use ui::User;

#[derive(Select)]
#[orm(model = User)]
struct Friend {
    sessions: Vec<Self>,
}

fn main() {}
