use orm::prelude::*;
use ui::{Profile, Session, User};

// What follows the mistake is not another one.
async fn run(orm: &Orm) -> Result<(), Error> {
    User::find_many().select((User::ID, Session::TOKEN)).take(1).exec(orm).await?;
    let profile = User::PROFILE.filter(Profile::BIO.is_not_null()).select((Profile::ID, User::NAME));
    User::find_first().select((User::ID, profile)).exec(orm).await?;
    Ok(())
}

fn main() {}
