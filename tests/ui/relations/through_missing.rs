use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(many_to_many(tags: Tag, from = post_id, to = tag_id))]
struct Post {
    #[orm(id)]
    id: String,
    author_id: String,
}

struct Tag;

fn main() {}
