use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::find_unique("u1");
}
