use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::upsert(User::EMAIL.eq("a")).create(User::create().email("a"));
}
