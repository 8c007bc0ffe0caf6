//! Properties of the format, for any values: keys do not collide, what was stored is read back, and nothing that is
//! stored makes the decoder panic.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use orm::prelude::*;
use orm::{FieldKind, Value};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::BoxedStrategy;
use rust_decimal::Decimal;
use serde_json::{Number, Value as Document, json};

use crate::attribute::{from_attribute, to_attribute};
use crate::idempotency::{Counts, Token};
use crate::item;
use crate::key::{lock_key, lock_prefix, record_key};
use crate::limits::MAX_KEY_BYTES;
use crate::size;
use crate::table::Item;

#[derive(Model)]
#[orm(table = "things")]
#[orm(unique(text, other))]
#[orm(unique(whole, amount))]
struct Thing {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    text: String,
    #[orm(unique)]
    other: Option<String>,
    #[orm(unique)]
    whole: i64,
    #[orm(unique)]
    big: i128,
    #[orm(unique)]
    amount: Decimal,
    #[orm(unique)]
    flag: bool,
    document: serde_json::Value,
}

/// Text of pieces that mean something in keys, some of it longer than a key can be.
fn text() -> BoxedStrategy<String> {
    let piece = prop::sample::select(vec![
        "#",
        "%",
        "%23",
        "%2523",
        "\"",
        "\\",
        "\\\"",
        "+",
        " ",
        "a",
        "é",
        "e\u{301}",
        "💥",
        "sha256:",
        "\0",
        "\n",
        "unique#thing#",
        "record#",
        "null",
        "0",
        "-",
        "'",
        "(",
        ")",
        "~",
        "!",
        "*",
    ]);
    prop_oneof![
        6 => prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat()),
        2 => any::<String>(),
        1 => (1000_usize..3000, "[ab]{1,2}").prop_map(|(length, end)| "x".repeat(length) + &end),
        // What a hash looks like.
        1 => "[ab]{2100}".prop_map(|long| record_key(&Value::Text(long)).replace("record#", "")),
    ]
    .boxed()
}

fn decimal() -> impl Strategy<Value = Decimal> {
    (any::<i64>(), 0_u32..28).prop_map(|(number, scale)| Decimal::new(number, scale).normalize())
}

fn thing() -> impl Strategy<Value = Vec<Value>> {
    let other = prop_oneof![1 => Just(Value::Null), 3 => text().prop_map(Value::Text)];
    let whole = prop_oneof![any::<i64>(), -2_i64..3].prop_map(|number| Value::Integer(number.into()));
    let big = prop_oneof![any::<i128>(), -2_i128..3].prop_map(Value::Integer);
    (text(), text(), other, whole, big, decimal(), any::<bool>()).prop_map(
        |(id, text, other, whole, big, amount, flag)| {
            vec![Value::Text(id), Value::Text(text), other, whole, big, Value::Decimal(amount), Value::Bool(flag)]
        },
    )
}

fn lock(constraint: &[usize], values: &[Value]) -> Option<String> {
    lock_key(Thing::schema(), constraint, |field| values.get(field).unwrap_or(&Value::Null))
}

/// A document whose numbers have one form only.
fn document() -> impl Strategy<Value = Document> {
    let leaf = prop_oneof![
        Just(Document::Null),
        any::<bool>().prop_map(Document::Bool),
        any::<i64>().prop_map(|number| json!(number)),
        any::<u64>().prop_map(|number| json!(number)),
        (-1e15_f64..1e15)
            .prop_filter("a whole number is an integer", |number| number.fract() != 0.0)
            .prop_map(|number| Number::from_f64(number).map_or(Document::Null, Document::Number)),
        text().prop_map(Document::String),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Document::Array),
            prop::collection::vec((text(), inner), 0..6).prop_map(|entries| entries.into_iter().collect()),
        ]
    })
}

/// Whatever can stand in a table.
fn attribute() -> BoxedStrategy<AttributeValue> {
    let number = prop_oneof![
        any::<i128>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.to_string()),
        "-?[0-9]{1,40}(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,4})?",
        any::<String>(),
    ];
    let leaf = prop_oneof![
        text().prop_map(AttributeValue::S),
        number.clone().prop_map(AttributeValue::N),
        any::<bool>().prop_map(AttributeValue::Bool),
        any::<bool>().prop_map(AttributeValue::Null),
        any::<Vec<u8>>().prop_map(|bytes| AttributeValue::B(Blob::new(bytes))),
        prop::collection::vec(text(), 0..4).prop_map(AttributeValue::Ss),
        prop::collection::vec(number, 0..4).prop_map(AttributeValue::Ns),
        prop::collection::vec(any::<Vec<u8>>(), 0..3)
            .prop_map(|sets| AttributeValue::Bs(sets.into_iter().map(Blob::new).collect())),
    ];
    leaf.prop_recursive(6, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(AttributeValue::L),
            prop::collection::hash_map(text(), inner, 0..5).prop_map(AttributeValue::M),
        ]
    })
    .boxed()
}

/// Some of them too long for a key.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![prop::collection::vec(any::<u8>(), 0..6), prop::collection::vec(0..2_u8, 1600..1602)]
}

const KINDS: [FieldKind; 10] = [
    FieldKind::String,
    FieldKind::Bool,
    FieldKind::Integer,
    FieldKind::BigInt,
    FieldKind::Decimal,
    FieldKind::DateTime,
    FieldKind::Json,
    FieldKind::Uuid,
    FieldKind::Enum,
    FieldKind::Bytes,
];

fn round_trip(kind: FieldKind, value: &Value) -> Value {
    let attribute = to_attribute(value).expect("it is not null");
    from_attribute(kind, attribute).expect("it was stored as such")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn locks_are_the_same_for_the_same_values_only(a in thing(), b in thing()) {
        for constraint in Thing::schema().uniques() {
            let fields = constraint.fields();
            let (of_a, of_b) = (lock(fields, &a), lock(fields, &b));
            let has_null = |values: &[Value]| fields.iter().any(|field| values[*field].is_null());
            prop_assert_eq!((of_a.is_none(), of_b.is_none()), (has_null(&a), has_null(&b)));
            let same = fields.iter().all(|field| a[*field] == b[*field]);
            if let (Some(of_a), Some(of_b)) = (of_a, of_b) {
                prop_assert_eq!(of_a == of_b, same, "{} and {}", of_a, of_b);
                prop_assert!(of_a.len() <= MAX_KEY_BYTES, "{} bytes", of_a.len());
            }
        }
    }

    #[test]
    fn locks_of_different_constraints_are_never_the_same(values in thing()) {
        let model = Thing::schema();
        for (place, constraint) in model.uniques().iter().enumerate() {
            let Some(lock) = lock(constraint.fields(), &values) else { continue };
            for (other, prefix) in model.uniques().iter().map(|other| lock_prefix(model, other.fields())).enumerate() {
                prop_assert_eq!(lock.starts_with(&prefix), place == other, "{} and {}", lock, prefix);
            }
            prop_assert!(!lock.starts_with(&lock_prefix(model, model.id_constraint())));
            prop_assert!(!lock.starts_with("record#"));
        }
    }

    /// The parts of a compound key do not run into each other.
    #[test]
    fn a_text_moved_from_one_part_to_the_other_is_another_value(a in text(), b in text(), c in text()) {
        let compound = [1, 2];
        let of = |first: String, second: String| lock(&compound, &[Value::Null, Value::Text(first), Value::Text(second)]);
        let (left, right) = (format!("{a}{b}"), format!("{b}{c}"));
        prop_assert_eq!(of(left.clone(), c.clone()) == of(a.clone(), right.clone()), left == a && right == c);
    }

    #[test]
    fn records_have_the_same_key_for_the_same_id_only(a in text(), b in text()) {
        let (of_a, of_b) = (record_key(&Value::Text(a.clone())), record_key(&Value::Text(b.clone())));
        prop_assert_eq!(of_a == of_b, a == b);
        prop_assert!(of_a.len() <= MAX_KEY_BYTES);
    }

    #[test]
    fn ids_of_bytes_have_the_same_key_for_the_same_id_only(a in bytes(), b in bytes()) {
        let (of_a, of_b) = (record_key(&Value::Bytes(a.clone())), record_key(&Value::Bytes(b.clone())));
        prop_assert_eq!(of_a == of_b, a == b);
        prop_assert!(of_a.len() <= MAX_KEY_BYTES);
    }

    #[test]
    fn every_kind_is_read_as_it_was_stored(
        text in text(), flag in any::<bool>(), whole in any::<i64>(), big in any::<i128>(), amount in decimal(), document in document(),
        bytes in bytes()
    ) {
        for (kind, value) in [
            (FieldKind::String, Value::Text(text.clone())),
            (FieldKind::DateTime, Value::Text(text.clone())),
            (FieldKind::Uuid, Value::Text(text.clone())),
            (FieldKind::Enum, Value::Text(text)),
            (FieldKind::Bool, Value::Bool(flag)),
            (FieldKind::Integer, Value::Integer(whole.into())),
            (FieldKind::BigInt, Value::Integer(big)),
            (FieldKind::Decimal, Value::Decimal(amount)),
            (FieldKind::Bytes, Value::Bytes(bytes)),
        ] {
            prop_assert_eq!(round_trip(kind, &value), value, "{:?}", kind);
        }
        let expected = if document.is_null() { Value::Null } else { Value::Json(document.clone()) };
        prop_assert_eq!(round_trip(FieldKind::Json, &Value::Json(document)), expected);
    }

    #[test]
    fn nothing_that_is_stored_makes_the_decoder_panic(attribute in attribute()) {
        let _ = (size::stored(&attribute), size::sent(&attribute));
        for kind in KINDS {
            let _ = from_attribute(kind, attribute.clone());
        }
    }

    #[test]
    fn no_item_makes_the_reader_panic(attributes in prop::collection::vec(prop::option::of(attribute()), 8 + 7)) {
        let model = Thing::schema();
        let internal =
            ["__orm_pk", "__orm_target", "__orm_taken", "__orm_once", "__orm_once7", "__orm_again", "__orm_writes"];
        let columns = model.fields().iter().map(|field| field.column()).chain(internal);
        let item: Item =
            columns.zip(attributes).filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        let all: Vec<usize> = (0..model.fields().len()).collect();
        let _ = item::values(model, &all, item.clone());
        let _ = (item::lock_target(&item), item::lock_stamp(&item), item::lock_taken_at(&item));
        let _ = crate::write::is_of_a_writer(&item);
        prop_assert!(!Token::new(None).is_in(&item));
        let counts = Counts::default();
        counts.note("table", "key", &item);
        let _ = Token::new(counts.last("table", "key")).is_left_open_by(&item);
    }
}

/// Times that no clock shows, as a hand may write them.
#[test]
fn tokens_and_stamps_of_any_time_are_read() {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let forever = format!("{}-00", u128::MAX);
    let mut item = Item::from([("__orm_taken".to_owned(), text(&forever))]);
    for slot in ["", "1", "2", "3", "4", "5", "6", "7"] {
        item.insert(format!("__orm_once{slot}"), text(&forever));
    }
    assert!(Token::new(None).is_left_open_by(&item));
    assert!(!crate::write::is_of_a_writer(&item), "nobody waits until then");
    item.insert("__orm_taken".to_owned(), text(&format!("{}-00", crate::clock::now() + 5_000)));
    assert!(crate::write::is_of_a_writer(&item), "a clock may be ahead");
}
