//! Values as DynamoDB's attribute values, and back.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use orm::driver::document_number;
use orm::{FieldKind, Value, ValueError};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Document};

/// The attribute of a value; `None` for null, which is an absent attribute.
pub(crate) fn to_attribute(value: &Value) -> Option<AttributeValue> {
    Some(match value {
        Value::Bool(value) => AttributeValue::Bool(*value),
        Value::Integer(number) => AttributeValue::N(number.to_string()),
        Value::Decimal(number) => AttributeValue::N(number.to_string()),
        Value::Text(text) => AttributeValue::S(text.clone()),
        Value::Json(document) => document_attribute(document),
        Value::Null => return None,
    })
}

fn document_attribute(document: &Document) -> AttributeValue {
    match document {
        Document::Null => AttributeValue::Null(true),
        Document::Bool(value) => AttributeValue::Bool(*value),
        Document::Number(number) => AttributeValue::N(number.to_string()),
        Document::String(text) => AttributeValue::S(text.clone()),
        Document::Array(items) => AttributeValue::L(items.iter().map(document_attribute).collect()),
        Document::Object(entries) => {
            AttributeValue::M(entries.iter().map(|(key, value)| (key.clone(), document_attribute(value))).collect())
        }
    }
}

/// The value of an attribute, for a field of this kind.
///
/// Numbers stored as text (as the TypeScript package does with bigints and decimals) and `NULL` are read too.
/// A value of another kind is passed on as what it is: the field's type says what it expected.
///
/// # Errors
/// When the attribute is of a type that no field has, or a number that cannot be read.
#[inline]
pub(crate) fn from_attribute(kind: FieldKind, attribute: AttributeValue) -> Result<Value, ValueError> {
    if kind == FieldKind::Json {
        return Ok(match from_document(attribute)? {
            Document::Null => Value::Null,
            document => Value::Json(document),
        });
    }
    match attribute {
        AttributeValue::Null(_) => Ok(Value::Null),
        AttributeValue::Bool(value) => Ok(Value::Bool(value)),
        AttributeValue::S(text) => match kind {
            // In one notation: a text in another would not be equal to it in a condition.
            FieldKind::BigInt => number(&text, |text| text.parse().ok()).map(Value::Integer),
            FieldKind::Decimal => number(&text, decimal).map(Value::Decimal),
            _ => Ok(Value::Text(text)),
        },
        AttributeValue::N(text) => match kind {
            FieldKind::Integer | FieldKind::BigInt => number(&text, whole).map(Value::Integer),
            _ => number(&text, decimal).map(Value::Decimal),
        },
        AttributeValue::M(_) | AttributeValue::L(_) => from_document(attribute).map(Value::Json),
        _ => Err(ValueError::new("the stored attribute is binary or a set, which no field holds")),
    }
}

fn number<T>(text: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, ValueError> {
    parse(text).ok_or_else(|| ValueError::new(format!("the stored number {text:?} does not fit")))
}

fn decimal(text: &str) -> Option<Decimal> {
    let mantissa = text.split_once(['e', 'E']).map(|(mantissa, _)| mantissa);
    // `from_scientific` would round a mantissa that is too long.
    let exact = Decimal::from_str_exact(mantissa.unwrap_or(text)).ok()?;
    let number = if mantissa.is_some() { Decimal::from_scientific(text).ok()? } else { exact };
    Some(number.normalize())
}

/// Other writers and engines have other notations of whole numbers: `1E+3`, `5.0`.
fn whole(text: &str) -> Option<i128> {
    if let Ok(whole) = text.parse() {
        return Some(whole);
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (digits, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let number: i128 = format!("{digits}{fraction}").parse().ok()?;
    let power = exponent.parse::<i32>().ok()?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let factor = 10_i128.checked_pow(power.unsigned_abs())?;
    match power {
        0.. => number.checked_mul(factor),
        _ => (number % factor == 0).then_some(number / factor),
    }
}

fn from_document(attribute: AttributeValue) -> Result<Document, ValueError> {
    Ok(match attribute {
        AttributeValue::Null(_) => Document::Null,
        AttributeValue::Bool(value) => Document::Bool(value),
        AttributeValue::S(text) => Document::String(text),
        AttributeValue::N(text) => Document::Number(document_number(&text)?),
        AttributeValue::L(items) => Document::Array(items.into_iter().map(from_document).collect::<Result<_, _>>()?),
        AttributeValue::M(entries) => Document::Object(
            entries
                .into_iter()
                .map(|(key, value)| Ok((key, from_document(value)?)))
                .collect::<Result<Map<_, _>, ValueError>>()?,
        ),
        AttributeValue::Ss(items) => Document::Array(items.into_iter().map(Document::String).collect()),
        AttributeValue::Ns(items) => Document::Array(
            items.iter().map(|text| document_number(text).map(Document::Number)).collect::<Result<_, _>>()?,
        ),
        _ => return Err(ValueError::new("the stored document contains binary data, which JSON cannot hold")),
    })
}

/// The size of an attribute in bytes, as DynamoDB counts it, without its name.
pub(crate) fn size(attribute: &AttributeValue) -> usize {
    match attribute {
        AttributeValue::S(text) => text.len(),
        // Two significant digits a byte, and one byte besides. The service decides on the edge.
        AttributeValue::N(text) => text.trim_start_matches(['-', '0', '.']).trim_end_matches(['0', '.']).len() / 2 + 1,
        AttributeValue::Bool(_) | AttributeValue::Null(_) => 1,
        AttributeValue::L(items) => 3 + items.iter().map(|item| size(item) + 1).sum::<usize>(),
        AttributeValue::M(entries) => 3 + map_size(entries),
        AttributeValue::Ss(items) | AttributeValue::Ns(items) => items.iter().map(String::len).sum(),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        _ => 0,
    }
}

/// The size of a value's attribute; `None` for null, which has none.
pub(crate) fn value_size(value: &Value) -> Option<usize> {
    match value {
        Value::Text(text) => Some(text.len()),
        Value::Bool(_) => Some(1),
        Value::Integer(number) => Some(integer_size(number.unsigned_abs())),
        other => to_attribute(other).as_ref().map(size),
    }
}

/// As [`size`] has it, without the digits themselves.
fn integer_size(mut number: u128) -> usize {
    while number != 0 && number.is_multiple_of(10) {
        number /= 10;
    }
    number.checked_ilog10().map_or(0, |digits| digits as usize + 1) / 2 + 1
}

fn map_size(entries: &HashMap<String, AttributeValue>) -> usize {
    entries.iter().map(|(key, value)| key.len() + size(value) + 1).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn round_trip(kind: FieldKind, value: Value) {
        let attribute = to_attribute(&value).unwrap();
        assert_eq!(from_attribute(kind, attribute).unwrap(), value);
    }

    #[test]
    fn every_kind_comes_back_as_it_went() {
        round_trip(FieldKind::String, Value::Text("ü \"".into()));
        round_trip(FieldKind::Bool, Value::Bool(true));
        round_trip(FieldKind::Integer, Value::Integer(-5));
        round_trip(FieldKind::BigInt, Value::Integer(10_i128.pow(38) - 1));
        round_trip(FieldKind::Decimal, Value::Decimal("-0.0000001".parse().unwrap()));
        round_trip(FieldKind::DateTime, Value::Text("2026-01-02T03:04:05.006Z".into()));
        round_trip(
            FieldKind::Json,
            Value::Json(json!({"a": [1, 1.5, -2, 18446744073709551615_u64, null, true, {"b": ""}]})),
        );
    }

    #[test]
    fn the_size_of_a_value_is_that_of_its_attribute() {
        let powers = (0..39).map(|n| 10_i128.pow(n));
        let numbers = powers.flat_map(|power| [0, 1, power - 1, power, -power, power + 1, power.saturating_mul(17)]);
        for value in numbers.map(Value::Integer).chain([Value::Text("ü".into()), Value::Bool(true), Value::Null]) {
            assert_eq!(value_size(&value), to_attribute(&value).as_ref().map(size), "{value:?}");
        }
    }

    #[test]
    fn the_forms_of_the_typescript_package_are_read() {
        let read = |kind, attribute| from_attribute(kind, attribute).unwrap();
        assert_eq!(
            read(FieldKind::BigInt, AttributeValue::S("9007199254740993".into())),
            Value::Integer(9007199254740993)
        );
        assert_eq!(read(FieldKind::Decimal, AttributeValue::S("12.5".into())), Value::Decimal("12.5".parse().unwrap()));
        assert_eq!(read(FieldKind::String, AttributeValue::Null(true)), Value::Null);
        assert_eq!(read(FieldKind::Json, AttributeValue::Null(true)), Value::Null);
    }

    #[test]
    fn scientific_and_padded_decimals_are_normalised() {
        let read = |text: &str| from_attribute(FieldKind::Decimal, AttributeValue::N(text.into())).unwrap();
        assert_eq!(read("12.50"), Value::Decimal("12.5".parse().unwrap()));
        assert_eq!(read("1E+3"), Value::Decimal("1000".parse().unwrap()));
        assert_eq!(read("-12.5e-3"), Value::Decimal("-0.0125".parse().unwrap()));
        for text in
            ["1.23456789012345678901234567890123E+5", "1.23456789012345678901234567890123", "1e-29", "1e99", "e"]
        {
            for stored in [AttributeValue::N(text.into()), AttributeValue::S(text.into())] {
                assert!(from_attribute(FieldKind::Decimal, stored).is_err(), "{text}");
            }
        }
    }

    #[test]
    fn whole_numbers_are_read_in_any_notation() {
        let read = |kind, text: &str| from_attribute(kind, AttributeValue::N(text.into()));
        for (text, whole) in [
            ("5.0", 5),
            ("1E+3", 1000),
            ("-1.50e1", -15),
            ("100E-2", 1),
            ("+7", 7),
            ("0.0", 0),
            ("0.5e1", 5),
            ("9.9999999999999999999999999999999999999E+37", 10_i128.pow(38) - 1),
            ("1.000000000000000000000000000000000000000000000000", 1),
        ] {
            for kind in [FieldKind::Integer, FieldKind::BigInt] {
                assert_eq!(read(kind, text).unwrap(), Value::Integer(whole), "{text}");
            }
        }
        for text in ["1.5", "15e-1", "1e", "e3", "", ".", "1.-5", "1.+5", "1e39", "1e99999999999", "1e-99", "x"] {
            assert!(read(FieldKind::Integer, text).is_err(), "{text}");
        }
        assert!(from_attribute(FieldKind::BigInt, AttributeValue::S("5.0".into())).is_err());
    }

    #[test]
    fn what_no_field_holds_is_an_error() {
        assert!(from_attribute(FieldKind::String, AttributeValue::Ss(vec!["a".into()])).is_err());
        assert!(from_attribute(FieldKind::Integer, AttributeValue::N("1.5".into())).is_err());
        assert!(from_attribute(FieldKind::Decimal, AttributeValue::N("9".repeat(38))).is_err());
    }
}
