use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::find_many().filter(User::LOGINS.eq("7"));
}
