use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::find_many().filter(User::NAME.eq_field(User::LOGINS));
}
