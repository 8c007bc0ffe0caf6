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
mod tests;
