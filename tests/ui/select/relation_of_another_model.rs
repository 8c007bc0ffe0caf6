use orm::prelude::*;
use ui::{Profile, User};

#[derive(Select)]
#[orm(model = User)]
struct Card {
    sessions: Vec<Bio>,
}

#[derive(Select)]
#[orm(model = Profile)]
struct Bio {
    bio: Option<String>,
}

fn main() {}
