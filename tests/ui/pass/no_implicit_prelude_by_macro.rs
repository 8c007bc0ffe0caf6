//! A module that a macro leaves without a prelude.

use orm::query::IntoCreate as _;

macro_rules! bare {
    ($($item:item)*) => {
        mod bare { #![no_implicit_prelude] $($item)* }
    };
}

bare! {
    #[derive(::orm::Model)]
    #[orm(table = "posts", no_implicit_prelude)]
    pub struct Post {
        #[orm(id)]
        pub id: ::std::string::String,
        pub title: ::std::string::String,
    }
}

fn main() {
    drop(bare::Post::create().title("a").into_create());
    let _ = |post: bare::Post| (post.id, post.title);
}
