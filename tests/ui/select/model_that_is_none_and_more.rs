use orm::prelude::*;

#[derive(Select)]
#[orm(model = Author)]
struct Card {
    id: String,
    name: String,
    #[orm(filter = Post::TITLE.eq("Notes"), take = 3)]
    posts: Vec<Post>,
}

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    title: String,
}

struct Author;

fn main() {}
