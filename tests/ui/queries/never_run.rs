#![deny(unused_must_use)]

use orm::prelude::*;
use ui::User;

fn main() {
    User::find_many().filter(User::NAME.eq("Ada"));
}
