use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(unique("blog", "slug"))]
struct Post {
    #[orm(id)]
    id: String,
    blog: String,
    slug: String,
}

fn main() {}
