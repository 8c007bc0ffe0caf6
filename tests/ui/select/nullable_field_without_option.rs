use orm::prelude::*;
use ui::{Profile, User};

#[derive(Select)]
#[orm(model = Profile)]
struct Card {
    bio: String,
}

fn main() {}
