//! The keys of stored items: `record#<id>` and `unique#<model>#<fields>#<values>`.
//!
//! The format is that of the npm package `@farming-labs/orm-dynamodb`, so that both can share a table.

use std::fmt::Write as _;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use orm::schema::{FieldSchema, ModelSchema};
use orm::{FieldKind, Value};
use serde_json::Value as Document;
use sha2::{Digest, Sha256};

use crate::limits::MAX_KEY_BYTES;

/// The partition key of every table, a string.
pub(crate) const PARTITION_KEY: &str = "__orm_pk";
/// What an item is: [`RECORD`] or [`UNIQUE`].
pub(crate) const ITEM_KIND: &str = "__orm_kind";
/// Of a lock: the partition key of the record that has the value.
pub(crate) const LOCK_TARGET: &str = "__orm_target";
/// Of a lock: when it was taken, in milliseconds since 1970, and a random number. Our own addition to the format; see
/// `write::orphan`.
pub(crate) const LOCK_STAMP: &str = "__orm_taken";
/// The kind of records.
pub(crate) const RECORD: &str = "record";
/// The kind of locks.
pub(crate) const UNIQUE: &str = "unique";

/// What stands before the hash of a value that would make its key too long.
const HASHED: &str = "sha256:";

/// The key of the record with this id.
pub(crate) fn record_key(id: &Value) -> String {
    let plain;
    let text = match id {
        Value::Text(text) => text,
        other => {
            plain = plain_text(other);
            &plain
        }
    };
    let mut key = String::with_capacity(RECORD.len() + 1 + text.len());
    key.extend([RECORD, "#", text]);
    // An id that looks like a hash is hashed too, so that it cannot be mistaken for another's.
    bounded(key, RECORD.len() + 1, text.starts_with(HASHED))
}

/// What comes after the prefix of a record's key: its id, or the hash of it. `None` for a key of something else.
pub(crate) fn id_in_key(key: &str) -> Option<&str> {
    key.strip_prefix(RECORD)?.strip_prefix('#')
}

/// Whether this is the key of the record with this id.
pub(crate) fn is_record_key(key: &str, id: &Value) -> bool {
    match (id_in_key(key), id) {
        // As it mostly is; what is equal otherwise is found out the long way.
        (Some(plain), Value::Text(text)) if plain == text && !text.starts_with(HASHED) => true,
        _ => record_key(id) == key,
    }
}

/// The key of the lock for the values of a constraint, given by the places of its fields, or `None` when one of them is
/// null: nulls are not unique.
pub(crate) fn lock_key<'a>(
    model: &ModelSchema,
    constraint: &[usize],
    value: impl Fn(usize) -> &'a Value,
) -> Option<String> {
    let mut key = lock_prefix(model, constraint);
    let prefix = key.len();
    for (place, index) in constraint.iter().enumerate() {
        let (field, value) = (model.field(*index), value(*index));
        if value.is_null() {
            return None;
        }
        if place > 0 {
            key.push('#');
        }
        push_value(field, value, &mut key);
    }
    Some(bounded(key, prefix, false))
}

/// What the keys of all locks of a constraint begin with, and those of no other constraint.
pub(crate) fn lock_prefix(model: &ModelSchema, constraint: &[usize]) -> String {
    let mut prefix = String::with_capacity(64);
    for part in [UNIQUE, "#", model.name(), "#"] {
        prefix.push_str(part);
    }
    for (place, field) in constraint.iter().enumerate() {
        if place > 0 {
            prefix.push('+');
        }
        prefix.push_str(model.field(*field).name());
    }
    prefix.push('#');
    prefix
}

/// The key, with a hash in place of all that comes after its prefix if it is too long.
fn bounded(mut key: String, prefix: usize, hash: bool) -> String {
    if !hash && key.len() <= MAX_KEY_BYTES {
        return key;
    }
    let digest = Sha256::digest(key.get(prefix..).unwrap_or_default());
    key.truncate(prefix);
    key.push_str(HASHED);
    for byte in digest {
        // Writing to a string cannot fail.
        let _ = write!(key, "{byte:02x}");
    }
    key
}

/// A value as text, without any quotes; bytes in base64, with the letters of URLs and without padding.
pub(crate) fn plain_text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Bytes(bytes) => URL_SAFE_NO_PAD.encode(bytes),
        Value::Json(document) => in_order(document).to_string(),
        Value::Null => String::new(),
    }
}

/// The document with its keys in order: with a feature that any crate of a program may turn on, `serde_json` keeps them as
/// they come, and equal documents must have one key.
fn in_order(document: &Document) -> Document {
    match document {
        Document::Array(items) => items.iter().map(in_order).collect(),
        Document::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().map(|(key, value)| (key.clone(), in_order(value))).collect();
            entries.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            entries.into_iter().collect()
        }
        other => other.clone(),
    }
}

/// Adds the value's JSON text, encoded: strings, decimals and bytes with quotes, numbers, datetimes and bigints bare.
fn push_value(field: &FieldSchema, value: &Value, key: &mut String) {
    let mut encoded = UriComponent(key);
    match (field.kind(), value) {
        (FieldKind::DateTime, value) => encoded.push(plain_text(value).as_bytes()),
        // Text can be written as JSON, and writing to a string cannot fail.
        (_, Value::Text(text)) => serde_json::to_writer(encoded, text).unwrap_or_default(),
        (_, value @ (Value::Decimal(_) | Value::Bytes(_))) => {
            encoded.push(format!("\"{}\"", plain_text(value)).as_bytes());
        }
        (_, value) => encoded.push(plain_text(value).as_bytes()),
    }
}

/// A text to whose end bytes are written as by JavaScript's `encodeURIComponent`: everything but letters, digits and
/// `-_.!~*'()` as `%XX`.
struct UriComponent<'t>(&'t mut String);

impl UriComponent<'_> {
    fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(byte) {
                self.0.push(char::from(*byte));
            } else {
                let _ = write!(self.0, "%{byte:02X}");
            }
        }
    }
}

impl io::Write for UriComponent<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use orm::prelude::*;
    use rust_decimal::Decimal;

    use super::*;

    #[derive(Model)]
    #[orm(table = "accounts", rename_all = "camelCase")]
    #[orm(unique(provider, account_id))]
    struct Account {
        #[orm(id)]
        id: String,
        provider: String,
        account_id: String,
        #[orm(unique)]
        balance: Decimal,
        #[orm(unique)]
        quota: i128,
        #[orm(unique)]
        revision: i64,
        #[orm(unique)]
        nickname: Option<String>,
    }

    fn key(constraint: usize, values: &[(usize, Value)]) -> Option<String> {
        let model = Account::schema();
        lock_key(model, model.uniques()[constraint].fields(), |field| {
            values.iter().find(|(index, _)| *index == field).map_or(&Value::Null, |(_, value)| value)
        })
    }

    fn text(value: &str) -> Value {
        Value::Text(value.into())
    }

    #[test]
    fn keys_are_those_of_the_typescript_package() {
        assert_eq!(record_key(&text("ü#2/ %")), "record#ü#2/ %");
        assert_eq!(record_key(&Value::Integer(7)), "record#7");
        assert_eq!(
            key(4, &[(1, text("git#hub")), (2, text("x+y#z"))]).unwrap(),
            "unique#account#provider+accountId#%22git%23hub%22#%22x%2By%23z%22"
        );
        assert_eq!(
            key(3, &[(6, text("weird #+\"é'()*!~/%@x.dev"))]).unwrap(),
            "unique#account#nickname#%22weird%20%23%2B%5C%22%C3%A9'()*!~%2F%25%40x.dev%22"
        );
        assert_eq!(
            key(0, &[(3, Value::Decimal("0.001".parse().unwrap()))]).unwrap(),
            "unique#account#balance#%220.001%22"
        );
        assert_eq!(
            key(1, &[(4, Value::Integer(-12345678901234567890))]).unwrap(),
            "unique#account#quota#-12345678901234567890"
        );
        assert_eq!(key(2, &[(5, Value::Integer(-1))]).unwrap(), "unique#account#revision#-1");
    }

    #[test]
    fn null_has_no_lock() {
        assert_eq!(key(3, &[(6, Value::Null)]), None);
        assert_eq!(key(4, &[(1, text("github"))]), None);
    }

    #[test]
    fn long_values_are_hashed_and_stay_apart() {
        let (a, b) = ("a".repeat(3000), "a".repeat(2999) + "b");
        let (a, b) = (key(3, &[(6, text(&a))]).unwrap(), key(3, &[(6, text(&b))]).unwrap());
        assert!(a.starts_with("unique#account#nickname#sha256:") && a.len() < 100);
        assert_ne!(a, b);
    }

    #[test]
    fn keys_of_up_to_2048_bytes_are_not_hashed() {
        let of = |bytes: usize| key(3, &[(6, text(&"a".repeat(bytes)))]).unwrap();
        let most = MAX_KEY_BYTES - of(0).len();
        assert_eq!(of(most), format!("unique#account#nickname#%22{}%22", "a".repeat(most)));
        assert!(of(most + 1).starts_with("unique#account#nickname#sha256:"));
    }

    #[test]
    fn an_id_cannot_pose_as_a_hash() {
        let long = "x".repeat(3000);
        let hashed = record_key(&text(&long));
        let posing = hashed.strip_prefix("record#").unwrap();
        assert_ne!(record_key(&text(posing)), hashed);
    }

    #[test]
    fn values_do_not_run_into_each_other() {
        let split = |a: &str, b: &str| key(4, &[(1, text(a)), (2, text(b))]).unwrap();
        assert_ne!(split("a#b", "c"), split("a", "b#c"));
        assert_ne!(split("a\"", "b"), split("a", "\"b"));
    }
}
