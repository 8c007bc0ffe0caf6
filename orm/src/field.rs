//! Typed handles of fields: `User::EMAIL`, and the operators they have.

use std::marker::PhantomData;

use crate::error::ValueError;
use crate::filter::{Comparison, Condition, Filter};
use crate::input::Input;
use crate::key::{Key, Uniqueness};
use crate::kind::{ComparesWith, Ordered, Textual};
use crate::model::Model;
use crate::order::OrderBy;
use crate::select::{FieldResult, Part, Selection};
use crate::types::Column;
use crate::value::Value;

/// A field of the model `M` with the column type `T`; `U` says whether it is the id, unique or plain.
///
/// The derive makes one constant of these per field, in capitals. It carries no data but its place in the model.
pub struct Field<M, T, U> {
    index: usize,
    marker: PhantomData<fn() -> (M, T, U)>,
}

impl<M, T, U> Clone for Field<M, T, U> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T, U> Copy for Field<M, T, U> {}

impl<M: Model, T, U> std::fmt::Debug for Field<M, T, U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let schema = M::schema();
        write!(f, "{}.{}", schema.name(), schema.field(self.index).name())
    }
}

impl<M, T, U> Field<M, T, U> {
    /// The handle of the field at `index` of the model. Made by the derive.
    #[doc(hidden)]
    pub const fn new(index: usize) -> Self {
        Self { index, marker: PhantomData }
    }

    /// The place of the field in [`ModelSchema::fields`](crate::schema::ModelSchema::fields).
    pub const fn index(&self) -> usize {
        self.index
    }
}

impl<M: Model, T: Column, U> Field<M, T, U> {
    fn compare(self, comparison: Comparison, value: impl Input<T::Rust>) -> Filter<M> {
        Filter::of(self.index(), T::encode_input(value), |value| Condition::compare(self.index(), comparison, value))
    }

    fn compare_field<V, W>(self, comparison: Comparison, other: Field<M, V, W>) -> Filter<M> {
        Filter::from_condition(Condition::CompareFields(self.index(), comparison, other.index()))
    }

    /// The field as a part of a struct with `#[derive(Select)]`.
    #[doc(hidden)]
    pub fn select_into<W: FieldResult<T::Rust>>(self) -> Part<Self, W> {
        Part {
            selection: self,
            describe: |field, projection| field.project(projection),
            read: |field, row| T::read(row, field.index()).map(W::from_field),
        }
    }

    /// The field has this value. On the id and on unique fields the result is also a key for `find_unique`,
    /// `update`, `upsert`, `delete` and `consume`.
    pub fn eq(self, value: impl Input<T::Rust>) -> U::Equal
    where
        U: Uniqueness<M>,
    {
        U::equal(Key::new(vec![(self.index(), T::encode_input(value))]))
    }

    /// The field has another value, or none.
    pub fn ne(self, value: impl Input<T::Rust>) -> Filter<M> {
        self.compare(Comparison::Ne, value)
    }

    /// The field has one of these values.
    pub fn is_in<V: Input<T::Rust>>(self, values: impl IntoIterator<Item = V>) -> Filter<M> {
        let values: Result<Vec<Value>, ValueError> = values.into_iter().map(|value| T::encode_input(value)).collect();
        Filter::of(self.index(), values, |values| Condition::is_in(self.index(), values))
    }

    /// The field has none of these values; no value at all is fine.
    pub fn not_in<V: Input<T::Rust>>(self, values: impl IntoIterator<Item = V>) -> Filter<M> {
        !self.is_in(values)
    }

    /// The field is greater than the value. Text is compared byte by byte.
    pub fn gt(self, value: impl Input<T::Rust>) -> Filter<M>
    where
        T::Kind: Ordered,
    {
        self.compare(Comparison::Gt, value)
    }

    /// The field is greater than the value or equal to it.
    pub fn gte(self, value: impl Input<T::Rust>) -> Filter<M>
    where
        T::Kind: Ordered,
    {
        self.compare(Comparison::Gte, value)
    }

    /// The field is less than the value. A null is not less than anything.
    pub fn lt(self, value: impl Input<T::Rust>) -> Filter<M>
    where
        T::Kind: Ordered,
    {
        self.compare(Comparison::Lt, value)
    }

    /// The field is less than the value or equal to it.
    pub fn lte(self, value: impl Input<T::Rust>) -> Filter<M>
    where
        T::Kind: Ordered,
    {
        self.compare(Comparison::Lte, value)
    }

    /// The field has a value from `low` to `high`, both included.
    pub fn between(self, low: impl Input<T::Rust>, high: impl Input<T::Rust>) -> Filter<M>
    where
        T::Kind: Ordered,
    {
        self.gte(low).and(self.lte(high))
    }

    /// The field has the same value as another one of its record, or both are null.
    pub fn eq_field<V: Column, W>(self, other: Field<M, V, W>) -> Filter<M>
    where
        T::Kind: ComparesWith<V::Kind>,
    {
        self.compare_field(Comparison::Eq, other)
    }

    /// The field has another value than another one of its record, or only one of them is null.
    pub fn ne_field<V: Column, W>(self, other: Field<M, V, W>) -> Filter<M>
    where
        T::Kind: ComparesWith<V::Kind>,
    {
        self.compare_field(Comparison::Ne, other)
    }

    /// The field is greater than another one of its record, and neither is null.
    pub fn gt_field<V: Column, W>(self, other: Field<M, V, W>) -> Filter<M>
    where
        T::Kind: Ordered + ComparesWith<V::Kind>,
    {
        self.compare_field(Comparison::Gt, other)
    }

    /// The field is greater than another one of its record or equal to it, and neither is null.
    pub fn gte_field<V: Column, W>(self, other: Field<M, V, W>) -> Filter<M>
    where
        T::Kind: Ordered + ComparesWith<V::Kind>,
    {
        self.compare_field(Comparison::Gte, other)
    }

    /// The field is less than another one of its record, and neither is null.
    ///
    /// ```
    /// # use orm::prelude::*;
    /// # #[derive(Model)] #[orm(table = "quotas")] struct Quota { #[orm(id)] id: String, used: i64, allowed: i64 }
    /// // Of many at once, no more get one than are allowed.
    /// let take = Quota::update(Quota::ID.eq("q1")).filter(Quota::USED.lt_field(Quota::ALLOWED)).increment(Quota::USED, 1);
    /// ```
    pub fn lt_field<V: Column, W>(self, other: Field<M, V, W>) -> Filter<M>
    where
        T::Kind: Ordered + ComparesWith<V::Kind>,
    {
        self.compare_field(Comparison::Lt, other)
    }

    /// The field is less than another one of its record or equal to it, and neither is null.
    pub fn lte_field<V: Column, W>(self, other: Field<M, V, W>) -> Filter<M>
    where
        T::Kind: Ordered + ComparesWith<V::Kind>,
    {
        self.compare_field(Comparison::Lte, other)
    }

    /// The text contains `part`; case matters.
    pub fn contains(self, part: impl AsRef<str>) -> Filter<M>
    where
        T::Kind: Textual,
    {
        Filter::from_condition(Condition::Contains(self.index(), part.as_ref().to_owned()))
    }

    /// The text starts with `prefix`; case matters.
    pub fn starts_with(self, prefix: impl AsRef<str>) -> Filter<M>
    where
        T::Kind: Textual,
    {
        Filter::from_condition(Condition::StartsWith(self.index(), prefix.as_ref().to_owned()))
    }

    /// The field has no value.
    pub fn is_null(self) -> Filter<M>
    where
        T: Nullable,
    {
        Filter::from_condition(Condition::IsNull(self.index()))
    }

    /// The field has a value.
    pub fn is_not_null(self) -> Filter<M>
    where
        T: Nullable,
    {
        !self.is_null()
    }

    /// In this field's order, smallest first; nulls come before all values.
    pub fn asc(self) -> OrderBy<M>
    where
        T::Kind: Ordered,
    {
        OrderBy::new(self.index(), false)
    }

    /// In this field's order, largest first; nulls come after all values.
    pub fn desc(self) -> OrderBy<M>
    where
        T::Kind: Ordered,
    {
        OrderBy::new(self.index(), true)
    }
}

/// Columns that can be null: `Option<_>` fields, and those with `#[orm(with = ..)]`, of which that is known at run time only.
#[diagnostic::on_unimplemented(
    message = "`is_null` and `is_not_null` need an `Option` field, and this one always has a value",
    label = "this field is never null"
)]
pub trait Nullable {}

#[diagnostic::do_not_recommend]
impl<T> Nullable for Option<T> {}
#[diagnostic::do_not_recommend]
impl<T, M, const PLACE: usize> Nullable for crate::types::With<T, M, PLACE> {}
