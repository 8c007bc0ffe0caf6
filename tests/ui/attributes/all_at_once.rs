use orm::prelude::*;

#[derive(Model)]
#[orm(tabel = "posts", rename_all = "camel")]
#[orm(index(writer_id), unique(slug, slug))]
struct Post {
    id: String,
    #[orm(uniqe)]
    slug: String,
    #[orm(default_now, default = 1)]
    author_id: String,
}

fn main() {}
