use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    title: &str,
    subtitle: Option<&str>,
}

async fn uses(orm: &Orm) -> Result<(), Error> {
    Post::create().title("t").exec(orm).await?;
    Post::find_many().filter(Post::TITLE.eq("t")).exec(orm).await?;
    Ok(())
}

fn main() {}
