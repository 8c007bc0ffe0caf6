use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(with = seconds)]
    limit: std::time::Duration,
}

fn main() {}
