use orm::prelude::*;
use ui::User;

fn main() {
    let _ = User::find_many().order_by(User::VERIFIED.asc());
}
