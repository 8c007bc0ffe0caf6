//! Values as DynamoDB's attribute values, and back.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use orm::driver::document_number;
use orm::{FieldKind, Value, ValueError};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Document};

use crate::map;

/// The attribute of a value; `None` for null, which is an absent attribute.
pub(crate) fn to_attribute(value: &Value) -> Option<AttributeValue> {
    Some(match value {
        Value::Bool(value) => AttributeValue::Bool(*value),
        Value::Integer(number) => AttributeValue::N(number.to_string()),
        Value::Decimal(number) => AttributeValue::N(number.to_string()),
        Value::Text(text) => AttributeValue::S(text.clone()),
        Value::Bytes(bytes) => AttributeValue::B(Blob::new(bytes.clone())),
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
            AttributeValue::M(map::of(entries.iter().map(|(key, value)| (key.clone(), document_attribute(value)))))
        }
    }
}

/// The value of an attribute, for a field of this kind.
///
/// Numbers stored as text (as the TypeScript package does with bigints and decimals) and `NULL` are read too.
/// A value of another kind is passed on as what it is: the field's type says what it expected.
///
/// # Errors
/// When the attribute is of a type that no field has, a number that cannot be read, or binary where bytes are not expected, or
/// the other way about.
#[inline]
pub(crate) fn from_attribute(kind: FieldKind, attribute: AttributeValue) -> Result<Value, ValueError> {
    if kind == FieldKind::Json {
        return Ok(match from_document(attribute)? {
            Document::Null => Value::Null,
            document => Value::Json(document),
        });
    }
    if kind == FieldKind::Bytes {
        return match attribute {
            AttributeValue::B(bytes) => Ok(Value::Bytes(bytes.into_inner())),
            AttributeValue::Null(_) => Ok(Value::Null),
            _ => Err(ValueError::new("the stored attribute is not binary, as that of a field of bytes is")),
        };
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
        AttributeValue::B(_) => Err(ValueError::new("the stored attribute is binary, which only fields of bytes hold")),
        _ => Err(ValueError::new("the stored attribute is a set, which no field holds")),
    }
}

fn number<T>(text: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, ValueError> {
    parse(text).ok_or_else(|| ValueError::new(format!("the stored number {text:?} does not fit")))
}

fn decimal(text: &str) -> Option<Decimal> {
    if let Ok(exact) = Decimal::from_str_exact(text) {
        return Some(exact.normalize());
    }
    let (number, power) = scientific(text)?;
    let scale = power.min(0).unsigned_abs();
    Decimal::try_from_i128_with_scale(scaled_up(number, power)?, scale).ok()
}

/// Other writers and engines have other notations of whole numbers: `1E+3`, `5.0`.
fn whole(text: &str) -> Option<i128> {
    if let Ok(whole) = text.parse() {
        return Some(whole);
    }
    let (number, power) = scientific(text)?;
    if power < 0 { None } else { scaled_up(number, power) }
}

/// Whether DynamoDB has this number: of at most 38 digits, from 1E-130 to 9.9..E+125, or zero.
pub(crate) fn is_number(text: &str) -> bool {
    let Some((number, power)) = scientific(text) else { return false };
    let Some(after_first) = number.unsigned_abs().checked_ilog10() else { return true };
    after_first < 38
        && i32::try_from(after_first).is_ok_and(|digits| (-130..=125).contains(&power.saturating_add(digits)))
}

/// The digits of a number in any notation, without zeros at the end, and the power of ten that they are multiplied by.
fn scientific(text: &str) -> Option<(i128, i32)> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    let zeros = digits.len() - significant.len();
    if zeros > 0 && matches!(significant, "" | "-" | "+") {
        return Some((0, 0));
    }
    let power = exponent.checked_add(i32::try_from(zeros).ok()?)?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    Some((significant.parse().ok()?, power))
}

/// The number times ten to this power, if that is not negative.
fn scaled_up(number: i128, power: i32) -> Option<i128> {
    number.checked_mul(10_i128.checked_pow(power.max(0).unsigned_abs())?)
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

#[cfg(test)]
mod tests;
