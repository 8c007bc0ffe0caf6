use orm::prelude::*;
use ui::User;

async fn run(orm: &Orm) -> Result<User, Error> {
    User::upsert(User::EMAIL.eq("ada@x.dev")).exec(orm).await
}

fn main() {}
