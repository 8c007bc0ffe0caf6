use orm::prelude::*;
use ui::User;

async fn run(orm: &Orm) -> Result<User, Error> {
    User::create().email("ada@x.dev").name(None).exec(orm).await
}

fn main() {}
