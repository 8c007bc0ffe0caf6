use orm::prelude::*;
use ui::{Profile, User};

#[derive(Select)]
#[orm(model = User)]
struct Card {
    #[orm(filter = Profile::BIO.is_not_null(), take = 1)]
    profile: Option<Profile>,
}

fn main() {}
