use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(with = numbers)]
    tags: Vec<String>,
}

mod numbers {
    pub fn encode(numbers: &[i64]) -> String {
        format!("{numbers:?}")
    }

    pub fn decode(numbers: String) -> Result<Vec<i64>, std::num::ParseIntError> {
        numbers.split_whitespace().map(str::parse).collect()
    }
}

fn main() {}
