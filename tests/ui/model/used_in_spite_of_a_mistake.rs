use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(uniqe)]
    slug: String,
}

fn main() {
    let _ = Post::find_unique(Post::SLUG.eq("first"));
    let _ = Post::create().slug("first").select(Post::ID);
    let _ = schema![Post];
}
