use orm::prelude::*;
use ui::{Session, User};

fn main() {
    let _ = User::find_many().select(User::PROFILE.select(Session::TOKEN));
}
