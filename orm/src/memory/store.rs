//! Tables: records in the order of their creation, and a map from each unique value to its record.

use std::collections::{BTreeMap, HashMap};

use crate::error::{Error, ErrorCode};
use crate::filter::Condition;
use crate::record::Record;
use crate::row::Row;
use crate::schema::{ModelSchema, Schema};
use crate::value::Value;

/// The tables, by name.
#[derive(Default)]
pub(super) struct Tables {
    tables: BTreeMap<&'static str, Table>,
}

impl Tables {
    /// The names of those that were missing.
    pub(super) fn create_missing(&mut self, schema: &Schema) -> Vec<&'static str> {
        let missing: Vec<_> = schema
            .models()
            .iter()
            .map(|model| model.table())
            .filter(|table| !self.tables.contains_key(table))
            .collect();
        self.tables.extend(missing.iter().map(|table| (*table, Table::default())));
        missing
    }

    /// # Errors
    /// `MissingTable` before the model was pushed.
    pub(super) fn get(&mut self, model: &'static ModelSchema) -> Result<&mut Table, Error> {
        self.tables.get_mut(model.table()).ok_or_else(|| {
            Error::new(
                ErrorCode::MissingTable,
                format!(
                    "the table `{}` of the model `{}` does not exist: `orm.push_schema()` creates it",
                    model.table(),
                    model.name()
                ),
            )
            .with_model(model)
        })
    }

    /// How many records each table has.
    pub(super) fn sizes(&self) -> BTreeMap<&'static str, usize> {
        self.tables.iter().map(|(name, table)| (*name, table.records.len())).collect()
    }
}

/// Where a record is in its table. Later records have later places.
pub(super) type Place = u64;

/// The records of one model.
#[derive(Default)]
pub(super) struct Table {
    records: BTreeMap<Place, Stored>,
    places: HashMap<UniqueValue, Place>,
    next: Place,
}

impl Table {
    /// All records, oldest first.
    pub(super) fn scan(&self) -> impl Iterator<Item = (Place, &Stored)> {
        self.records.iter().map(|(place, record)| (*place, record))
    }

    /// The record that has these values.
    pub(super) fn holder(&self, unique: &UniqueValue) -> Option<(Place, &Stored)> {
        let place = *self.places.get(unique)?;
        // Another model of the same table, one without this constraint, may have changed the record.
        let record = self.records.get(&place).filter(|record| unique.is_of(record))?;
        Some((place, record))
    }

    /// Stores a new record.
    ///
    /// # Errors
    /// `UniqueConstraintViolation`, and then nothing is stored.
    pub(super) fn add(&mut self, model: &'static ModelSchema, record: Stored) -> Result<(), Error> {
        let place = self.next;
        self.next += 1;
        self.put(model, place, record)
    }

    /// Stores a record at a place, instead of the one that is there.
    ///
    /// # Errors
    /// `UniqueConstraintViolation`, and then nothing is changed.
    pub(super) fn put(&mut self, model: &'static ModelSchema, place: Place, record: Stored) -> Result<(), Error> {
        let uniques = record.uniques(model);
        for (fields, unique) in &uniques {
            if self.holder(unique).is_some_and(|(holder, _)| holder != place) {
                return Err(Error::unique_violation(model, model.field_names(fields)));
            }
        }
        self.remove(model, place);
        self.places.extend(uniques.into_iter().map(|(_, unique)| (unique, place)));
        self.records.insert(place, record);
        Ok(())
    }

    /// Takes a record out, and frees its unique values.
    pub(super) fn remove(&mut self, model: &'static ModelSchema, place: Place) -> Option<Stored> {
        let record = self.records.remove(&place)?;
        for (_, unique) in record.uniques(model) {
            if self.places.get(&unique) == Some(&place) {
                self.places.remove(&unique);
            }
        }
        Some(record)
    }
}

/// A record, by column rather than by field: two models may share a table, such as an older and a newer version of one.
#[derive(Clone)]
pub(super) struct Stored {
    columns: HashMap<&'static str, Value>,
}

impl Stored {
    pub(super) fn new(model: &'static ModelSchema, record: &Record) -> Self {
        let columns = model.fields().iter().map(|field| field.column()).zip(record.values().iter().cloned());
        Self { columns: columns.collect() }
    }

    fn column(&self, column: &str) -> &Value {
        self.columns.get(column).unwrap_or(&Value::Null)
    }

    pub(super) fn value(&self, model: &'static ModelSchema, field: usize) -> &Value {
        self.column(model.field(field).column())
    }

    pub(super) fn passes(&self, model: &'static ModelSchema, filter: &Condition) -> bool {
        filter.holds(&|field| self.value(model, field))
    }

    pub(super) fn set(&mut self, model: &'static ModelSchema, field: usize, value: Value) {
        self.columns.insert(model.field(field).column(), value);
    }

    pub(super) fn row(&self, model: &'static ModelSchema, fields: &[usize]) -> Row {
        Row::new(self.values(model, fields).collect())
    }

    pub(super) fn values(&self, model: &'static ModelSchema, fields: &[usize]) -> impl Iterator<Item = Value> {
        fields.iter().map(move |field| self.value(model, *field).clone())
    }

    /// Its values of each constraint that binds it, in the order in which constraints are checked.
    pub(super) fn uniques(&self, model: &'static ModelSchema) -> Vec<(Vec<usize>, UniqueValue)> {
        constraints(model)
            .filter_map(|fields| {
                let values = fields.iter().map(|field| (*field, self.value(model, *field)));
                let unique = UniqueValue::new(model, values)?;
                Some((fields, unique))
            })
            .collect()
    }
}

/// The fields of each constraint: first the id, then the others in the order of the schema.
pub(super) fn constraints(model: &'static ModelSchema) -> impl Iterator<Item = Vec<usize>> {
    std::iter::once(vec![model.id()]).chain(model.uniques().iter().map(|unique| unique.fields().to_vec()))
}

/// The values that a constraint allows one record to have, with their columns.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct UniqueValue {
    parts: Vec<(&'static str, Value)>,
}

impl UniqueValue {
    /// `None` when one of the values is null: then the constraint does not bind the record.
    pub(super) fn new<'a>(
        model: &'static ModelSchema,
        values: impl IntoIterator<Item = (usize, &'a Value)>,
    ) -> Option<Self> {
        let parts = values
            .into_iter()
            .map(|(field, value)| (!value.is_null()).then(|| (model.field(field).column(), value.clone())))
            .collect::<Option<_>>()?;
        Some(Self { parts })
    }

    fn is_of(&self, record: &Stored) -> bool {
        self.parts.iter().all(|(column, value)| record.column(column) == value)
    }
}
