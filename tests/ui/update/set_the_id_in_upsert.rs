use orm::prelude::*;
use ui::User;

fn main() {
    let upsert = User::upsert(User::EMAIL.eq("a")).create(User::create().email("a").name("A"));
    let _ = upsert.update(|user| user.set(User::ID, "u2"));
}
