//! What the derives' code names. Not part of the public interface: it changes without notice.

pub use crate::key::{Id, Plain, Unique};
pub use crate::kind::{Given, Kind, Missing, Omitted};
pub use crate::projection::Projection;
pub use crate::query::Create;
pub use crate::reader::RowReader;
pub use crate::record::Draft;
pub use crate::schema::{FieldDefault, FieldSchema, IndexSchema, Indexes, ModelSchema, RelationSchema, UniqueSchema};
pub use crate::types::{Coding, Encoding, Functions};
pub use core::result::Result;

use std::marker::PhantomData;

use crate::cost::Cost;
use crate::driver::BoxFuture;
use crate::error::ValueError;
use crate::kind;
use crate::model::Model;
use crate::orm_handle::Orm;
use crate::select::{As, Select, Selection};
use crate::types::Column;
use crate::value::Value;

/// Column types of which an id is a random UUID when a create is not given one.
pub trait UuidByDefault {}

#[diagnostic::do_not_recommend]
impl<T: Column<Kind: kind::UuidByDefault>> UuidByDefault for T {}

/// Whether a create builder has its id.
pub trait IdState {
    /// The same once it has.
    type Given;
}

impl IdState for Given {
    type Given = Given;
}

impl<T: Column<Kind: Kind>> IdState for Omitted<T> {
    type Given = <T::Kind as Kind>::IdGiven<T>;
}

/// A field of an index. Finds its kind where it has one; where it has none there is an error already.
pub struct Indexed<T>(PhantomData<fn() -> T>);

impl<T> Indexed<T> {
    #[allow(clippy::new_without_default, reason = "the derive alone makes these")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: Column> Indexed<T> {
    pub const fn kind(&self) -> kind::Of<T::Kind> {
        kind::Of::new()
    }
}

/// The same method for what is no column: rustc takes it where the other does not fit.
pub trait AnyKind {
    fn kind(&self) -> kind::Of<kind::Custom>;
}

impl<T> AnyKind for Indexed<T> {
    fn kind(&self) -> kind::Of<kind::Custom> {
        kind::Of::new()
    }
}

/// A type about which something was checked by the constant beside it. Where that has an error, this is one too, and
/// rustc says nothing more of what is done with it.
pub struct Checked<T, const IS: bool>(PhantomData<fn() -> T>);

/// The type that was checked.
pub trait Known {
    type Type;
}

impl<T> Known for Checked<T, true> {
    type Type = T;
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
    pub(crate) fn give<Next>(self, field: usize, value: Result<Value, ValueError>) -> Builder<M, Next> {
        Builder { create: self.create.give(field, value), state: PhantomData }
    }

    pub fn finish(self) -> Create<M> {
        self.create
    }

    pub fn select<T: Selection<M, Checked = Chosen>, Chosen>(self, selection: T) -> Create<M, Chosen> {
        self.create.select(selection)
    }

    pub fn select_as<T: Select<M>>(self) -> Create<M, As<T, T::Itself>> {
        self.create.select_as::<T>()
    }

    pub fn exec(self, orm: &Orm) -> BoxFuture<'_, M> {
        Box::pin(self.create.exec(orm))
    }

    pub fn exec_with_cost(self, orm: &Orm) -> BoxFuture<'_, (M, Cost)> {
        Box::pin(self.create.exec_with_cost(orm))
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
