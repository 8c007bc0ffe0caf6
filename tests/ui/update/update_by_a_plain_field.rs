use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::update(User::NAME.eq("Ada"));
}
