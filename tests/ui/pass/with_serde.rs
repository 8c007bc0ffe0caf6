//! serde's derives, with attributes, on the same items.

use orm::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Model, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
#[orm(table = "users", rename_all = "snake_case")]
struct User {
    #[orm(id)]
    #[serde(rename = "_id")]
    id: String,
    #[serde(default)]
    first_name: Option<String>,
    #[serde(skip)]
    #[orm(default = State::On)]
    state: State,
    settings: Json<Settings>,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Settings {
    theme: String,
}

#[derive(Enumeration, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    #[default]
    On,
}

#[derive(Select, Serialize)]
#[orm(model = User)]
struct Card {
    #[serde(rename = "name")]
    first_name: Option<String>,
}

fn main() {
    let json = r#"{ "_id": "u1", "firstName": "Ada", "settings": { "theme": "dark" } }"#;
    let user: User = serde_json::from_str(json).unwrap();
    drop(User::insert(user.clone()));
    assert_eq!(user.settings.theme, "dark");
    // What is in a `Json`, by itself or borrowed.
    let settings: &Settings = &user.settings;
    drop((User::create().settings(settings), User::create().settings(&user.settings)));
    assert_eq!(serde_json::to_string(&Card { first_name: user.first_name }).unwrap(), r#"{"name":"Ada"}"#);
}
