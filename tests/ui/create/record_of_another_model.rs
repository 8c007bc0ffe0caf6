use orm::prelude::*;
use ui::{Session, User};

fn main() {
    let _ = User::create_many([Session::create().user_id("u1")]);
}
