use ui::User;

fn main() {
    let _ = User::create().email("ada@x.dev").name(7);
}
