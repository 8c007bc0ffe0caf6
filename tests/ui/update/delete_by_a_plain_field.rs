use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::delete(User::NAME.eq("Ada"));
}
