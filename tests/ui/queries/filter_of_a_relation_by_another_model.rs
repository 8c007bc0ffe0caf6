use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::find_many().select(User::SESSIONS.filter(User::NAME.eq("Ada")));
}
