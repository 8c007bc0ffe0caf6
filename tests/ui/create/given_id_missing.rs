use orm::prelude::*;

#[derive(Model)]
#[orm(table = "articles")]
struct Article {
    #[orm(id(given))]
    slug: String,
    title: String,
}

async fn create(orm: &Orm) -> Result<Article, Error> {
    Article::create().title("Hello").exec(orm).await
}

fn main() {}
