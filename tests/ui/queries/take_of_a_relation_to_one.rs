use ui::User;

fn main() {
    let _ = User::PROFILE.take(1);
}
