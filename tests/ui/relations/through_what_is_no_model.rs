use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(many_to_many(tags: Tag, through = PostTag, from = post_id, to = tag_id))]
struct Post {
    #[orm(id)]
    id: String,
}

#[derive(Model)]
#[orm(table = "tags")]
struct Tag {
    #[orm(id)]
    id: String,
}

struct PostTag;

fn main() {}
