use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(many_to_many(tags: Tag, through = PostTag, from = tag_id, to = tag_id))]
struct Post {
    #[orm(id)]
    id: String,
    author_id: String,
}

#[derive(Model)]
#[orm(table = "tags")]
struct Tag {
    #[orm(id)]
    id: String,
}

#[derive(Model)]
#[orm(table = "post_tags")]
struct PostTag {
    #[orm(id)]
    id: String,
    post_id: String,
    tag_id: String,
    number: i64,
}

fn main() {}
