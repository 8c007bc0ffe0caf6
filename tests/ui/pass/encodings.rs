//! What the functions of `with` may look like: generic ones, and parameters that a reference to the field derefs to.

use orm::prelude::*;

#[derive(Model, Debug, PartialEq)]
#[orm(table = "posts")]
#[orm(unique(tags, title))]
struct Post {
    #[orm(id)]
    id: String,
    #[orm(with = words)]
    tags: Vec<String>,
    #[orm(with = upper, unique)]
    title: String,
    #[orm(with = json)]
    size: Option<(u8, u8)>,
    #[orm(with = json, default = vec![1])]
    votes: Vec<u8>,
}

mod words {
    pub fn encode(words: &[String]) -> String {
        words.join(" ")
    }

    pub fn decode(words: String) -> Result<Vec<String>, std::convert::Infallible> {
        Ok(words.split_whitespace().map(str::to_owned).collect())
    }
}

mod upper {
    pub fn encode(text: &str) -> Option<String> {
        Some(text.to_uppercase())
    }

    pub fn decode(text: Option<String>) -> Result<String, &'static str> {
        text.ok_or("there is no text")
    }
}

mod json {
    pub fn encode<T: serde::Serialize>(value: &T) -> orm::Json<serde_json::Value> {
        orm::Json(serde_json::to_value(value).unwrap_or_default())
    }

    pub fn decode<T: serde::de::DeserializeOwned>(
        document: orm::Json<serde_json::Value>,
    ) -> Result<T, serde_json::Error> {
        serde_json::from_value(document.0)
    }
}

fn main() {
    let fields = Post::schema().fields();
    let kinds: Vec<String> = fields.iter().map(|field| field.kind().to_string()).collect();
    assert_eq!(kinds, ["string", "string", "string", "json", "json"]);
    assert!(fields[2].is_nullable() && !fields[3].is_nullable());
    drop(Post::create().tags(vec![]).title("a").size((1, 2)));
    drop(Post::find_unique(Post::TAGS_TITLE.eq(vec!["a".to_owned()], "b")).select((Post::SIZE, Post::VOTES)));
    let _ = |post: Post| (post.id, post.tags, post.title, post.size, post.votes);
}
