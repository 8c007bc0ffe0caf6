//! What a selection needs of each record: [`Projection`].

use crate::error::Error;
use crate::filter::Condition;
use crate::order::Order;
use crate::record::Record;
use crate::row::{Rows, take};
use crate::schema::{ModelSchema, RelationSchema};
use crate::value::Value;

/// What a selection needs of each record: distinct fields, in slots, and relations.
///
/// Describing and decoding go through a selection in the same order, so that neither has to remember places.
#[derive(Clone, Debug)]
pub struct Projection {
    model: &'static ModelSchema,
    /// The field of each slot. The first is the id, which error messages name.
    fields: Vec<usize>,
    /// The slots in the order in which the selection reads them.
    reads: Vec<usize>,
    /// Whether any slot is read more than once.
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
        let mut fields = Vec::with_capacity(model.fields().len());
        fields.push(model.id());
        let reads = Vec::with_capacity(model.fields().len());
        Self { model, fields, reads, reads_again: false, relations: Vec::new(), depth: 0 }
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
        self.fields.iter().position(|one| *one == field).unwrap_or_else(|| {
            self.fields.push(field);
            self.fields.len() - 1
        })
    }

    /// The selection reads this field next.
    pub(crate) fn read(&mut self, field: usize) {
        let slot = self.slot(field);
        self.reads_again |= self.reads.contains(&slot);
        self.reads.push(slot);
    }

    /// The selection reads all fields next, the id last: so it is still there for the messages about the others.
    pub(crate) fn read_all(&mut self) {
        let id = self.model.id();
        let others = (0..self.model.fields().len()).filter(|field| *field != id);
        if self.reads.is_empty() && self.fields.len() == 1 {
            // As it mostly is: there is nothing to look up yet.
            self.fields.extend(others);
            self.reads.extend(1..self.fields.len());
        } else {
            others.for_each(|field| self.read(field));
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
    pub(crate) fn value_of<'r>(&self, row: Option<&'r [Value]>, field: usize) -> &'r Value {
        let slot = self.fields.iter().position(|one| *one == field);
        row.zip(slot).and_then(|(row, slot)| row.get(slot)).unwrap_or(&Value::Null)
    }

    /// The rows of whole records.
    pub(crate) fn rows_of(&self, records: Vec<Record>) -> Rows {
        let mut rows = Rows::new(self.fields.len());
        rows.reserve(records.len());
        for record in records {
            let mut values = record.into_values();
            // Each field has one slot.
            rows.push(self.fields.iter().map(|field| take(&mut values, *field)));
        }
        rows
    }
}
