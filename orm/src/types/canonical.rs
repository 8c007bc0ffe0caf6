//! What a type gives as the value of its field, in the one form that drivers, lock keys and comparisons rely on.

use super::json;
use crate::error::ValueError;
use crate::kind::FieldKind;
use crate::value::{MAX_DIGITS, Value};

/// The value in its canonical form.
///
/// # Errors
/// When no field of this kind could hold it.
pub(crate) fn canonical(kind: FieldKind, value: Value) -> Result<Value, ValueError> {
    match (kind, value) {
        (FieldKind::Bool, value @ Value::Bool(_))
        | (FieldKind::String | FieldKind::Enum, value @ Value::Text(_))
        | (FieldKind::Bytes, value @ Value::Bytes(_)) => Ok(value),
        (FieldKind::Integer | FieldKind::BigInt, Value::Integer(number)) => whole(kind, number),
        (FieldKind::Decimal, Value::Decimal(number)) => Ok(Value::Decimal(number.normalize())),
        (FieldKind::DateTime, Value::Text(text)) => in_form(text, b"0000-00-00T00:00:00.000Z", kind),
        (FieldKind::Uuid, Value::Text(text)) => in_form(text, b"ffffffff-ffff-ffff-ffff-ffffffffffff", kind),
        (FieldKind::Json, Value::Json(document)) => json::canonical(document),
        (FieldKind::Json, Value::Null) => Ok(Value::Null),
        (_, Value::Null) => Err(ValueError::new(
            "its type gives null for a value, and only `None` of an `Option` is null: let it give another value",
        )),
        (_, other) => Err(ValueError::new(format!("its type is of the kind {kind}, and gives {}", other.describe()))),
    }
}

fn whole(kind: FieldKind, number: i128) -> Result<Value, ValueError> {
    let (min, max) = kind.whole_numbers();
    if (min..=max).contains(&number) {
        return Ok(Value::Integer(number));
    }
    Err(match kind {
        FieldKind::BigInt => too_many_digits(&number),
        _ => {
            ValueError::new(format!("its type is of the kind {kind}, and gives {number}, which has more than 64 bits"))
        }
    })
}

pub(super) fn too_many_digits(value: &dyn std::fmt::Display) -> ValueError {
    ValueError::new(format!(
        "{value} has more than {MAX_DIGITS} digits, the precision of a DynamoDB number; store it as a String"
    ))
}

/// Text in the one form that equal values have, whose order is theirs: `0` stands for a digit, `f` for a hexadecimal one.
fn in_form(text: String, form: &[u8], kind: FieldKind) -> Result<Value, ValueError> {
    let fits = |(byte, form): (u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        b'f' => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        _ => byte == *form,
    };
    if text.len() == form.len() && text.bytes().zip(form).all(fits) {
        return Ok(Value::Text(text));
    }
    Err(ValueError::new(format!(
        "its type is of the kind {kind}, and gives the text {text:?}, which does not have the form {}",
        String::from_utf8_lossy(form)
    )))
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use rust_decimal::Decimal;
    use serde_json::json;

    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn equal_values_become_the_same() {
        for (kind, given, expected) in [
            (
                FieldKind::Decimal,
                Value::Decimal(Decimal::from_str("1.50").unwrap()),
                Value::Decimal(Decimal::from_str("1.5").unwrap()),
            ),
            (FieldKind::Json, Value::Json(json!({"a": [1.0]})), Value::Json(json!({"a": [1]}))),
            (FieldKind::Json, Value::Json(json!(null)), Value::Null),
            (FieldKind::Json, Value::Null, Value::Null),
            (FieldKind::Integer, Value::Integer(i64::MIN.into()), Value::Integer(i64::MIN.into())),
            (FieldKind::BigInt, Value::Integer(10_i128.pow(38) - 1), Value::Integer(10_i128.pow(38) - 1)),
            (FieldKind::Enum, text("any"), text("any")),
            (FieldKind::Bytes, Value::Bytes(vec![0, 255]), Value::Bytes(vec![0, 255])),
            (FieldKind::DateTime, text("2026-01-02T03:04:05.006Z"), text("2026-01-02T03:04:05.006Z")),
            (
                FieldKind::Uuid,
                text("01234567-89ab-cdef-0123-456789abcdef"),
                text("01234567-89ab-cdef-0123-456789abcdef"),
            ),
        ] {
            // As text: decimals of one value are equal however many digits they have.
            assert_eq!(format!("{:?}", canonical(kind, given).unwrap()), format!("{expected:?}"));
        }
    }

    #[test]
    fn what_a_field_of_the_kind_cannot_hold_is_refused() {
        for (kind, given, why) in [
            (FieldKind::String, Value::Null, "its type gives null"),
            (FieldKind::String, Value::Integer(5), "of the kind string, and gives the number 5"),
            (FieldKind::String, Value::Bytes(vec![1]), "of the kind string, and gives binary data of 1 bytes"),
            (FieldKind::Bytes, text("a"), "of the kind bytes, and gives a text of 1 bytes"),
            (FieldKind::Decimal, Value::Integer(5), "of the kind decimal, and gives the number 5"),
            (FieldKind::Json, text("{}"), "of the kind json, and gives a text of 2 bytes"),
            (FieldKind::Integer, Value::Integer(i128::from(i64::MAX) + 1), "more than 64 bits"),
            (FieldKind::BigInt, Value::Integer(i128::MIN), "more than 38 digits"),
            (FieldKind::DateTime, text("2026-01-02T03:04:05Z"), "the form 0000-00-00T00:00:00.000Z"),
            (FieldKind::DateTime, text("2026-01-02T03:04:05.006+00:00"), "the form"),
            (FieldKind::Uuid, text("01234567-89AB-cdef-0123-456789abcdef"), "the form ffffffff-"),
        ] {
            let error = canonical(kind, given).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
