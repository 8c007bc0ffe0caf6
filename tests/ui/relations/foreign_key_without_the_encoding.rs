use orm::prelude::*;

#[derive(Model)]
#[orm(table = "posts", belongs_to(topic: Topic, foreign_key = topic_id))]
struct Post {
    #[orm(id)]
    id: String,
    topic_id: String,
}

#[derive(Model)]
#[orm(table = "topics")]
struct Topic {
    #[orm(id, with = upper)]
    id: String,
}

mod upper {
    pub fn encode(text: &str) -> String {
        text.to_uppercase()
    }

    pub fn decode(text: String) -> Result<String, std::convert::Infallible> {
        Ok(text.to_lowercase())
    }
}

fn main() {}
