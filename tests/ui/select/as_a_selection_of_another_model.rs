use orm::prelude::*;
use ui::{Profile, User};

#[derive(Select)]
#[orm(model = Profile)]
struct Bio {
    bio: Option<String>,
}

fn main() {
    let _ = User::find_many().select_as::<Bio>();
}
