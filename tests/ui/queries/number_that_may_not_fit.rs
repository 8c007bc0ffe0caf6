use orm::prelude::*;
use ui::User;

fn main() {
    let big: i128 = 5;
    let _ = User::find_many().filter(User::LOGINS.eq(big));
}
