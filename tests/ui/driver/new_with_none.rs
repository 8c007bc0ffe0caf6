use orm::prelude::*;
use ui::User;

fn main() {
    let _ = Orm::new(schema![User], "dynamodb://localhost");
}
