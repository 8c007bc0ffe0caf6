use orm::prelude::*;
use ui::User;

fn main() {
    let _ = Orm::new([User::schema()], orm::MemoryDriver::new());
}
