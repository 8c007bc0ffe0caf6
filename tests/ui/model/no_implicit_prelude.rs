#![no_implicit_prelude]

use ::orm::Model;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: ::std::string::String,
    title: ::std::string::String,
}

fn main() {}
