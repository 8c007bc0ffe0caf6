use orm::prelude::*;

fn slug() -> String {
    "hello".to_owned()
}

#[derive(Model)]
#[orm(table = "articles")]
struct Article {
    #[orm(id(given), default_with = slug)]
    slug: String,
}

fn main() {}
