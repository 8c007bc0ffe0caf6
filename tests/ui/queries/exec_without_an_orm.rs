use orm::prelude::*;
use ui::User;

async fn users() -> Result<Vec<User>, Error> {
    User::find_many().exec().await
}

fn main() {}
