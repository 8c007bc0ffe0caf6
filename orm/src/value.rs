//! Values on their way between a model and a driver.

use std::cmp::Ordering;

use rust_decimal::Decimal;

/// The most digits that a bigint or decimal can have: the precision of a DynamoDB number.
pub(crate) const MAX_DIGITS: u32 = 38;

/// The greatest whole number of [`MAX_DIGITS`] digits.
pub(crate) const MAX_WHOLE: i128 = 10_i128.pow(MAX_DIGITS) - 1;

/// A value as drivers see it. Its field's [`FieldKind`](crate::FieldKind) says how to read it:
/// strings, enumerations, uuids and datetimes are all [`Text`](Value::Text).
///
/// Values are canonical, so that equal values are equal here and what was written is what is read back:
/// decimals carry no trailing zeros, datetimes are ISO 8601 with three fraction digits and `Z`,
/// uuids have hyphens and lower case, JSON numbers without a fraction are integers.
///
/// A driver that does not know a kind of value must not store something else: a new variant is a breaking change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// No value: a nullable field that is `None`.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer or bigint.
    Integer(i128),
    /// A decimal.
    Decimal(Decimal),
    /// A string, an enumeration's name, a uuid or a datetime.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A JSON document.
    Json(serde_json::Value),
}

impl Value {
    /// Whether this is [`Value::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The order of two values of one field; `None` where there is none (JSON, or different kinds).
    ///
    /// Nulls come before everything else, text and bytes are compared byte by byte (as DynamoDB does), `false` before
    /// `true`.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Null, Self::Null) => Some(Ordering::Equal),
            (Self::Null, _) => Some(Ordering::Less),
            (_, Self::Null) => Some(Ordering::Greater),
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Integer(a), Self::Integer(b)) => Some(a.cmp(b)),
            (Self::Decimal(a), Self::Decimal(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Bytes(a), Self::Bytes(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// What a person would call this, for messages about a value of the wrong kind. What a text, a document or
    /// bytes say is nothing for a log.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Bool(v) => format!("the boolean {v}"),
            Self::Integer(v) => format!("the number {v}"),
            Self::Decimal(v) => format!("the number {v}"),
            Self::Text(v) => format!("a text of {} bytes", v.len()),
            Self::Bytes(v) => format!("binary data of {} bytes", v.len()),
            Self::Json(_) => "a document".into(),
        }
    }
}
