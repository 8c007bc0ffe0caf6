use orm::prelude::*;
use ui::User;

fn stored(users: Vec<User>) {
    let _ = User::create_many(users);
}

fn main() {}
