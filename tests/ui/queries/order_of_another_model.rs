use orm::prelude::*;
use ui::{Session, User};

fn main() {
    let _ = User::find_many().order_by(Session::TOKEN.asc());
}
