use orm::prelude::*;
use ui::User;

// What follows the mistake is not another one.
async fn run(orm: &Orm) -> Result<(), Error> {
    User::find_many().select_as::<String>().take(1).exec(orm).await?;
    Ok(())
}

fn main() {}
