use orm::prelude::*;
use ui::{Session, User};

fn main() {
    let _ = User::find_many().filter(Session::TOKEN.eq("t"));
}
