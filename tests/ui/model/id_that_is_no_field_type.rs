use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
#[orm(unique(state), index(state, number))]
struct Post {
    #[orm(id)]
    number: Number,
    state: Option<State>,
}

struct Number(u64);

struct State;

fn main() {}
