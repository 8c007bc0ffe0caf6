use orm::prelude::*;
use ui::{Profile, User};

fn main() {
    let _ = User::find_many().select(User::PROFILE.order_by(Profile::ID.asc()));
}
