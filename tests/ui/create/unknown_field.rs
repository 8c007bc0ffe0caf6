use orm::prelude::*;
use ui::User;

async fn run(orm: &Orm) -> Result<User, Error> {
    User::create().emial("ada@x.dev").name("Ada").exec(orm).await
}

fn main() {}
