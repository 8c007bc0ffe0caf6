//! Places in the results of a query, from which it can go on.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use crate::error::{Error, ErrorCode};
use crate::order::Order;
use crate::value::Value;

/// A place in the results of a query, as a text that only the driver that made it has to understand.
///
/// Applications get it inside a [`Cursor`](crate::Cursor), which adds what ties it to its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position(String);

impl Position {
    /// A position that the driver will understand again.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The driver's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The error for a position that the driver does not understand: another version of it made it, or the model has
    /// changed since.
    pub fn unreadable() -> Error {
        Error::new(
            ErrorCode::InvalidCursor,
            "the cursor was made for other indexes or by another version: start again from the first page",
        )
    }
}

/// A position in results that are in order: after the record that has these values of the order's fields and, among
/// records with equal values, this key. It stays in place when records are added or deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyset {
    /// The values of the order's fields.
    pub values: Vec<Value>,
    /// What tells apart the records whose values are equal, in byte order.
    pub key: String,
}

impl Keyset {
    /// Whether this comes before or after another one.
    pub fn compare(&self, order: &[Order], other: &Self) -> Ordering {
        let values = self.values.iter().zip(&other.values);
        let mut orderings = order.iter().zip(values).map(|(order, (a, b))| order.compare_values(a, b));
        orderings.find(|ordering| ordering.is_ne()).unwrap_or_else(|| self.key.cmp(&other.key))
    }

    /// The position of this place.
    pub fn position(&self) -> Position {
        let values: Vec<Json> = self.values.iter().map(value_to_json).collect();
        Position::new(json!([values, self.key]).to_string())
    }

    /// The place of a position that [`position`](Self::position) made.
    ///
    /// # Errors
    /// `InvalidCursor` when it is another one.
    pub fn parse(position: &Position) -> Result<Self, Error> {
        let document: Json = serde_json::from_str(position.as_str()).map_err(|_| Position::unreadable())?;
        let values = document.get(0).and_then(Json::as_array).ok_or_else(Position::unreadable)?;
        let key = document.get(1).and_then(Json::as_str).ok_or_else(Position::unreadable)?;
        let values: Option<Vec<Value>> = values.iter().map(value_from_json).collect();
        Ok(Self { values: values.ok_or_else(Position::unreadable)?, key: key.to_owned() })
    }
}

/// One letter for the kind, and the value: numbers as text, because JSON's are not exact, bytes in base64.
fn value_to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => json!({ "b": value }),
        Value::Integer(number) => json!({ "i": number.to_string() }),
        Value::Decimal(number) => json!({ "d": number.to_string() }),
        Value::Text(text) => json!({ "t": text }),
        Value::Bytes(bytes) => json!({ "x": URL_SAFE_NO_PAD.encode(bytes) }),
        Value::Json(document) => json!({ "j": document }),
    }
}

fn value_from_json(json: &Json) -> Option<Value> {
    if json.is_null() {
        return Some(Value::Null);
    }
    let (kind, value) = json.as_object()?.iter().next()?;
    Some(match kind.as_str() {
        "b" => Value::Bool(value.as_bool()?),
        "i" => Value::Integer(value.as_str()?.parse().ok()?),
        "d" => Value::Decimal(value.as_str()?.parse::<Decimal>().ok()?),
        "t" => Value::Text(value.as_str()?.to_owned()),
        "x" => Value::Bytes(URL_SAFE_NO_PAD.decode(value.as_str()?).ok()?),
        "j" => Value::Json(value.clone()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyset_survives_its_position() {
        let keyset = Keyset {
            values: vec![
                Value::Null,
                Value::Bool(true),
                Value::Integer(i128::from(u64::MAX) * 7),
                Value::Decimal(Decimal::new(-125, 1)),
                Value::Text("ü\"".into()),
                Value::Bytes(vec![0, 254, 255]),
            ],
            key: "record#1".into(),
        };
        assert_eq!(Keyset::parse(&keyset.position()).unwrap(), keyset);
    }

    #[test]
    fn what_is_no_keyset_is_an_error() {
        for text in [
            "",
            "null",
            "[]",
            "[[], 1]",
            "[[{}], \"k\"]",
            "[[{\"i\": 7}], \"k\"]",
            "[[{\"x\": 7}], \"k\"]",
            "[[{\"y\": 7}], \"k\"]",
        ] {
            let error = Keyset::parse(&Position::new(text)).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidCursor, "{text}");
        }
    }

    #[test]
    fn keysets_compare_as_the_order_says() {
        let at = |n: i128, key: &str| Keyset { values: vec![Value::Integer(n)], key: key.into() };
        let descending = [Order { field: 0, descending: true }];
        assert_eq!(at(2, "b").compare(&descending, &at(1, "a")), Ordering::Less);
        assert_eq!(at(1, "b").compare(&descending, &at(1, "a")), Ordering::Greater);
    }
}
