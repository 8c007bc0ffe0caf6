//! What the functions of `with` may look like: generic ones, and parameters that a reference to the field derefs to.

use orm::prelude::*;

#[derive(Model)]
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
    #[orm(with = encode)]
    depth: encode::Depth,
}

/// A module that is named like its function.
mod encode {
    pub struct Depth(pub u32);

    pub fn encode(depth: &Depth) -> u32 {
        depth.0
    }

    pub fn decode(depth: u32) -> Result<Depth, std::convert::Infallible> {
        Ok(Depth(depth))
    }
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
    assert_eq!(kinds, ["string", "string", "string", "json", "json", "integer"]);
    assert!(fields[2].is_nullable() && !fields[3].is_nullable());
    drop(Post::create().tags(vec![]).title("a").size((1, 2)).depth(encode::Depth(3)));
    drop(Post::find_unique(Post::TAGS_TITLE.eq(vec!["a".to_owned()], "b")).select((Post::SIZE, Post::VOTES)));
    let _ = |switch: globs::Switch| (switch.id, switch.flags);
    let _ = |post: Post| (post.id, post.tags, post.title, post.size, post.votes, post.depth);
}

/// A module that comes with a glob, and has the name of a crate.
mod globs {
    mod codecs {
        pub mod core {
            pub fn encode(flags: &[bool]) -> String {
                flags.iter().map(|flag| if *flag { '1' } else { '0' }).collect()
            }

            pub fn decode(flags: String) -> Result<Vec<bool>, std::convert::Infallible> {
                Ok(flags.chars().map(|flag| flag == '1').collect())
            }
        }
    }

    use codecs::*;
    use orm::prelude::*;

    #[derive(Model)]
    #[orm(table = "switches")]
    pub struct Switch {
        #[orm(id)]
        pub id: String,
        #[orm(with = core)]
        pub flags: Vec<bool>,
    }
}
