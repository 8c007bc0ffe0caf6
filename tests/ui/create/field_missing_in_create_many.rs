use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::create_many([User::create().name("Ada")]);
}
