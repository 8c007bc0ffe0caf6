use orm::prelude::*;
use ui::Session;

async fn run(orm: &Orm) -> Result<Session, Error> {
    Session::create().user_id("u1").exec(orm).await
}

fn main() {}
