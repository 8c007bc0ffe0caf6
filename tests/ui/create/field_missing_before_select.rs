use ui::User;

fn main() {
    let _ = User::create().name("Ada").select(User::ID);
}
