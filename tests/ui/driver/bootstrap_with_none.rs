use orm::prelude::*;
use ui::User;

fn main() {
    let _ = Orm::bootstrap(schema![User], String::new());
}
