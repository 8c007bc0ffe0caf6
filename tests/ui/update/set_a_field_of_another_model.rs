use orm::prelude::*;
use ui::{Session, User};

fn main() {
    let _ = User::update(User::ID.eq("u1")).set(Session::TOKEN, "t");
}
