//! What the derives make.

#[allow(dead_code)]
mod models;

use models::*;
use orm::prelude::*;
use orm::FieldKind;

#[test]
fn the_schema_of_the_users() {
    let schema = User::schema();
    assert_eq!(schema.name(), "user");
    assert_eq!(schema.table(), "users");
    assert_eq!(schema.description(), "A person who signs in.\n\nSigns in by `email`.");
    assert_eq!(schema.fields()[6].kind(), FieldKind::BigInt);
}
