use ui::User;

fn main() {
    let _ = User::create().emial("ada@x.dev");
}
