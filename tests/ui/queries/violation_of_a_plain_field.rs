use orm::prelude::*;
use ui::User;

fn is_taken(error: &Error) -> bool {
    error.violates(User::NAME)
}

fn main() {}
