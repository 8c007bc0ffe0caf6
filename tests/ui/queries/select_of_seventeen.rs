use orm::prelude::*;
use ui::User;

fn main() {
    let id = User::ID;
    let _ = User::find_many().select((id, id, id, id, id, id, id, id, id, id, id, id, id, id, id, id, id));
}
