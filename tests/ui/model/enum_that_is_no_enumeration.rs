use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    state: State,
}

enum State {
    Draft,
}

fn main() {}
