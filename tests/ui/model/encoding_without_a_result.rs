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
    use std::time::Duration;

    pub fn encode(duration: &Duration) -> u32 {
        duration.as_secs() as u32
    }

    pub fn decode(seconds: u32) -> Duration {
        Duration::from_secs(seconds.into())
    }
}

fn main() {}
