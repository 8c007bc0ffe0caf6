use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::update_many().set(User::ID, "u2");
}
