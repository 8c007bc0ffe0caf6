use orm::prelude::*;
use ui::User;

async fn second(orm: &Orm) -> Result<Page<User>, Error> {
    let page = User::find_many().page(10).exec(orm).await?;
    User::find_many().page(10).after(page.next).exec(orm).await
}

fn main() {}
