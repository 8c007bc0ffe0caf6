use orm::prelude::*;
use ui::{Session, User};

fn main() {
    let _ = User::find_many().filter(User::NAME.eq_field(Session::TOKEN));
}
