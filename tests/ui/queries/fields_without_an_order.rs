use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::find_many().filter(User::VERIFIED.lt_field(User::VERIFIED));
}
