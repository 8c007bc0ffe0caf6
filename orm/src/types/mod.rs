//! The Rust types a field can have, and how each becomes a [`Value`] and back.

mod bytes;
mod canonical;
mod datetime;
mod enumeration;
mod finite;
mod json;
mod number;
mod text;
mod with;

pub use enumeration::Enumeration;
pub use json::{Json, document_number};
pub use with::{Coding, Encodes, Encoding, Functions, With};

pub(crate) use self::canonical::canonical;

use std::time::SystemTime;

use crate::clock::Now;
use crate::error::{Error, ValueError};
use crate::input::Input;
use crate::kind::{FieldKind, Kind};
use crate::model::Model;
use crate::query::builder::Builder;
use crate::reader::RowReader;
use crate::record::Draft;
use crate::relation::{Related, Relation};
use crate::value::Value;

/// A scalar type that a model's field can have.
///
/// Implemented for strings, booleans, integers, [`Decimal`](rust_decimal::Decimal), datetimes, JSON, uuids, bytes and every
/// [`Enumeration`]; `Option<T>` of each makes the field nullable. A struct around one of them derives it,
/// `#[derive(orm::FieldType)] struct UserId(String);`. Implement it for another type of your own, or for one that
/// checks its values, by way of a type that has it:
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
    note = "field types are String, bool, integers, rust_decimal::Decimal, chrono::DateTime<Utc>, jiff::Timestamp (feature `jiff`), serde_json::Value, orm::Json<T>, uuid::Uuid, Vec<u8>, [u8; N], enumerations (`#[derive(Enumeration)]`), and Option<_> of each",
    note = "`Json<T>` is a field type if `T` has `#[derive(serde::Serialize, serde::Deserialize)]`; for another type of your own, derive or implement `orm::FieldType`, or give the field `#[orm(with = module)]`"
)]
pub trait FieldType: Sized + Send + Sync + 'static {
    /// Which values it holds, and so which operators its fields have.
    type Kind: Kind;

    /// The names that an enumeration knows; empty for every other kind.
    const VARIANTS: &'static [&'static str] = &[];

    /// The least and the greatest whole number that a field of this type can hold, if it holds all those in between:
    /// then a driver can let its store add, and check the sum there. With `None`, the default,
    /// [`from_value`](Self::from_value) is asked about each sum; for that, DynamoDB's driver reads the record first. A
    /// newtype of a `u32` can say `u32::RANGE`.
    const RANGE: Option<(i128, i128)> = None;

    /// Whether [`from_value`](Self::from_value) reads whatever [`into_value`](Self::into_value) gives. A type that does not say so
    /// is asked about each value before it is stored.
    #[doc(hidden)]
    const ROUND_TRIPS: bool = false;

    /// The value to store, of this type's [`Kind`](Self::Kind); never [`Value::Null`], except for a document. A value
    /// that is not in the canonical form of a [`Value`] is brought into it (decimals, the numbers of documents) or
    /// refused (datetimes, uuids) before it reaches a driver.
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
    note = "field types are String, bool, integers, rust_decimal::Decimal, chrono::DateTime<Utc>, jiff::Timestamp (feature `jiff`), serde_json::Value, orm::Json<T>, uuid::Uuid, Vec<u8>, [u8; N], enumerations (`#[derive(Enumeration)]`), and Option<_> of each",
    note = "`Json<T>` is a field type if `T` has `#[derive(serde::Serialize, serde::Deserialize)]`; for another type of your own, derive or implement `orm::FieldType`, or give the field `#[orm(with = module)]`"
)]
pub trait Column: Send + Sync + 'static {
    /// The Rust type of the field.
    type Rust: Send + Sync + 'static;
    /// The kind that decides the operators.
    type Kind;

    #[doc(hidden)]
    const FACTS: Facts;

    #[doc(hidden)]
    fn encode(value: Self::Rust) -> Result<Value, ValueError>;

    #[doc(hidden)]
    fn decode(value: Value) -> Result<Self::Rust, ValueError>;

    // What the derive's code does with a field, it does through the functions below: were they functions elsewhere that
    // demand a `Column`, a type that is none would be one error per function, all of the same mistake.

    #[doc(hidden)]
    fn encode_input(value: impl Input<Self::Rust>) -> Result<Value, ValueError> {
        Self::encode(value.into_input())
    }

    /// The same for a value that is to be stored: one that the type cannot read would be an error to all who read the record.
    #[doc(hidden)]
    fn encode_to_store(value: impl Input<Self::Rust>) -> Result<Value, ValueError> {
        let value = Self::encode_input(value)?;
        if !Self::FACTS.round_trips {
            Self::decode(value.clone())
                .map_err(|error| ValueError::new(format!("it could not be read again once it is stored: {error}")))?;
        }
        Ok(value)
    }

    #[doc(hidden)]
    fn encode_now(time: SystemTime) -> Result<Value, ValueError>
    where
        Self::Rust: Now,
    {
        Self::encode_to_store(<Self::Rust as Now>::at(time)?)
    }

    #[doc(hidden)]
    fn read(row: &mut RowReader<'_>, field: usize) -> Result<Self::Rust, Error> {
        row.read_next(field, Self::decode)
    }

    #[doc(hidden)]
    fn set(draft: &mut Draft, field: usize, value: impl Input<Self::Rust>) {
        draft.set_encoded(field, Self::encode_to_store(value));
    }

    #[doc(hidden)]
    fn give<M: Model, S, Next>(
        builder: Builder<M, S>,
        field: usize,
        value: impl Input<Self::Rust>,
    ) -> Builder<M, Next> {
        builder.give(field, Self::encode_to_store(value))
    }

    #[doc(hidden)]
    fn relate<M: Model, R, C>(relation: Relation<M, R, C>, field: usize, value: &Self::Rust) -> Related<M, R, C>
    where
        Self::Rust: RelationKey<Self::Rust>,
    {
        relation.of(field, Self::encode(value.copied()))
    }
}

/// The value of type `T` that an accessor of a relation looks records up by: a `T`. A reference, which has `Clone` as well, is
/// none, so that rustc does not advise to make one of the field.
#[diagnostic::on_unimplemented(
    message = "`{Self}` needs `Clone`: a relation of this model looks records up by it",
    label = "add `#[derive(Clone)]` to this type"
)]
#[doc(hidden)]
pub trait RelationKey<T> {
    fn copied(&self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> RelationKey<T> for T {
    fn copied(&self) -> T {
        self.clone()
    }
}

/// What the schema says about a column's type.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub(crate) kind: FieldKind,
    pub(crate) nullable: bool,
    pub(crate) variants: &'static [&'static str],
    pub(crate) range: Option<(i128, i128)>,
    /// Whether the type can read whatever it gives.
    pub(crate) round_trips: bool,
    /// Whether the type can read a value.
    pub(crate) reads: fn(Value) -> Result<(), ValueError>,
}

impl Facts {
    const fn of<T: FieldType>(nullable: bool) -> Self {
        let reads = |value| T::from_value(value).map(drop);
        Self {
            kind: <T::Kind as Kind>::KIND,
            nullable,
            variants: T::VARIANTS,
            range: T::RANGE,
            round_trips: T::ROUND_TRIPS,
            reads,
        }
    }

    /// Whether the field may hold nothing.
    pub const fn is_nullable(&self) -> bool {
        self.nullable
    }
}

#[diagnostic::do_not_recommend]
impl<T: FieldType> Column for T {
    type Rust = T;
    type Kind = T::Kind;
    const FACTS: Facts = Facts::of::<T>(false);

    fn encode(value: T) -> Result<Value, ValueError> {
        canonical(Self::FACTS.kind, value.into_value()?)
    }

    fn decode(value: Value) -> Result<T, ValueError> {
        if value.is_null() && Self::FACTS.kind != FieldKind::Json {
            return Err(ValueError::new("there is no stored value, and the field is not optional"));
        }
        T::from_value(value)
    }
}

#[diagnostic::do_not_recommend]
impl<T: FieldType> Column for Option<T> {
    type Rust = Option<T>;
    type Kind = T::Kind;
    const FACTS: Facts = Facts::of::<T>(true);

    fn encode(value: Option<T>) -> Result<Value, ValueError> {
        value.map_or(Ok(Value::Null), T::encode)
    }

    fn decode(value: Value) -> Result<Option<T>, ValueError> {
        if value.is_null() { Ok(None) } else { T::from_value(value).map(Some) }
    }
}

/// The message for a value of another kind than the type reads.
fn mismatch(expected: &str, found: &Value) -> ValueError {
    ValueError::new(format!("expected {expected}, found {}", found.describe()))
}
