//! The Rust types a field can have, and how each becomes a [`Value`] and back.

mod datetime;
mod enumeration;
mod finite;
mod json;
mod number;
mod text;

pub use enumeration::Enumeration;
pub use json::Json;

use crate::error::ValueError;
use crate::kind::{Custom, FieldKind, Kind};
use crate::value::{MAX_WHOLE, Value};

/// A scalar type that a model's field can have.
///
/// Implemented for strings, booleans, integers, [`Decimal`](rust_decimal::Decimal), datetimes, JSON, uuids and every
/// [`Enumeration`]; `Option<T>` of each makes the field nullable. Implement it for a type of your own by going
/// through one that has it:
///
/// ```
/// use orm::{FieldType, Value, ValueError, kind};
///
/// #[derive(Clone, Debug, PartialEq)]
/// struct Email(String);
///
/// impl FieldType for Email {
///     type Kind = kind::String;
///
///     fn into_value(self) -> Result<Value, ValueError> {
///         self.0.into_value()
///     }
///
///     fn from_value(value: Value) -> Result<Self, ValueError> {
///         String::from_value(value).map(Email)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a field type",
    label = "a field of a model cannot have this type",
    note = "field types are String, bool, integers, rust_decimal::Decimal, chrono::DateTime<Utc>, jiff::Timestamp (feature `jiff`), serde_json::Value, orm::Json<T>, uuid::Uuid, enumerations (`#[derive(Enumeration)]`), and Option<_> of each",
    note = "wrap a serde type in `Json<_>`, implement `orm::FieldType` for it, or give the field `#[orm(with = module)]`"
)]
pub trait FieldType: Sized + Send + Sync + 'static {
    /// Which values it holds, and so which operators its fields have.
    type Kind: Kind;

    /// The names that an enumeration knows; empty for every other kind.
    const VARIANTS: &'static [&'static str] = &[];

    /// The least and the greatest whole number that a field of this type can hold, so that an increment does not
    /// leave it. Only meaningful for integers and bigints.
    const RANGE: (i128, i128) = (-MAX_WHOLE, MAX_WHOLE);

    /// The value to store.
    ///
    /// # Errors
    /// When no driver could hold it: more than 38 digits, a float that is not finite, a year beyond 9999.
    fn into_value(self) -> Result<Value, ValueError>;

    /// The value as read back.
    ///
    /// # Errors
    /// When a stored value is of another kind or not one of the values this type has.
    fn from_value(value: Value) -> Result<Self, ValueError>;
}

/// The type of a column: a [`FieldType`], an `Option` of one, or a custom encoding ([`With`]).
///
/// Not for implementing: implement [`FieldType`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a field type",
    label = "a field of a model cannot have this type",
    note = "field types are String, bool, integers, rust_decimal::Decimal, chrono::DateTime<Utc>, jiff::Timestamp (feature `jiff`), serde_json::Value, orm::Json<T>, uuid::Uuid, enumerations (`#[derive(Enumeration)]`), and Option<_> of each",
    note = "wrap a serde type in `Json<_>`, implement `orm::FieldType` for it, or give the field `#[orm(with = module)]`"
)]
pub trait Column: Send + Sync + 'static {
    /// The Rust type of the field.
    type Rust: Send + Sync + 'static;
    /// The kind that decides the operators.
    type Kind;
}

/// A column that can be written and read without more ado: what is inside [`Column`] but for [`With`].
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a field type",
    label = "a field of a model cannot have this type",
    note = "field types are String, bool, integers, rust_decimal::Decimal, chrono::DateTime<Utc>, jiff::Timestamp (feature `jiff`), serde_json::Value, orm::Json<T>, uuid::Uuid, enumerations (`#[derive(Enumeration)]`), and Option<_> of each",
    note = "wrap a serde type in `Json<_>`, implement `orm::FieldType` for it, or give the field `#[orm(with = module)]`"
)]
pub trait Codec: Column {
    const KIND: FieldKind;
    const NULLABLE: bool;
    const VARIANTS: &'static [&'static str];
    const RANGE: (i128, i128);
    fn encode(value: Self::Rust) -> Result<Value, ValueError>;
    fn decode(value: Value) -> Result<Self::Rust, ValueError>;
}

/// Marks the column of a field with `#[orm(with = module)]`, whose Rust type is `T`.
#[derive(Clone, Copy, Debug)]
pub struct With<T>(std::marker::PhantomData<fn() -> T>);

#[diagnostic::do_not_recommend]
impl<T: FieldType> Column for T {
    type Rust = T;
    type Kind = T::Kind;
}

#[diagnostic::do_not_recommend]
impl<T: FieldType> Column for Option<T> {
    type Rust = Option<T>;
    type Kind = T::Kind;
}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> Column for With<T> {
    type Rust = T;
    type Kind = Custom;
}

#[diagnostic::do_not_recommend]
impl<T: FieldType> Codec for T {
    const KIND: FieldKind = <T::Kind as Kind>::KIND;
    const NULLABLE: bool = false;
    const VARIANTS: &'static [&'static str] = T::VARIANTS;
    const RANGE: (i128, i128) = T::RANGE;

    fn encode(value: T) -> Result<Value, ValueError> {
        value.into_value()
    }

    fn decode(value: Value) -> Result<T, ValueError> {
        if value.is_null() && Self::KIND as u8 != FieldKind::Json as u8 {
            return Err(ValueError::new("there is no stored value, and the field is not optional"));
        }
        T::from_value(value)
    }
}

#[diagnostic::do_not_recommend]
impl<T: FieldType> Codec for Option<T> {
    const KIND: FieldKind = <T::Kind as Kind>::KIND;
    const NULLABLE: bool = true;
    const VARIANTS: &'static [&'static str] = T::VARIANTS;
    const RANGE: (i128, i128) = T::RANGE;

    fn encode(value: Option<T>) -> Result<Value, ValueError> {
        value.map_or(Ok(Value::Null), T::into_value)
    }

    fn decode(value: Value) -> Result<Option<T>, ValueError> {
        if value.is_null() { Ok(None) } else { T::from_value(value).map(Some) }
    }
}

/// The message for a value of another kind than the type reads.
fn mismatch(expected: &str, found: &Value) -> ValueError {
    ValueError::new(format!("expected {expected}, found {}", found.describe()))
}
