//! The kinds of fields, as data ([`FieldKind`]) and as types that decide at compile time which operators exist.

use std::fmt;
use std::marker::PhantomData;

use crate::types::Column;
use crate::value::MAX_WHOLE;

/// What a field holds, whatever its Rust type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldKind {
    /// Text.
    String,
    /// `true` or `false`.
    Bool,
    /// A whole number of at most 64 bits (`i8`..`i64`, `u8`..`u32`).
    Integer,
    /// A whole number of at most 38 digits (`u64`, `i128`, `u128`).
    BigInt,
    /// An exact decimal number.
    Decimal,
    /// An instant, to the millisecond.
    DateTime,
    /// A JSON document.
    Json,
    /// One of a fixed set of names.
    Enum,
    /// A UUID.
    Uuid,
    /// Bytes.
    Bytes,
}

impl FieldKind {
    /// Whether values of this kind have an order that every driver agrees on.
    pub const fn is_ordered(self) -> bool {
        !matches!(self, Self::Bool | Self::Json)
    }

    /// Whether DynamoDB can have an index on such a field: its keys are strings, numbers and
    /// bytes.
    pub const fn can_be_indexed(self) -> bool {
        !matches!(self, Self::Bool | Self::Json)
    }

    /// Whether two fields of these kinds can be compared, if only for equality: the rule of [`ComparesWith`].
    pub(crate) fn compares_with(self, other: Self) -> bool {
        let is_whole = |kind| matches!(kind, Self::Integer | Self::BigInt);
        self != Self::Json && (self == other || is_whole(self) && is_whole(other))
    }

    /// Whether the values are text: `contains` and `starts_with` apply.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::String)
    }

    /// Whether the values are numbers.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::BigInt | Self::Decimal)
    }

    /// The least and the greatest whole number of this kind.
    pub(crate) const fn whole_numbers(self) -> (i128, i128) {
        match self {
            Self::Integer => (i64::MIN as i128, i64::MAX as i128),
            _ => (-MAX_WHOLE, MAX_WHOLE),
        }
    }

    /// Whether an id of this kind is a random UUID when a create is not given one.
    pub const fn is_uuid_by_default(self) -> bool {
        matches!(self, Self::String | Self::Uuid)
    }
}

impl fmt::Display for FieldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::String => "string",
            Self::Bool => "boolean",
            Self::Integer => "integer",
            Self::BigInt => "bigint",
            Self::Decimal => "decimal",
            Self::DateTime => "datetime",
            Self::Json => "json",
            Self::Enum => "enumeration",
            Self::Uuid => "uuid",
            Self::Bytes => "bytes",
        })
    }
}

/// A kind of field as a type, so that operators can be refused at compile time. Sealed: see [`FieldKind`].
pub trait Kind: sealed::Sealed + Send + Sync + 'static {
    /// The same as data.
    const KIND: FieldKind;
    /// The state of a create builder once its id, of this kind and the column type `T`, is given. Where an id is
    /// generated otherwise, that is [`Omitted`] too, so that `if let Some(id) = id { create.id(id) } else { create }`
    /// has one type.
    type IdGiven<T>;
}

/// Kinds with an order: everything but booleans and JSON.
#[diagnostic::on_unimplemented(
    message = "booleans and JSON documents have no order",
    label = "not for this field: it needs a string, a number, a datetime, a uuid, an enumeration or bytes",
    note = "booleans and JSON documents have `eq`, `ne`, `is_in` and `not_in`; `gt`, `gte`, `lt`, `lte`, `between`, `asc` and `desc` need an order",
    note = "code about any model says with a bound that a field of the type `T` has one: `T::Kind: orm::kind::Ordered`"
)]
pub trait Ordered {}

/// Kinds whose values can be those of the kind `K`: each with itself, but for JSON, and whole numbers of all sizes with one
/// another.
#[diagnostic::on_unimplemented(
    message = "fields of the kinds `{Self}` and `{K}` cannot be compared",
    label = "this field is not of the kind of the other one",
    note = "both need the same kind, which for whole numbers is one whatever their size; JSON documents are not compared"
)]
pub trait ComparesWith<K> {}

#[diagnostic::do_not_recommend]
impl ComparesWith<BigInt> for Integer {}
#[diagnostic::do_not_recommend]
impl ComparesWith<Integer> for BigInt {}

/// Kinds that are text.
#[diagnostic::on_unimplemented(
    message = "`contains` and `starts_with` are for `String` fields",
    label = "not a `String` field"
)]
pub trait Textual {}

/// Kinds that add up.
#[diagnostic::on_unimplemented(
    message = "`increment` and `decrement` are for number fields",
    label = "not a number field"
)]
pub trait Number {
    /// What is added to a field of the Rust type `T`: a `T`.
    // By way of the kind, so that a kind that does not add up is one mistake: rustc does not ask for the type as well.
    type Addend<T>;

    #[doc(hidden)]
    fn addend<T>(addend: Self::Addend<T>) -> T;
}

/// What is added to a field of the column type `T`: its Rust type.
pub type Addend<T> = <<T as Column>::Kind as Number>::Addend<<T as Column>::Rust>;

/// Kinds of which an id is a random UUID when a create is not given one.
pub trait UuidByDefault {}

/// The value has been given to a create builder.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given;

/// The value has not been given to a create builder yet.
#[derive(Clone, Copy, Debug, Default)]
pub struct Missing;

/// The id, of the column type `T`, has not been given to a create builder yet.
#[derive(Clone, Copy, Debug)]
pub struct Omitted<T>(PhantomData<fn() -> T>);

/// The kind of a field that is in an index.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Of<K>(PhantomData<K>);

impl<K> Of<K> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! ability {
    (Number $name:ident) => {
        #[diagnostic::do_not_recommend]
        impl Number for $name {
            type Addend<T> = T;

            fn addend<T>(addend: T) -> T {
                addend
            }
        }
    };
    (Comparable $name:ident) => {
        #[diagnostic::do_not_recommend]
        impl ComparesWith<Self> for $name {}
        #[diagnostic::do_not_recommend]
        impl ComparesWith<Custom> for $name {}
        #[diagnostic::do_not_recommend]
        impl ComparesWith<$name> for Custom {}
    };
    ($ability:ident $name:ident) => {
        #[diagnostic::do_not_recommend]
        impl $ability for $name {}
    };
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident, $id:ty, [$($ability:ident),*] $(, $index:meta)?;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}
        // Called by the derive for each field of an index: where that is a mistake, the call is a warning.
        impl Of<$name> {
            $(#[$index])?
            pub fn index(self) {}
        }
        impl sealed::Sealed for $name {}
        impl Kind for $name {
            const KIND: FieldKind = FieldKind::$name;
            type IdGiven<T> = $id;
        }
        $(ability!($ability $name);)*
    )*};
}

kinds! {
    /// Text.
    String, Omitted<T>, [Comparable, Ordered, Textual, UuidByDefault];
    /// `true` or `false`.
    Bool, Given, [Comparable],
    deprecated(note = "DynamoDB has no index on booleans, and `Orm::new` will answer `Unsupported`: index another field, \
        or make this one an enumeration");
    /// A whole number of at most 64 bits.
    Integer, Given, [Comparable, Ordered, Number];
    /// A whole number of at most 38 digits.
    BigInt, Given, [Comparable, Ordered, Number];
    /// An exact decimal number.
    Decimal, Given, [Comparable, Ordered, Number];
    /// An instant, to the millisecond.
    DateTime, Given, [Comparable, Ordered];
    /// A JSON document.
    Json, Given, [],
    deprecated(note = "DynamoDB has no index on documents, and `Orm::new` will answer `Unsupported`: index another field, \
        or keep what is looked up in a field of its own");
    /// One of a fixed set of names.
    Enum, Given, [Comparable, Ordered];
    /// A UUID.
    Uuid, Omitted<T>, [Comparable, Ordered, UuidByDefault];
    /// Bytes.
    Bytes, Given, [Comparable, Ordered];
}

/// The kind of a field with a custom encoding (`#[orm(with = ..)]`): what it encodes to is known at run time only,
/// and an operator that does not fit it is an [`InvalidQuery`](crate::ErrorCode::InvalidQuery) error.
#[derive(Clone, Copy, Debug)]
pub enum Custom {}
impl Of<Custom> {
    pub fn index(self) {}
}
ability!(Ordered Custom);
#[diagnostic::do_not_recommend]
impl ComparesWith<Self> for Custom {}
ability!(Textual Custom);
ability!(Number Custom);
