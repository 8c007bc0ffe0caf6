use orm::prelude::*;
use ui::User;

fn main() {
    struct Client;
    let _ = Orm::from_runtime(schema![User], Client);
}
