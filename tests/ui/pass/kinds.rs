//! Every kind of field, each also as an `Option`.

use chrono::{DateTime, Utc};
use orm::prelude::*;
use rust_decimal::Decimal;

#[derive(Model)]
#[orm(table = "kinds", index(text, number), index(date), index(bytes))]
#[allow(dead_code)]
struct Kinds {
    #[orm(id)]
    id: uuid::Uuid,
    text: String,
    flag: bool,
    number: i16,
    large: u64,
    largest: u128,
    decimal: Decimal,
    #[orm(default_now)]
    date: DateTime<Utc>,
    #[orm(default_now)]
    maybe_date: Option<DateTime<Utc>>,
    bytes: Vec<u8>,
    hash: [u8; 32],
    document: Json<Vec<String>>,
    value: serde_json::Value,
    maybe_text: Option<String>,
    maybe_flag: Option<bool>,
    maybe_number: Option<u8>,
    maybe_decimal: Option<Decimal>,
    maybe_document: Option<Json<(i32, String)>>,
    maybe_uuid: Option<uuid::Uuid>,
    maybe_bytes: Option<Vec<u8>>,
    maybe_hash: Option<[u8; 16]>,
}

fn main() {
    let create = Kinds::create().text("a").flag(true).number(-3).large(4).largest(5).decimal(Decimal::ONE);
    let create = create.bytes(b"some").hash([0; 32]).maybe_bytes(vec![1]).maybe_hash(None);
    let create = create.document(vec!["a".to_owned()]).value(serde_json::Value::Null).maybe_text("b").maybe_number(3);
    drop(create.maybe_document((1, "a".to_owned())).maybe_flag(None).select(Kinds::ID));
    drop(Kinds::find_many().filter(Kinds::MAYBE_TEXT.is_null().or(Kinds::NUMBER.between(1, 3))));
    let bytes = vec![1, 2];
    drop(Kinds::BYTES.eq(&bytes).or(Kinds::MAYBE_BYTES.lt(bytes.as_slice())).or(Kinds::HASH.gte([7; 32])));
    drop(Kinds::BYTES.is_in([bytes.as_slice(), b"else"]).and(Kinds::MAYBE_HASH.is_null()));
    drop(Kinds::update_many().increment(Kinds::DECIMAL, Decimal::ONE).decrement(Kinds::MAYBE_NUMBER, 1));
    drop(Kinds::find_many().order_by((Kinds::MAYBE_DATE.desc(), Kinds::MAYBE_UUID.asc(), Kinds::LARGEST.asc())));
}
