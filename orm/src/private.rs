//! What the derives' code names. Not part of the public interface: it changes without notice.

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
use crate::select::{As, Select, Selection};
use crate::value::Value;

/// What a create starts with for an id of this type: `Given` when one can be made up.
pub type OmittedId<T> = <<T as Column>::Kind as Kind>::OmittedId;

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

/// Stands in for the encoding of a field whose type no field can have: there is an error about it.
pub mod unsupported {
    pub fn encode<T>(_: &T) -> String {
        String::new()
    }

    pub fn decode<T>(_: String) -> Result<T, &'static str> {
        Err("the field's type is not a field type")
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
