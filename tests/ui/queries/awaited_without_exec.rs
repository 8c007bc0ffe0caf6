use orm::prelude::*;
use ui::User;

async fn users() -> Result<Vec<User>, Error> {
    User::find_many().await
}

fn main() {}
