use orm::prelude::*;
use ui::{Session, User};

fn main() {
    let _ = |session: Session| User::insert(session);
}
