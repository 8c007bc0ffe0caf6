use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(with = seconds)]
    limit: std::time::Duration,
}

mod seconds {
    pub fn encode(limit: &std::time::Duration) -> u64 {
        limit.as_secs()
    }
}

fn main() {}
