use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::update(User::EMAIL.eq("ada@x.dev")).set(User::ID, "u2");
}
