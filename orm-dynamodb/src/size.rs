//! How large values are: stored, and in a request.

use aws_sdk_dynamodb::types::AttributeValue;
use orm::Value;

use crate::attribute::to_attribute;

/// What stands around a value in a request: `{"S":""},`.
const AROUND: usize = 9;

/// What an attribute takes of an item, without its name, in bytes.
pub(crate) fn stored(attribute: &AttributeValue) -> usize {
    match attribute {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(text) => number(text),
        AttributeValue::Bool(_) | AttributeValue::Null(_) => 1,
        AttributeValue::L(items) => 3 + items.iter().map(|item| 1 + stored(item)).sum::<usize>(),
        AttributeValue::M(entries) => {
            3 + entries.iter().map(|(key, value)| key.len() + 1 + stored(value)).sum::<usize>()
        }
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        AttributeValue::Ns(numbers) => numbers.iter().map(|text| number(text)).sum(),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::Bs(several) => several.iter().map(|bytes| bytes.as_ref().len()).sum(),
        _ => 0,
    }
}

/// The same of a value; `None` for null, which is not stored.
pub(crate) fn stored_value(value: &Value) -> Option<usize> {
    match value {
        Value::Text(text) => Some(text.len()),
        Value::Bytes(bytes) => Some(bytes.len()),
        Value::Bool(_) => Some(1),
        Value::Integer(number) => Some(integer(*number)),
        other => to_attribute(other).as_ref().map(stored),
    }
}

/// What an attribute that is written takes of a request, at most: DynamoDB's JSON is several times what is stored of
/// numbers and booleans.
pub(crate) fn sent(attribute: &AttributeValue) -> usize {
    AROUND
        + match attribute {
            AttributeValue::S(text) => escaped(text),
            AttributeValue::N(text) => text.len(),
            AttributeValue::B(bytes) => in_base64(bytes.as_ref()),
            // `{"BOOL":false},` and `{"NULL":true},`
            AttributeValue::Bool(_) | AttributeValue::Null(_) => 6,
            AttributeValue::L(items) => items.iter().map(sent).sum(),
            AttributeValue::M(entries) => entries.iter().map(|(key, value)| 3 + escaped(key) + sent(value)).sum(),
            _ => 0,
        }
}

/// The same of a value.
pub(crate) fn sent_value(value: &Value) -> usize {
    match value {
        Value::Text(text) => AROUND + escaped(text),
        Value::Bytes(bytes) => AROUND + in_base64(bytes),
        // No number has more digits, with a sign and a point.
        Value::Integer(_) | Value::Decimal(_) => AROUND + 40,
        other => to_attribute(other).as_ref().map_or(0, sent),
    }
}

/// Bytes in JSON.
fn in_base64(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(3) * 4
}

/// A text in JSON, at most.
fn escaped(text: &str) -> usize {
    let quoted = text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
    let control = text.bytes().filter(|byte| *byte < b' ').count();
    text.len() + quoted + 5 * control
}

/// A byte for each two digits before the point, and for each two after it, one byte besides, and one for a minus. Zeros at
/// both ends do not count.
fn number(text: &str) -> usize {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, _) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let significant = mantissa.bytes().filter(u8::is_ascii_digit).enumerate().filter(|(_, digit)| *digit != b'0');
    let Some((first, _)) = significant.clone().next() else { return 1 };
    let end = significant.last().map_or(first, |(last, _)| last + 1);
    let point = digits(whole) as i64 + exponent.parse::<i64>().unwrap_or(0).clamp(-1000, 1000);
    let point = usize::try_from(point).unwrap_or(0).clamp(first, end);
    let minus = usize::from(mantissa.starts_with('-'));
    (point - first).div_ceil(2) + (end - point).div_ceil(2) + 1 + minus
}

/// As [`number`] has it, without the digits themselves.
fn integer(number: i128) -> usize {
    let mut magnitude = number.unsigned_abs();
    while magnitude != 0 && magnitude.is_multiple_of(10) {
        magnitude /= 10;
    }
    let digits = magnitude.checked_ilog10().map_or(0, |digits| digits as usize + 1);
    digits.div_ceil(2) + 1 + usize::from(number < 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_a_byte_for_two_digits_and_one_besides() {
        let sizes = [
            ("0", 1),
            ("-0", 1),
            ("0.000", 1),
            ("1", 2),
            ("-1", 3),
            ("42", 2),
            ("123", 3),
            ("12345", 4),
            ("1000", 2),
            ("0010", 2),
            ("1.5", 3),
            ("12.34", 3),
            ("0.05", 2),
            ("-0.125", 4),
            ("1e300", 2),
            ("1.25e1", 3),
            ("125e-1", 3),
            ("1.5E-7", 2),
        ];
        for (text, bytes) in sizes {
            assert_eq!(number(text), bytes, "{text}");
        }
    }

    /// The embedded engine's counts were measured on the service.
    #[cfg(feature = "embedded")]
    #[test]
    fn numbers_take_what_the_embedded_engine_counts() {
        let floats = [0.1, 1.0 / 3.0, 1e-7, 123_456.789, 5e-300, 1.7e308, 2e15, 100_000.0, -0.004_5]
            .map(|f| serde_json::json!(f));
        let texts = floats.iter().map(ToString::to_string).chain((-12..12).map(|power| format!("-1020.30e{power}")));
        for text in texts.chain((0..2_000).map(|n| n.to_string())) {
            assert_eq!(number(&text), dynoxide::types::number_size(&text), "{text}");
        }
    }

    #[test]
    fn a_value_takes_what_its_attribute_does() {
        let powers = (0..39).map(|n| 10_i128.pow(n));
        let numbers = powers.flat_map(|power| [0, 1, power - 1, power, -power, power + 1, power.saturating_mul(17)]);
        for value in numbers.map(Value::Integer).chain([Value::Text("ü".into()), Value::Bool(true), Value::Null]) {
            assert_eq!(stored_value(&value), to_attribute(&value).as_ref().map(stored), "{value:?}");
        }
    }
}
