use orm::prelude::*;
use ui::User;

async fn run(orm: &Orm) -> Result<User, Error> {
    User::create().name("Ada").select_as::<User>().exec(orm).await
}

fn main() {}
