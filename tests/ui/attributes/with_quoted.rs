use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts")]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(with = "words")]
    tags: Vec<String>,
}

mod words {
    pub fn encode(words: &[String]) -> String {
        words.join(" ")
    }

    pub fn decode(words: String) -> Result<Vec<String>, std::convert::Infallible> {
        Ok(words.split_whitespace().map(str::to_owned).collect())
    }
}

fn main() {}
