use orm::prelude::*;
use ui::{Session, User};

fn main() {
    let _ = User::find_unique(Session::TOKEN.eq("t"));
}
