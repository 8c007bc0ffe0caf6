//! Queries as the plain data that drivers get. They are exhaustive: a driver that did not know a part of one would answer
//! another query.

use std::sync::Arc;

use super::position::Position;
use crate::filter::Condition;
use crate::key::UniqueKey;
use crate::order::Order;
use crate::record::Record;
use crate::row::{Row, Rows};
use crate::schema::ModelSchema;
use crate::value::Value;

/// Which records to read, and which of their fields.
#[derive(Clone, Debug)]
pub struct Find {
    /// The model.
    pub model: &'static ModelSchema,
    /// Which records; [`Condition::always`] only where the query has no filter.
    pub filter: Condition,
    /// In this order, by each in turn; empty for any order.
    pub order: Vec<Order>,
    /// How many of the first records to leave out.
    pub skip: usize,
    /// At most this many; never 0.
    pub take: Option<usize>,
    /// The fields of each row, without repetition.
    pub fields: Vec<usize>,
}

/// Which records to read for each of several keys.
#[derive(Clone, Debug)]
pub struct FindGrouped {
    /// What applies to each group by itself.
    pub find: Find,
    /// The field that holds the key.
    pub by: usize,
    /// The keys, without repetition, none null.
    pub keys: Arc<[Value]>,
}

/// Which part of the records of a query to read.
#[derive(Clone, Debug)]
pub struct FindPart {
    /// The query; nothing is skipped, and there is no limit.
    pub find: Find,
    /// Where the part begins; `None` at the beginning.
    pub after: Option<Position>,
    /// Exactly this many records, unless there are no more; `None` for whatever one request brings, perhaps nothing.
    pub size: Option<usize>,
    /// Which segment to read of a table that is read in several segments at once; only without a size. What is not a
    /// scan belongs to the first segment.
    pub segment: Option<Segment>,
}

/// One of several segments of a table that are read at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Which segment, from 0.
    pub index: usize,
    /// Of how many.
    pub total: usize,
}

/// A part of the records of a query.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The records.
    pub rows: Rows,
    /// Where the next part begins; `None` after the last.
    pub next: Option<Position>,
}

/// A query to be explained.
#[derive(Clone, Copy, Debug)]
pub enum Planned<'q> {
    /// Records.
    Find(&'q Find),
    /// Records for each of several keys; with none, the keys are not known yet.
    Grouped(&'q FindGrouped),
    /// How many records there are.
    Count(&'q Count),
    /// Records to be changed.
    UpdateMany(&'q UpdateMany),
    /// Records to be deleted.
    DeleteMany(&'q DeleteMany),
}

/// Which records to count.
#[derive(Clone, Debug)]
pub struct Count {
    /// The model.
    pub model: &'static ModelSchema,
    /// Which records; [`Condition::always`] only where the query has no filter.
    pub filter: Condition,
}

/// Which records to store.
#[derive(Clone, Debug)]
pub struct Create {
    /// The model.
    pub model: &'static ModelSchema,
    /// The records; never none.
    pub records: Vec<Record>,
    /// Whether the ids of all of them were generated here, so that none can exist already.
    pub fresh_ids: bool,
}

/// What to do with one field of an existing record.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The field; never the id.
    pub field: usize,
    /// What happens to it.
    pub operation: ChangeOperation,
}

/// What happens to a field. A driver must not ignore an operation that it does not know, so a new variant is a breaking
/// change.
#[derive(Clone, Debug, PartialEq)]
pub enum ChangeOperation {
    /// It gets this value, which may be null.
    Set(Value),
    /// This number is added to it; null counts as zero. Applied exactly once.
    Increment(Value),
}

/// Which record to change, and how.
#[derive(Clone, Debug)]
pub struct Update {
    /// The model.
    pub model: &'static ModelSchema,
    /// Which record.
    pub key: UniqueKey,
    /// What must hold for it when it is changed.
    pub filter: Condition,
    /// At most one per field. Without any, the update is a read.
    pub changes: Vec<Change>,
    /// The fields of the resulting row.
    pub fields: Vec<usize>,
}

/// Which records to change, and how.
#[derive(Clone, Debug)]
pub struct UpdateMany {
    /// The model.
    pub model: &'static ModelSchema,
    /// Which records; [`Condition::always`] only where the query has no filter.
    pub filter: Condition,
    /// At most one per field, at least one.
    pub changes: Vec<Change>,
}

/// Which record to change or else to store.
#[derive(Clone, Debug)]
pub struct Upsert {
    /// The model.
    pub model: &'static ModelSchema,
    /// Which record; the new one has these values too.
    pub key: UniqueKey,
    /// The new record.
    pub create: Record,
    /// What to change if there is one; never a field of the key.
    pub changes: Vec<Change>,
    /// The fields of the resulting row.
    pub fields: Vec<usize>,
}

/// What became of an upsert, with the record as it is afterwards: for a driver, the fields of it that were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upserted<T = Row> {
    /// There was none: the new record was stored.
    Created(T),
    /// There was one, to which the changes, if any, were made.
    Updated(T),
}

impl<T> Upserted<T> {
    /// Whether the record is new.
    pub const fn is_created(&self) -> bool {
        matches!(self, Self::Created(_))
    }

    /// The record, whichever it was.
    pub fn into_inner(self) -> T {
        match self {
            Self::Created(record) | Self::Updated(record) => record,
        }
    }
}

/// Which record to delete.
#[derive(Clone, Debug)]
pub struct Delete {
    /// The model.
    pub model: &'static ModelSchema,
    /// Which record.
    pub key: UniqueKey,
    /// What must hold for it when it is deleted.
    pub filter: Condition,
    /// The fields of the resulting row; none if only the count matters.
    pub fields: Vec<usize>,
}

/// Which records to delete.
#[derive(Clone, Debug)]
pub struct DeleteMany {
    /// The model.
    pub model: &'static ModelSchema,
    /// Which records; [`Condition::always`] only where the query has no filter.
    pub filter: Condition,
    /// Whether each of them is deleted only if the filter holds for it at that moment, at the price of a request for each.
    pub checked: bool,
}
