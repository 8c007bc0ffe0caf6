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

    pub fn encode(duration: &Duration) -> f64 {
        duration.as_secs_f64()
    }

    pub fn decode(seconds: f64) -> Result<Duration, std::convert::Infallible> {
        Ok(Duration::from_secs_f64(seconds))
    }
}

fn main() {}
