//! What the derives' code names. Not part of the public interface: it changes without notice.

pub use crate::clock::Now;
pub use crate::key::{Id, Plain, Unique};
pub use crate::kind::{Given, Kind, Missing};
pub use crate::query::Create;
pub use crate::record::Draft;
pub use crate::row::RowReader;
pub use crate::schema::{
    Default, FieldSchema, IndexSchema, ModelSchema, RelationSchema, UniqueSchema,
};
pub use crate::types::{Codec, Column, With};
pub use core::result::Result;

use crate::error::ValueError;
use crate::input::Input;
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
pub const fn foreign_key<M: crate::Model, O, F: Column, U>(field: crate::Field<O, F, U>) -> usize
where
    F: ForeignKeyTo<M::Id>,
{
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
