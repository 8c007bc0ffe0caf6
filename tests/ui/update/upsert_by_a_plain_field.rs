use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::upsert(User::NAME.eq("Ada"));
}
