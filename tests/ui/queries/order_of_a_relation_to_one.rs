use ui::{Profile, User};

fn main() {
    let _ = User::PROFILE.order_by(Profile::ID.asc());
}
