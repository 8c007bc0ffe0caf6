//! Records on their way back: what drivers give ([`Row`]), and what they were asked for ([`Projection`]).

use crate::error::Error;
use crate::filter::Condition;
use crate::order::Order;
use crate::record::Record;
use crate::schema::{ModelSchema, RelationSchema};
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

    /// Drops all values but the first `fields`: what a driver read for its own use.
    pub fn truncate(&mut self, fields: usize) {
        self.values.truncate(fields);
    }

    #[inline]
    pub(crate) fn value(&self, slot: usize) -> &Value {
        self.values.get(slot).unwrap_or(&Value::Null)
    }

    /// The value in a slot, taken out of it.
    #[inline]
    pub(crate) fn take(&mut self, slot: usize) -> Value {
        self.values.get_mut(slot).map_or(Value::Null, |value| std::mem::replace(value, Value::Null))
    }
}

/// What a selection needs of each record: distinct fields, in slots, and relations.
///
/// Describing and decoding go through a selection in the same order, so that neither has to remember places.
#[derive(Clone, Debug)]
pub struct Projection {
    model: &'static ModelSchema,
    /// The field of each slot. The first is the id, which error messages name.
    fields: Vec<usize>,
    /// The slot of each field of the model that has one.
    slots: Vec<Option<usize>>,
    /// The slots in the order in which the selection reads them.
    reads: Vec<usize>,
    /// Of each slot, whether it is read, and whether any is read more than once.
    is_read: Vec<bool>,
    reads_again: bool,
    relations: Vec<RelationLoad>,
    /// How many relations lead here.
    depth: usize,
}

/// A relation to load for each record of a projection.
#[derive(Clone, Debug)]
pub(crate) struct RelationLoad {
    pub(crate) relation: &'static RelationSchema,
    /// The slot, in the parent's rows, of the value to look up.
    pub(crate) local: usize,
    pub(crate) filter: Condition,
    pub(crate) order: Vec<Order>,
    pub(crate) skip: usize,
    pub(crate) take: Option<usize>,
    pub(crate) projection: Projection,
}

/// The slot of the id.
pub(crate) const ID_SLOT: usize = 0;

/// How many relations may follow one another in a selection.
const DEEPEST: usize = 32;

impl Projection {
    pub(crate) fn new(model: &'static ModelSchema) -> Self {
        let fields = model.fields().len();
        let mut projection = Self {
            model,
            fields: Vec::with_capacity(fields),
            slots: vec![None; fields],
            reads: Vec::with_capacity(fields),
            is_read: Vec::with_capacity(fields),
            reads_again: false,
            relations: Vec::new(),
            depth: 0,
        };
        projection.slot(model.id());
        projection
    }

    /// The projection of the records that a relation leads to.
    ///
    /// # Errors
    /// `InvalidQuery` when there is no end to it: a struct with `#[derive(Select)]` contains itself.
    pub(crate) fn nested(&self, model: &'static ModelSchema) -> Result<Self, Error> {
        if self.depth == DEEPEST {
            return Err(Error::invalid_query(format!(
                "a selection leads from `{}` to `{}` through more than {DEEPEST} relations: if a struct with \
                 `#[derive(Select)]` contains itself, by way of others, it has no end",
                self.model.name(),
                model.name()
            ))
            .with_model(model));
        }
        Ok(Self { depth: self.depth + 1, ..Self::new(model) })
    }

    /// The slot of a field, which is fetched from now on.
    pub(crate) fn slot(&mut self, field: usize) -> usize {
        let next = self.fields.len();
        let Some(slot) = self.slots.get_mut(field) else {
            return ID_SLOT;
        };
        let slot = *slot.get_or_insert(next);
        if slot == next {
            self.fields.push(field);
            self.is_read.push(false);
        }
        slot
    }

    /// The selection reads this field next.
    pub(crate) fn read(&mut self, field: usize) {
        let slot = self.slot(field);
        if let Some(is_read) = self.is_read.get_mut(slot) {
            self.reads_again |= std::mem::replace(is_read, true);
        }
        self.reads.push(slot);
    }

    /// The selection reads all fields next, the id last: so it is still there for the messages about the others.
    pub(crate) fn read_all(&mut self) {
        let id = self.model.id();
        for field in (0..self.model.fields().len()).filter(|field| *field != id) {
            self.read(field);
        }
        self.read(id);
    }

    /// The selection reads this relation next.
    pub(crate) fn relate(&mut self, load: RelationLoad) {
        self.relations.push(load);
    }

    pub(crate) const fn model(&self) -> &'static ModelSchema {
        self.model
    }

    /// The slots in the order in which the selection reads them.
    pub(crate) fn reads(&self) -> &[usize] {
        &self.reads
    }

    /// Whether the value in a slot is read again, when these are what remains to be read.
    #[inline]
    pub(crate) fn reads_again(&self, slot: usize, rest: &[usize]) -> bool {
        self.reads_again && rest.contains(&slot)
    }

    pub(crate) fn relations(&self) -> &[RelationLoad] {
        &self.relations
    }

    /// The fields to fetch, one per slot.
    pub(crate) fn fields(&self) -> &[usize] {
        &self.fields
    }

    /// The value of a field in one of the rows.
    pub(crate) fn value_of<'r>(&self, row: Option<&'r Row>, field: usize) -> &'r Value {
        match (row, self.slots.get(field)) {
            (Some(row), Some(Some(slot))) => row.value(*slot),
            _ => &Value::Null,
        }
    }

    /// The row of a whole record.
    pub(crate) fn row_of(&self, record: Record) -> Row {
        let mut values = record.into_values();
        let mut take =
            |field: &usize| values.get_mut(*field).map_or(Value::Null, |value| std::mem::replace(value, Value::Null));
        // Each field has one slot.
        Row::new(self.fields.iter().map(&mut take).collect())
    }
}
