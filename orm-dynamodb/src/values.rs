//! The values of a record, by field.

use orm::schema::ModelSchema;
use orm::{Condition, Error, UniqueKey, Value};

use crate::item;
use crate::key::{lock_key, plain_text, record_key};
use crate::table::Item;

/// The values of a record as far as they are known: of every other field, null.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    model: &'static ModelSchema,
    values: Vec<Value>,
    /// The decimals that are stored as texts in another notation than ours, as `1e3`: their writer's locks have it too.
    notations: Vec<(usize, String)>,
}

impl Values {
    pub(crate) fn new(model: &'static ModelSchema, known: impl IntoIterator<Item = (usize, Value)>) -> Self {
        let mut values = Self { model, values: vec![Value::Null; model.fields().len()], notations: Vec::new() };
        known.into_iter().for_each(|(field, value)| values.set(field, value));
        values
    }

    /// All values of an item.
    ///
    /// # Errors
    /// `Decode`.
    pub(crate) fn of(model: &'static ModelSchema, item: Item) -> Result<Self, Error> {
        let all: Vec<usize> = (0..model.fields().len()).collect();
        let notations = item::notations(model, &all, &item);
        Ok(Self { model, values: item::values(model, &all, item)?, notations })
    }

    /// The values of these fields of an item, however often one is named.
    ///
    /// # Errors
    /// `Decode`.
    pub(crate) fn of_fields(model: &'static ModelSchema, fields: &[usize], item: Item) -> Result<Self, Error> {
        let fields = distinct(fields.iter().copied());
        let notations = item::notations(model, &fields, &item);
        let values = item::values(model, &fields, item)?;
        Ok(Self { notations, ..Self::new(model, fields.into_iter().zip(values)) })
    }

    pub(crate) fn get(&self, field: usize) -> &Value {
        self.values.get(field).unwrap_or(&Value::Null)
    }

    pub(crate) fn set(&mut self, field: usize, value: Value) {
        if let Some(slot) = self.values.get_mut(field) {
            *slot = value;
        }
    }

    /// The values with the places of their fields.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &Value)> {
        self.values.iter().enumerate()
    }

    /// The values of these fields, in this order.
    pub(crate) fn pick(&self, fields: &[usize]) -> Vec<Value> {
        fields.iter().map(|field| self.get(*field).clone()).collect()
    }

    /// Whether the types of all fields can be read from them.
    ///
    /// # Errors
    /// `Decode`, naming the first that cannot.
    pub(crate) fn check_readable(&self) -> Result<(), Error> {
        self.check_readable_of(&Vec::from_iter(0..self.values.len()))
    }

    /// The same of these fields.
    pub(crate) fn check_readable_of(&self, fields: &[usize]) -> Result<(), Error> {
        let model = self.model;
        fields.iter().try_for_each(|field| {
            let id = || plain_text(self.get(model.id()));
            let readable = model.field(*field).check_readable(self.get(*field));
            readable.map_err(|error| model.decode_error(*field, &id(), &error).with_backend(crate::DRIVER_KIND))
        })
    }

    /// The key of the record.
    pub(crate) fn record_key(&self) -> String {
        record_key(self.get(self.model.id()))
    }

    /// The key of the lock that the record has for a constraint; `None` for one with a null.
    pub(crate) fn lock_key(&self, constraint: &[usize]) -> Option<String> {
        lock_key(self.model, constraint, |field| self.get(field))
    }

    /// Whether the field is stored as a text in another notation than ours.
    pub(crate) fn has_notation(&self, field: usize) -> bool {
        self.notations.iter().any(|(of, _)| *of == field)
    }

    /// The key of the lock that the writer of such a text has made for a constraint, if that is another one.
    pub(crate) fn lock_key_as_stored(&self, constraint: &[usize]) -> Option<String> {
        let written: Vec<(usize, Value)> = self
            .notations
            .iter()
            .filter(|(field, _)| constraint.contains(field))
            .map(|(field, text)| (*field, Value::Text(text.clone())))
            .collect();
        if written.is_empty() {
            return None;
        }
        let of = |field| written.iter().find(|(of, _)| *of == field).map_or_else(|| self.get(field), |(_, text)| text);
        lock_key(self.model, constraint, of)
    }

    /// Whether this is the lock that the record has for a constraint.
    pub(crate) fn hold(&self, constraint: &[usize], lock: &str) -> bool {
        self.lock_key(constraint).as_deref() == Some(lock)
    }

    /// Whether these are the values of a unique key.
    pub(crate) fn have(&self, key: &UniqueKey) -> bool {
        key.values().iter().all(|(field, expected)| self.get(*field) == expected)
    }

    pub(crate) fn pass(&self, filter: &Condition) -> bool {
        filter.holds(&|field| self.get(field))
    }
}

/// These fields, each once, in the model's order.
pub(crate) fn distinct(fields: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut fields: Vec<usize> = fields.into_iter().collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}
