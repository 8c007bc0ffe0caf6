//! What the derives' code names. Not part of the public interface: it changes without notice.

pub use crate::clock::Now;
pub use crate::key::{Id, Plain, Unique};
pub use crate::kind::{Given, Kind, Missing};
pub use crate::query::Create;
pub use crate::record::Draft;
pub use crate::row::{Projection, RowReader};
pub use crate::schema::{Default, FieldSchema, IndexSchema, ModelSchema, RelationSchema, UniqueSchema};
pub use crate::types::{Codec, Column, With};
pub use core::result::Result;

use std::marker::PhantomData;

use crate::driver::BoxFuture;
use crate::error::ValueError;
use crate::field::Field;
use crate::input::Input;
use crate::model::Model;
use crate::orm_handle::Orm;
use crate::relation::Relation;
use crate::select::{As, Select, Selection};
use crate::value::Value;

/// What a create starts with for an id of this type: `Given` when one can be made up.
pub type OmittedId<T> = <<T as Column>::Kind as Kind>::OmittedId;

/// A default value, from an expression of any type that fits the field.
pub fn default_value<T: Codec>(value: impl Input<T::Rust>) -> Result<Value, ValueError> {
    T::encode(value.into_input())
}

/// The current time as a default value.
pub fn default_now<T: Codec>() -> Result<Value, ValueError>
where
    T::Rust: Now,
{
    T::encode(T::Rust::now())
}

/// A default value of a field with a custom encoding.
pub fn default_with<T, R: Codec<Rust = R>>(encode: fn(&T) -> R, value: impl Input<T>) -> Result<Value, ValueError> {
    R::encode(encode(&value.into_input()))
}

/// The current time as a default value of a field with a custom encoding.
pub fn default_now_with<T: Now, R: Codec<Rust = R>>(encode: fn(&T) -> R) -> Result<Value, ValueError> {
    R::encode(encode(&T::now()))
}

/// The stored form of what the `encode` of a field's module answered.
pub fn encode_with<R: Codec<Rust = R>>(encoded: R) -> Result<Value, ValueError> {
    R::encode(encoded)
}

/// What the `decode` of a field's module makes of a stored value.
pub fn decode_with<T, R: Codec<Rust = R>, E: std::fmt::Display>(
    decode: fn(R) -> Result<T, E>,
    value: Value,
) -> Result<T, ValueError> {
    decode(R::decode(value)?).map_err(|error| ValueError::new(error.to_string()))
}

/// Demands that the foreign key `F` of a relation can hold the id of the model `M`.
pub const fn foreign_key<M: Model, O, F, U>(field: Field<O, F, U>) -> usize
where
    F: Column + ForeignKeyTo<M::Id>,
{
    field.index()
}

/// Demands that a field of type `F` can hold what it refers to, a field of type `T`.
pub const fn referenced<F: ForeignKeyTo<T>, M, T: Column, U>(field: Field<M, T, U>) -> usize {
    field.index()
}

/// A column that can hold an id of type `I`: the same type, or an `Option` of it.
#[diagnostic::on_unimplemented(
    message = "a foreign key of type `{Self}` cannot hold an id of type `{I}`",
    label = "expected `{I}` or `Option<{I}>`"
)]
pub trait ForeignKeyTo<I> {}

impl<I: Column> ForeignKeyTo<I> for I {}
impl<I: Column> ForeignKeyTo<I> for Option<I> {}

/// Demands that what has `filter`, `order_by`, `skip` or `take` in a struct with `#[derive(Select)]` is a relation.
pub fn relation<R: IsRelation>(relation: R) -> R::Relation {
    relation.relation()
}

/// What has a filter, an order and limits within a selection.
#[diagnostic::on_unimplemented(
    message = "`filter`, `order_by`, `skip` and `take` are for relations, and this is a field of the model",
    label = "not a relation: remove this"
)]
pub trait IsRelation {
    /// `Self`. When there is none, nothing more is said about it.
    type Relation;

    fn relation(self) -> Self::Relation;
}

impl<M, R, C> IsRelation for Relation<M, R, C> {
    type Relation = Self;

    fn relation(self) -> Self {
        self
    }
}

/// What the create builders are made of: values for the model `M`, and in the type `S` which of them there are.
pub struct Builder<M, S> {
    create: Create<M>,
    state: PhantomData<fn() -> S>,
}

impl<M: Model, S> Builder<M, S> {
    #[allow(clippy::new_without_default, reason = "a builder without values is not a value like others")]
    pub fn new() -> Self {
        Self { create: Create::empty(), state: PhantomData }
    }

    /// With one more value, in the state that this leads to.
    pub fn give<T: Column, U, Next>(self, field: Field<M, T, U>, value: impl Input<T::Rust>) -> Builder<M, Next> {
        Builder { create: self.create.give(field, value), state: PhantomData }
    }

    pub fn finish(self) -> Create<M> {
        self.create
    }

    pub fn select<T: Selection<M>>(self, selection: T) -> Create<M, T> {
        self.create.select(selection)
    }

    pub fn select_as<T: Select<M>>(self) -> Create<M, As<T>> {
        self.create.select_as()
    }

    pub fn exec(self, orm: &Orm) -> BoxFuture<'_, M> {
        Box::pin(self.create.exec(orm))
    }
}

impl<M, S> Clone for Builder<M, S> {
    fn clone(&self) -> Self {
        Self { create: self.create.clone(), state: PhantomData }
    }
}

impl<M, S> std::fmt::Debug for Builder<M, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.create.fmt(f)
    }
}
