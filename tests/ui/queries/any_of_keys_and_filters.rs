use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::find_many().filter(any([User::ID.eq("u1"), User::NAME.eq("Ada")]));
}
