//! Records on their way back from a driver, as plain values.

use crate::value::Value;

/// One record: the values of the fields that were asked for, in that order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    values: Vec<Value>,
}

impl Row {
    /// A record with these values.
    pub const fn new(values: Vec<Value>) -> Self {
        Self { values }
    }

    /// The values.
    pub fn values(&self) -> &[Value] {
        &self.values
    }
}

/// Records: of each, the values of the same fields, in the same order.
///
/// They stand one after the other in one list, which costs one allocation where a list for each record would cost one
/// each.
///
/// ```
/// use orm::{Rows, Value};
///
/// let mut rows = Rows::new(2);
/// rows.push([Value::Integer(1), Value::Bool(true)]);
/// rows.push([Value::Integer(2), Value::Bool(false)]);
/// rows.arrange(&[1, 0]);
/// let firsts: Vec<&Value> = rows.iter().filter_map(<[Value]>::first).collect();
/// assert_eq!(firsts, [&Value::Integer(2), &Value::Integer(1)]);
/// ```
#[derive(Clone, Debug)]
pub struct Rows {
    /// At least one: records without fields could not be counted.
    fields: usize,
    values: Vec<Value>,
}

impl Default for Rows {
    /// No records.
    fn default() -> Self {
        Self::new(1)
    }
}

/// One record.
impl From<Row> for Rows {
    fn from(row: Row) -> Self {
        let mut rows = Self { fields: row.values.len().max(1), values: row.values };
        if rows.is_empty() {
            rows.add();
        }
        rows
    }
}

impl Rows {
    /// No records yet, each of which will have this many fields.
    pub fn new(fields: usize) -> Self {
        Self { fields: fields.max(1), values: Vec::new() }
    }

    /// Makes room for this many more records.
    pub fn reserve(&mut self, records: usize) {
        self.values.reserve(records.saturating_mul(self.fields));
    }

    /// Adds a record made of the first of these values, as many as the records have fields. Missing values are null.
    pub fn push(&mut self, values: impl IntoIterator<Item = Value>) {
        for (slot, value) in self.add().iter_mut().zip(values) {
            *slot = value;
        }
    }

    /// Adds a record of nulls, and returns its values so that they can be set.
    pub fn add(&mut self) -> &mut [Value] {
        let start = self.values.len();
        self.values.extend(std::iter::repeat_with(|| Value::Null).take(self.fields));
        self.values.get_mut(start..).unwrap_or_default()
    }

    /// Adds the records of another list with the same fields. A list without records takes over the fields of the
    /// other.
    pub fn append(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
        } else if self.fields == other.fields {
            self.values.extend(other.values);
        } else {
            // A mistake of a driver, which must not move values from one record into another.
            other.iter().for_each(|record| self.push(record.iter().cloned()));
        }
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.values.len() / self.fields
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The values of each record.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[Value]> {
        self.values.chunks_exact(self.fields)
    }

    /// The values of one record.
    pub fn get(&self, record: usize) -> Option<&[Value]> {
        let start = record.checked_mul(self.fields)?;
        self.values.get(start..start.checked_add(self.fields)?)
    }

    /// The values of the last record.
    pub fn last(&self) -> Option<&[Value]> {
        self.get(self.len().checked_sub(1)?)
    }

    pub(crate) fn get_mut(&mut self, record: usize) -> Option<&mut [Value]> {
        let start = record.checked_mul(self.fields)?;
        self.values.get_mut(start..start.checked_add(self.fields)?)
    }

    /// Keeps only the first `records` records.
    pub fn truncate(&mut self, records: usize) {
        self.values.truncate(records.saturating_mul(self.fields));
    }

    /// Drops the first `records` records.
    pub fn skip(&mut self, records: usize) {
        self.values.drain(..records.saturating_mul(self.fields).min(self.values.len()));
    }

    /// Keeps the records at these places, which are distinct, in the order of the places.
    pub fn arrange(&mut self, records: &[usize]) {
        let mut arranged = Vec::with_capacity(records.len().saturating_mul(self.fields));
        for record in records {
            let values = self.get_mut(*record).unwrap_or_default();
            arranged.extend(values.iter_mut().map(|value| std::mem::replace(value, Value::Null)));
        }
        self.values = arranged;
    }

    /// Lists of their own, which end at these places.
    pub(crate) fn split(self, ends: Vec<usize>) -> impl Iterator<Item = Self> {
        let Self { fields, values } = self;
        let mut values = values.into_iter();
        let mut start = 0;
        ends.into_iter().map(move |end| {
            let records = end.saturating_sub(start);
            start = end;
            Self { fields, values: values.by_ref().take(records.saturating_mul(fields)).collect() }
        })
    }

    /// Keeps the first `fields` fields of each record: what comes after them was read for a driver's own use.
    pub fn keep_fields(&mut self, fields: usize) {
        let (before, kept) = (self.fields, fields.max(1));
        if kept < before {
            let mut places = (0..before).cycle();
            self.values.retain(|_| places.next().is_some_and(|field| field < kept));
            self.fields = kept;
        }
    }
}

/// A value of a record, taken out of it.
#[inline]
pub(crate) fn take(row: &mut [Value], slot: usize) -> Value {
    row.get_mut(slot).map_or(Value::Null, |value| std::mem::replace(value, Value::Null))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(records: &[[i128; 3]]) -> Rows {
        let mut rows = Rows::new(3);
        records.iter().for_each(|record| rows.push(record.map(Value::Integer)));
        rows
    }

    fn numbers(rows: &Rows) -> Vec<Vec<i128>> {
        let number = |value: &Value| if let Value::Integer(number) = value { *number } else { -1 };
        rows.iter().map(|row| row.iter().map(number).collect()).collect()
    }

    #[test]
    fn records_are_kept_dropped_and_put_in_order() {
        let mut some = rows(&[[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]]);
        assert_eq!((some.len(), some.get(1), some.get(4)), (4, Some([4, 5, 6].map(Value::Integer).as_slice()), None));
        some.skip(1);
        some.truncate(2);
        assert_eq!(numbers(&some), [[4, 5, 6], [7, 8, 9]]);
        some.append(rows(&[[1, 2, 3]]));
        some.arrange(&[2, 0]);
        assert_eq!(numbers(&some), [[1, 2, 3], [4, 5, 6]]);
        some.keep_fields(2);
        assert_eq!(numbers(&some), [[1, 2], [4, 5]]);
        some.push([Value::Integer(7)]);
        assert_eq!(numbers(&some), [[1, 2], [4, 5], [7, -1]]);
        some.skip(9);
        assert!(some.is_empty());
    }

    #[test]
    fn records_of_other_fields_stay_apart() {
        let mut wide = rows(&[[1, 2, 3]]);
        let mut narrow = Rows::new(2);
        narrow.push([4, 5, 6].map(Value::Integer));
        wide.append(narrow.clone());
        assert_eq!(numbers(&wide), [[1, 2, 3], [4, 5, -1]]);
        narrow.append(rows(&[[7, 8, 9]]));
        assert_eq!(numbers(&narrow), [[4, 5], [7, 8]]);
    }

    #[test]
    fn records_of_no_fields_are_counted() {
        let mut none = Rows::new(0);
        none.push([]);
        none.push([]);
        none.keep_fields(0);
        assert_eq!(none.len(), 2);
        assert_eq!(Rows::from(Row::default()).len(), 1);
    }
}
