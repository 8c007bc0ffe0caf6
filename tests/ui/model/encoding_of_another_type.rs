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
    pub fn encode(seconds: &i64) -> i64 {
        *seconds
    }

    pub fn decode(seconds: i64) -> Result<i64, std::convert::Infallible> {
        Ok(seconds)
    }
}

fn main() {}
