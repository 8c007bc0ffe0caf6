use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post(String);

fn main() {
    let _ = Post::find_many().take(3);
    let _ = schema![Post];
}
