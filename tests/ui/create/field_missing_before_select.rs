use orm::prelude::*;
use ui::User;

async fn run(orm: &Orm) -> Result<String, Error> {
    User::create().name("Ada").select(User::ID).exec(orm).await
}

fn main() {}
