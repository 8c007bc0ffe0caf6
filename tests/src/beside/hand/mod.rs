//! What one would write by hand with the SDK for the same access: fixed expression texts, conditional writes, locks
//! compared with their records, structs made from items attribute by attribute.
//!
//! It is meant to be good code, of the kind that is written for one table at a time. It answers errors where `orm` would
//! try again, and tells nothing of their causes.

mod bulk;
pub mod items;
mod reads;
mod relations;
mod writes;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use super::Failure;

/// One item, by attribute.
pub type Item = HashMap<String, AttributeValue>;

const PK: &str = "__orm_pk";
const KIND: &str = "__orm_kind";
const TARGET: &str = "__orm_target";

/// How many reads are under way at once, and how many writes.
const READS_AT_ONCE: usize = 32;
const WRITES_AT_ONCE: usize = 16;

/// The functions of an application's storage layer.
#[derive(Clone, Debug)]
pub struct Hand {
    client: Client,
}

impl Hand {
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn record_key(id: &str) -> String {
    format!("record#{id}")
}

fn key(pk: impl Into<String>) -> Item {
    HashMap::from([(PK.to_owned(), text(pk))])
}

/// The lock of a text. Its characters are those of addresses and names.
fn lock_key(model: &str, field: &str, value: &str) -> String {
    let mut key = format!("unique#{model}#{field}#%22");
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => {
                key.push(char::from(byte));
            }
            byte => key.push_str(&format!("%{byte:02X}")),
        }
    }
    key.push_str("%22");
    key
}

fn lock(lock: String, target: &str) -> Item {
    HashMap::from([(PK.to_owned(), text(lock)), (KIND.to_owned(), text("unique")), (TARGET.to_owned(), text(target))])
}

fn conflict(what: &str) -> Failure {
    format!("{what} was changed by another writer").into()
}
