use orm::prelude::*;
use ui::Profile;

#[derive(Select)]
#[orm(model = Profile)]
struct Card {
    bio: String,
}

fn main() {}
