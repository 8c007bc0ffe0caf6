use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::delete_many().filter((User::ID.eq("u1"), User::NAME.eq("Ada")));
}
