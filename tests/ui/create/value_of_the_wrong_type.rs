use orm::prelude::*;
use ui::User;

async fn run(orm: &Orm) -> Result<User, Error> {
    User::create().email("ada@x.dev").name(7).exec(orm).await
}

fn main() {}
