//! What fits into one request.

use std::iter::Sum;
use std::ops::{Add, Range};

use orm::Value;
use orm::schema::{FieldSchema, ModelSchema};

use crate::expression::Expressions;
use crate::limits::{MAX_ACTIONS, MAX_BATCH_WRITE, MAX_REQUEST_BYTES, MAX_TRANSACTION_BYTES};
use crate::size;

/// Keys, conditions and their names, which are not counted, have what is left of the limits.
const fn most_of(limit: usize) -> usize {
    limit / 8 * 7
}

/// What writes take of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    pub(super) actions: usize,
    /// What is stored, in bytes.
    pub(super) stored: usize,
    /// What the request takes, in bytes, at most.
    pub(super) sent: usize,
}

impl Weight {
    /// What a transaction takes.
    pub(super) const TRANSACTION: Self =
        Self { actions: MAX_ACTIONS, stored: most_of(MAX_TRANSACTION_BYTES), sent: most_of(MAX_REQUEST_BYTES) };
    /// What a batch takes: 25 items of any stored size, as far as the request has room.
    pub(super) const BATCH: Self =
        Self { actions: MAX_BATCH_WRITE, stored: usize::MAX, sent: most_of(MAX_REQUEST_BYTES) };

    /// Of an action that stores a record with these values, one per field, which takes so many bytes with its names.
    pub(super) fn of_record(model: &'static ModelSchema, values: &[Value], stored: usize) -> Self {
        let exact = |(field, value): (&FieldSchema, &Value)| field.column().len() + size::sent_value(value);
        // A byte of text takes six at most, when it is escaped; a value of another kind, with what stands around it, less
        // than 64.
        let most = 6 * stored + 64 * values.len();
        let fits_anyway = most <= Self::TRANSACTION.sent / MAX_ACTIONS;
        // Most records are so small that this bound will do. A document may be many small values, which it does not hold for.
        let sent = if fits_anyway && !values.iter().any(|value| matches!(value, Value::Json(_))) {
            most
        } else {
            model.fields().iter().zip(values).map(exact).sum()
        };
        Self { actions: 1, stored, sent }
    }

    /// Of an action that takes a lock. Its texts are in the letters of URLs.
    pub(super) const fn of_lock(lock: &str, target: &str) -> Self {
        let bytes = lock.len() + target.len();
        Self { actions: 1, stored: bytes, sent: bytes }
    }

    /// Of an action that stores no whole item.
    pub(super) const fn of_action() -> Self {
        Self { actions: 1, stored: 0, sent: 0 }
    }

    /// Of the values in the expressions of an action.
    pub(super) fn of_values(expressions: &Expressions) -> Self {
        let values = || expressions.attribute_values();
        Self { actions: 0, stored: values().map(size::stored).sum(), sent: values().map(size::sent).sum() }
    }

    pub(super) const fn is_within(self, most: Self) -> bool {
        self.actions <= most.actions && self.stored <= most.stored && self.sent <= most.sent
    }
}

impl Add for Weight {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { actions: self.actions + other.actions, stored: self.stored + other.stored, sent: self.sent + other.sent }
    }
}

impl Sum for Weight {
    fn sum<I: Iterator<Item = Self>>(weights: I) -> Self {
        weights.fold(Self::default(), Add::add)
    }
}

/// What fits into one request each, one after the other, by places.
pub(super) fn groups(weights: impl Iterator<Item = Weight>, most: Weight) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut filled = Weight::default();
    for (place, weight) in weights.enumerate() {
        match groups.last_mut() {
            Some(group) if (filled + weight).is_within(most) => {
                group.end = place + 1;
                filled = filled + weight;
            }
            _ => {
                groups.push(place..place + 1);
                filled = weight;
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use orm::prelude::*;
    use serde_json::json;

    use super::*;

    #[derive(Model)]
    #[orm(table = "vectors")]
    struct Vector {
        #[orm(id)]
        id: String,
        values: serde_json::Value,
    }

    fn weight(values: serde_json::Value) -> Weight {
        let stored = size::stored_value(&Value::Json(values.clone())).unwrap();
        Weight::of_record(Vector::schema(), &[Value::Text("v".into()), Value::Json(values)], stored)
    }

    #[test]
    fn a_transaction_takes_what_is_stored_and_a_batch_what_is_sent() {
        let sizes = |weight: Weight, most| -> Vec<usize> {
            groups(std::iter::repeat_n(weight, 60), most).into_iter().map(|group| group.len()).collect()
        };
        // A digit takes one byte, the number one, and its place in the list one.
        let digits = weight(json!(vec![7; 60_000]));
        assert_eq!(digits.stored, 3 + 180_000);
        assert_eq!(sizes(digits, Weight::TRANSACTION), [19, 19, 19, 3]);
        assert_eq!(sizes(digits, Weight::BATCH), [23, 23, 14]);
        let text = weight(json!("x".repeat(400_000)));
        assert_eq!(sizes(text, Weight::TRANSACTION).first(), Some(&8));
        assert_eq!(sizes(text, Weight::BATCH), [25, 25, 10]);
        assert_eq!(sizes(weight(json!(1)), Weight::TRANSACTION), [60]);
    }

    #[test]
    fn what_fits_into_no_request_has_one_of_its_own() {
        let heavy = Weight { sent: usize::MAX / 2, ..Weight::of_action() };
        assert_eq!(groups([heavy, heavy, Weight::of_action()].into_iter(), Weight::BATCH), [0..1, 1..2, 2..3]);
    }
}
