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
    pub fn from_text(text: &str) -> Option<u64> {
        text.parse().ok()
    }
}

fn main() {}
