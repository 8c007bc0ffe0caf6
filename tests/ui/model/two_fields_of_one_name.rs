use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    slug: String,
    #[orm(rename = "slug", column = "other")]
    other: String,
    #[orm(rename = "third")]
    one: String,
    #[orm(rename = "third")]
    two: String,
}

fn main() {}
