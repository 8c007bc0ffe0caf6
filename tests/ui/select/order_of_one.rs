use orm::prelude::*;
use ui::{Profile, User};

#[derive(Select)]
#[orm(model = User)]
struct Card {
    #[orm(order_by = Profile::ID.asc())]
    profile: Option<Profile>,
}

fn main() {}
