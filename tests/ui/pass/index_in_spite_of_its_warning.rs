//! An index that DynamoDB has not is a warning, which the usual attribute on the struct or the module silences.

#![deny(warnings)]

use orm::prelude::*;

#[allow(deprecated, reason = "a driver may have such indexes")]
#[derive(Model)]
#[orm(table = "posts")]
#[orm(index(author_id, published))]
pub struct Post {
    #[orm(id)]
    pub id: String,
    pub author_id: String,
    #[orm(index)]
    pub published: bool,
}

mod others {
    #![allow(deprecated)]

    #[derive(orm::Model)]
    #[orm(table = "notes")]
    pub struct Note {
        #[orm(id)]
        pub id: String,
        #[orm(index)]
        pub tags: orm::Json<Vec<String>>,
    }
}

fn main() {
    assert_eq!(Post::schema().indexes().len(), 2);
    assert_eq!(others::Note::schema().indexes().len(), 1);
}
