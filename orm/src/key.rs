//! Unique keys: the values that name at most one record.

use std::marker::PhantomData;

use crate::error::{Error, ErrorCode, ValueError};
use crate::field::Field;
use crate::filter::{Comparison, Condition, Filter, IntoFilter};
use crate::input::Input;
use crate::model::Model;
use crate::schema::ModelSchema;
use crate::types::Column;
use crate::value::Value;

/// The field is the model's id.
#[derive(Clone, Copy, Debug)]
pub enum Id {}

/// No two records have the same value of the field.
#[derive(Clone, Copy, Debug)]
pub enum Unique {}

/// Any number of records may have the same value of the field.
#[derive(Clone, Copy, Debug)]
pub enum Plain {}

/// What an equality on a field of this uniqueness is: a [`Key`] or just a [`Filter`].
pub trait Uniqueness<M> {
    /// The result of `eq`.
    type Equal;

    #[doc(hidden)]
    fn equal(key: Key<M>) -> Self::Equal;
}

impl<M> Uniqueness<M> for Id {
    type Equal = Key<M>;

    fn equal(key: Key<M>) -> Key<M> {
        key
    }
}

impl<M> Uniqueness<M> for Unique {
    type Equal = Key<M>;

    fn equal(key: Key<M>) -> Key<M> {
        key
    }
}

impl<M: Model> Uniqueness<M> for Plain {
    type Equal = Filter<M>;

    fn equal(key: Key<M>) -> Filter<M> {
        key.into_filter()
    }
}

/// The values of the id, of a unique field or of a compound unique key of the model `M`: at most one record has them.
///
/// Made by `eq` on such a field or on a compound key constant. It is a filter as well.
#[must_use = "a key does nothing by itself: hand it to `find_unique`, `update`, `upsert`, `delete` or a filter"]
pub struct Key<M> {
    values: Vec<(usize, Result<Value, ValueError>)>,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for Key<M> {
    fn clone(&self) -> Self {
        Self::new(self.values.clone())
    }
}

impl<M> std::fmt::Debug for Key<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.values.fmt(f)
    }
}

impl<M> Key<M> {
    pub(crate) fn new(values: Vec<(usize, Result<Value, ValueError>)>) -> Self {
        Self { values, model: PhantomData }
    }
}

impl<M: Model> Key<M> {
    /// The same as data, for a driver.
    pub(crate) fn resolve(self) -> Result<UniqueKey, Error> {
        let schema = M::schema();
        let mut values = Vec::with_capacity(self.values.len());
        for (index, value) in self.values {
            let value = value.map_err(|error| schema.invalid_value(index, &error))?;
            if value.is_null() {
                let text = " is null in the key, and null names no record: any number of records may have it; find them with \
                            `find_many` and a filter, and instead of an upsert create one";
                return Err(schema.field_error(ErrorCode::InvalidQuery, index, text));
            }
            values.push((index, value));
        }
        Ok(UniqueKey { values })
    }

    /// This key and another condition.
    pub fn and(self, other: impl IntoFilter<M>) -> Filter<M> {
        self.into_filter().and(other)
    }

    /// This key or another condition.
    pub fn or(self, other: impl IntoFilter<M>) -> Filter<M> {
        self.into_filter().or(other)
    }
}

impl<M: Model> std::ops::Not for Key<M> {
    type Output = Filter<M>;

    fn not(self) -> Filter<M> {
        !self.into_filter()
    }
}

impl<M: Model> IntoFilter<M> for Key<M> {
    fn into_filter(self) -> Filter<M> {
        self.values
            .into_iter()
            .map(|(index, value)| Filter::of(index, value, |value| Condition::compare(index, Comparison::Eq, value)))
            .reduce(|all, one| all.and(one))
            .unwrap_or_else(|| Filter::from_condition(Condition::always()))
    }
}

impl<M: Model> From<Key<M>> for Filter<M> {
    fn from(key: Key<M>) -> Self {
        key.into_filter()
    }
}

/// A key that `find_unique` and the writes of one record accept.
#[diagnostic::on_unimplemented(
    message = "this does not name one `{M}`: a unique key is needed here",
    label = "not the id, a unique field or a compound unique key of `{M}`",
    note = "use `eq` on the field marked `#[orm(id)]` or `#[orm(unique)]`, or on a compound key's constant; any other condition is for `.filter(..)`, or for `find_first`, `find_many`, `update_many` and `delete_many`"
)]
pub trait IntoKey<M> {
    #[doc(hidden)]
    fn into_key(self) -> Key<M>;
}

#[diagnostic::do_not_recommend]
impl<M> IntoKey<M> for Key<M> {
    fn into_key(self) -> Key<M> {
        self
    }
}

/// The values of one unique constraint, as drivers get them: by place of the field, in the constraint's order, none null.
#[derive(Clone, Debug, PartialEq)]
pub struct UniqueKey {
    values: Vec<(usize, Value)>,
}

impl UniqueKey {
    /// The fields' places and their values.
    pub fn values(&self) -> &[(usize, Value)] {
        &self.values
    }

    /// The places of the constraint's fields.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = usize> {
        self.values.iter().map(|(field, _)| *field)
    }

    /// The value that the key has for the field at this place; `None` if the field is not of the constraint.
    pub fn value(&self, field: usize) -> Option<&Value> {
        self.values.iter().find(|(place, _)| *place == field).map(|(_, value)| value)
    }

    /// The condition that a record has these values.
    pub fn into_condition(self) -> Condition {
        let has = |(field, value)| Condition::Compare(field, Comparison::Eq, value);
        self.values.into_iter().map(has).reduce(Condition::and).unwrap_or_else(Condition::always)
    }
}

/// A compound unique key of the model `M`, over fields with the column types `T`, a tuple.
///
/// The derive makes one constant of these per `#[orm(unique(a, b))]`: `Account::PROVIDER_ACCOUNT_ID`. Its `eq` takes
/// one value per field, in the order of the attribute.
pub struct CompoundKey<M, T> {
    fields: &'static [usize],
    marker: PhantomData<fn() -> (M, T)>,
}

impl<M, T> Clone for CompoundKey<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T> Copy for CompoundKey<M, T> {}

impl<M: Model, T> std::fmt::Debug for CompoundKey<M, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a compound unique key of {}", M::schema().name())
    }
}

impl<M, T> CompoundKey<M, T> {
    /// The key over the fields at these places, one for each type. Made by the derive.
    #[doc(hidden)]
    pub const fn new(fields: &'static [usize]) -> Self {
        Self { fields, marker: PhantomData }
    }
}

/// A unique constraint: the id, a unique field or a compound unique key. Not for implementing.
#[diagnostic::on_unimplemented(
    message = "this is no unique constraint",
    label = "expected the id, a unique field or a compound unique key",
    note = "a violated constraint is the field marked `#[orm(id)]` or `#[orm(unique)]`, or a compound key's constant"
)]
pub trait UniqueConstraint {
    /// The model.
    #[doc(hidden)]
    fn model(&self) -> &'static ModelSchema;

    /// The places of its fields.
    #[doc(hidden)]
    fn places(&self) -> impl Iterator<Item = usize>;
}

#[diagnostic::do_not_recommend]
impl<M: Model, T, U: Uniqueness<M, Equal = Key<M>>> UniqueConstraint for Field<M, T, U> {
    fn model(&self) -> &'static ModelSchema {
        M::schema()
    }

    fn places(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.index())
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, T> UniqueConstraint for CompoundKey<M, T> {
    fn model(&self) -> &'static ModelSchema {
        M::schema()
    }

    fn places(&self) -> impl Iterator<Item = usize> {
        self.fields.iter().copied()
    }
}

macro_rules! compound_keys {
    ($(($($column:ident $value:ident),+))*) => {$(
        impl<M: Model, $($column: Column),+> CompoundKey<M, ($($column,)+)> {
            /// The record whose fields have these values.
            #[allow(clippy::too_many_arguments, reason = "one per field of the key")]
            pub fn eq(self, $($value: impl Input<$column::Rust>),+) -> Key<M> {
                let values = [$($column::encode_input($value)),+];
                Key::new(self.fields.iter().copied().zip(values).collect())
            }
        }
    )*};
}

compound_keys! {
    (A v1, B v2)
    (A v1, B v2, C v3)
    (A v1, B v2, C v3, D v4)
    (A v1, B v2, C v3, D v4, E v5)
    (A v1, B v2, C v3, D v4, E v5, F v6)
    (A v1, B v2, C v3, D v4, E v5, F v6, G v7)
    (A v1, B v2, C v3, D v4, E v5, F v6, G v7, H v8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unique_key_has_its_fields_in_the_order_of_the_constraint() {
        let key = UniqueKey { values: vec![(3, Value::Text("github".into())), (1, Value::Integer(7))] };
        assert_eq!(key.fields().collect::<Vec<_>>(), [3, 1]);
        assert_eq!((key.value(1), key.value(2)), (Some(&Value::Integer(7)), None));
    }
}
