use orm::prelude::*;
use ui::User;

fn main() {
    let of = |id| User::ID.eq(id);
    let many = (of("1"), of("2"), of("3"), of("4"), of("5"), of("6"), of("7"), of("8"), of("9"));
    let _ = User::find_many().filter(any(many));
}
