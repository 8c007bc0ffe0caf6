use orm::prelude::*;
use ui::{Tier, User};

fn main() {
    let _ = User::update_many().increment(User::TIER, Tier::Pro);
}
