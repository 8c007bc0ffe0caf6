use ui::User;

fn main() {
    let _ = User::create().name(None);
}
