use orm::prelude::*;
use ui::User;

async fn users(orm: &Orm) -> Result<Option<User>, Error> {
    User::find_many().exec(orm).await
}

fn main() {}
