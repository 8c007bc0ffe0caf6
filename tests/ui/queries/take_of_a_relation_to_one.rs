use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::find_many().select(User::PROFILE.take(1));
}
