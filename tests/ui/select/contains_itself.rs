use orm::prelude::*;
use ui::{Profile, User};

#[derive(Select)]
#[orm(model = User)]
struct Card {
    profile: Option<ProfileCard>,
}

#[derive(Select)]
#[orm(model = Profile)]
struct ProfileCard {
    bio: Option<String>,
}

#[derive(Select)]
#[orm(model = User)]
struct Friend {
    sessions: Vec<Friend>,
}

fn main() {}
