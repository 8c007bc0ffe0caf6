use orm::prelude::*;
use ui::{Session, User};

fn main() {
    let _ = User::delete_many().filter(Session::TOKEN.eq("t"));
}
