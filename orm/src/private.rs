//! What the derives' code names. Not part of the public interface: it changes without notice.

pub use crate::kind::{Given, Missing, Omitted};
pub use crate::projection::Projection;
pub use crate::query::builder::{Builder, IdState};
pub use crate::reader::RowReader;
pub use crate::record::Draft;
pub use crate::schema::{FieldDefault, FieldSchema, IndexSchema, Indexes, ModelSchema, RelationSchema, UniqueSchema};
pub use crate::types::{Coding, Encoding, Functions};

use std::marker::PhantomData;

use crate::kind;
use crate::types::Column;

/// Column types of which an id is a random UUID when a create is not given one.
pub trait UuidByDefault {}

#[diagnostic::do_not_recommend]
impl<T: Column<Kind: kind::UuidByDefault>> UuidByDefault for T {}

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
