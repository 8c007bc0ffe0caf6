//! A struct of the program may have the name that the create builder has otherwise.

use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts", builder = NewPost)]
struct Post {
    #[orm(id)]
    id: String,
    title: String,
}

struct PostCreate {
    title: String,
}

fn main() {
    let request = PostCreate { title: "t".to_owned() };
    let _query: orm::query::Create<Post> = orm::query::IntoCreate::into_create(Post::create().title(request.title));
}
