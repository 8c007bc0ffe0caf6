use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::update(User::ID.eq("u1")).increment(User::NAME, 1);
}
