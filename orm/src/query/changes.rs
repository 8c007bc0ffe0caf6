//! What an update does to a record.

use std::marker::PhantomData;

use crate::driver::{Change, ChangeOperation};
use crate::error::{Error, ErrorCode, ValueError};
use crate::field::Field;
use crate::input::Input;
use crate::key::{Plain, Unique};
use crate::kind::{Addend, Number};
use crate::model::Model;
use crate::types::Column;
use crate::value::Value;

/// Fields that an update can change: all but the id.
#[diagnostic::on_unimplemented(
    message = "the id of a record cannot be changed",
    label = "this is the id",
    note = "the id names the record, and relations and locks refer to it: create a new record and delete this one"
)]
pub trait Changeable {}

impl Changeable for Unique {}
impl Changeable for Plain {}

/// Changes to the fields of a record of the model `M`.
#[must_use = "changes do nothing by themselves: return them from the closure"]
pub struct Changes<M> {
    changes: Vec<(usize, Operation)>,
    model: PhantomData<fn() -> M>,
}

#[derive(Clone, Debug)]
enum Operation {
    Set(Result<Value, ValueError>),
    Increment(Result<Value, ValueError>),
}

impl<M> Clone for Changes<M> {
    fn clone(&self) -> Self {
        Self { changes: self.changes.clone(), model: PhantomData }
    }
}

impl<M> std::fmt::Debug for Changes<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.changes.fmt(f)
    }
}

impl<M: Model> Changes<M> {
    pub(crate) const fn new() -> Self {
        Self { changes: Vec::new(), model: PhantomData }
    }

    /// Gives a field a new value; the last of several values counts.
    pub fn set<T: Column, U: Changeable>(mut self, field: Field<M, T, U>, value: impl Input<T::Rust>) -> Self {
        self.changes
            .retain(|(index, operation)| *index != field.index() || matches!(operation, Operation::Increment(_)));
        self.changes.push((field.index(), Operation::Set(T::encode_to_store(value))));
        self
    }

    /// Adds a number, which may be negative, to a number field; `None` counts as zero. A field can be set, or changed
    /// by one increment, but not both.
    pub fn increment<T: Column, U: Changeable>(mut self, field: Field<M, T, U>, by: impl Input<Addend<T>>) -> Self
    where
        T::Kind: Number,
    {
        self.changes.push((field.index(), Operation::Increment(T::encode(T::Kind::addend(by.into_input())))));
        self
    }

    /// Takes a number from a number field; `None` counts as zero. What would leave the range of the field's type is
    /// an `InvalidValue` error: an unsigned field does not fall below zero.
    pub fn decrement<T: Column, U: Changeable>(mut self, field: Field<M, T, U>, by: impl Input<Addend<T>>) -> Self
    where
        T::Kind: Number,
    {
        let by = T::encode(T::Kind::addend(by.into_input())).map(|by| match by {
            // 38 digits are far from the ends of an i128.
            Value::Integer(number) => Value::Integer(-number),
            // Without the sign of a zero.
            Value::Decimal(number) => Value::Decimal((-number).normalize()),
            other => other,
        });
        self.changes.push((field.index(), Operation::Increment(by)));
        self
    }

    /// The same as data.
    ///
    /// # Errors
    /// `InvalidValue` when a value cannot be stored; `InvalidQuery` when one field is changed in two ways.
    pub(crate) fn resolve(self) -> Result<Vec<Change>, Error> {
        let schema = M::schema();
        let mut resolved: Vec<Change> = Vec::with_capacity(self.changes.len());
        for (field, operation) in self.changes {
            let operation = match operation {
                Operation::Set(value) => {
                    ChangeOperation::Set(value.map_err(|error| schema.invalid_value(field, &error))?)
                }
                Operation::Increment(by) => {
                    schema.require_number(field)?;
                    let by = by.map_err(|error| schema.invalid_value(field, &error))?;
                    if by.is_null() {
                        continue;
                    }
                    ChangeOperation::Increment(by)
                }
            };
            if resolved.iter().any(|change| change.field == field) {
                let text = " is incremented and changed once more in the same update: change it once";
                return Err(schema.field_error(ErrorCode::InvalidQuery, field, text));
            }
            resolved.push(Change { field, operation });
        }
        Ok(resolved)
    }
}
