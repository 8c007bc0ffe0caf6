//! Evaluates a condition on values that are already here.

use std::cmp::Ordering;

use super::{Comparison, Condition};
use crate::value::Value;

impl Condition {
    /// Whether the condition holds for a record whose fields `value` gives, by their place in the model.
    ///
    /// A driver uses this for whatever its store cannot evaluate, and a [`Matcher`](crate::driver::Matcher) where there are
    /// many records.
    pub fn holds<'a>(&self, value: &impl Fn(usize) -> &'a Value) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(value)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(value)),
            Self::Not(inner) => !inner.holds(value),
            Self::Compare(field, comparison, expected) => compares(value(*field), *comparison, expected),
            Self::CompareFields(field, comparison, other) => compares(value(*field), *comparison, value(*other)),
            Self::In(field, values) => {
                let found = value(*field);
                values.iter().any(|expected| found == expected)
            }
            Self::Contains(field, part) => matches!(value(*field), Value::Text(text) if text.contains(part)),
            Self::StartsWith(field, prefix) => matches!(value(*field), Value::Text(text) if text.starts_with(prefix)),
            Self::IsNull(field) => value(*field).is_null(),
        }
    }

    /// The places of the fields that the condition reads, each once.
    pub fn fields(&self) -> Vec<usize> {
        let mut fields = Vec::new();
        self.any_field(&mut |field| {
            fields.push(field);
            false
        });
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// Whether `is` holds for the place of any field that the condition reads.
    pub fn any_field(&self, is: &mut impl FnMut(usize) -> bool) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.any_field(is)),
            Self::Not(inner) => inner.any_field(is),
            Self::Compare(field, ..)
            | Self::In(field, _)
            | Self::Contains(field, _)
            | Self::StartsWith(field, _)
            | Self::IsNull(field) => is(*field),
            Self::CompareFields(field, _, other) => is(*field) || is(*other),
        }
    }
}

fn compares(found: &Value, comparison: Comparison, expected: &Value) -> bool {
    let order = || if found.is_null() || expected.is_null() { None } else { found.compare(expected) };
    match comparison {
        Comparison::Eq => found == expected,
        Comparison::Ne => found != expected,
        Comparison::Gt => order() == Some(Ordering::Greater),
        Comparison::Gte => matches!(order(), Some(Ordering::Greater | Ordering::Equal)),
        Comparison::Lt => order() == Some(Ordering::Less),
        Comparison::Lte => matches!(order(), Some(Ordering::Less | Ordering::Equal)),
    }
}
