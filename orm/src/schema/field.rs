//! One field of a model, as data.

use std::time::SystemTime;

use rust_decimal::Decimal;

use crate::error::ValueError;
use crate::field::Field;
use crate::kind::FieldKind;
use crate::types::{Column, Facts, canonical};
use crate::value::Value;

use super::ForeignKeyTo;

use super::ModelSchema;

/// A field: its names, its column in the store, and what it holds.
#[derive(Debug)]
pub struct FieldSchema {
    name: &'static str,
    name_in_struct: &'static str,
    column: &'static str,
    kind: FieldKind,
    nullable: bool,
    unique: bool,
    variants: &'static [&'static str],
    range: Option<(i128, i128)>,
    reads: fn(Value) -> Result<(), ValueError>,
    default: FieldDefault,
    references: Option<Reference>,
    description: &'static str,
}

/// What a create stores in a field that it is not given.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum FieldDefault {
    /// Nothing: the field is required, or null if it is nullable.
    None,
    /// The value that this function gives.
    Value(fn() -> Result<Value, ValueError>),
    /// The time of the create, the same in all fields of a record.
    Now(fn(SystemTime) -> Result<Value, ValueError>),
    /// A random UUID, made here.
    Uuid,
    /// An id that the store has to generate.
    Database,
}

/// The field that a foreign key refers to.
#[derive(Clone, Copy, Debug)]
pub struct Reference {
    /// The other model.
    pub model: fn() -> &'static ModelSchema,
    /// The place of the field in it.
    pub field: usize,
}

/// The derive's way of writing a field down.
#[doc(hidden)]
impl FieldSchema {
    /// What [`ModelSchema::field`] answers for a place that the model has not.
    pub(super) const UNKNOWN: Self = Self::new("", "", <String as Column>::FACTS);

    pub const fn new(name: &'static str, column: &'static str, facts: Facts) -> Self {
        let Facts { kind, nullable, variants, range, reads, round_trips: _ } = facts;
        Self {
            name,
            name_in_struct: name,
            column,
            kind,
            nullable,
            unique: false,
            variants,
            range,
            reads,
            default: FieldDefault::None,
            references: None,
            description: "",
        }
    }

    pub const fn named_in_struct(mut self, name: &'static str) -> Self {
        self.name_in_struct = name;
        self
    }

    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// The id: a random UUID by default, where its kind allows that.
    pub const fn id(mut self) -> Self {
        if self.kind.is_uuid_by_default() && matches!(self.default, FieldDefault::None) {
            self.default = FieldDefault::Uuid;
        }
        self
    }

    pub const fn default(mut self, default: FieldDefault) -> Self {
        self.default = default;
        self
    }

    pub const fn references(mut self, model: fn() -> &'static ModelSchema, field: usize) -> Self {
        self.references = Some(Reference { model, field });
        self
    }

    pub const fn describe(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }
}

impl FieldSchema {
    /// The name in queries, errors and lock keys.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The name in the struct, and in attributes like `index(..)`: differs from the [`name`](Self::name) where
    /// `rename` or `rename_all` says so, and for keywords (`r#type`).
    pub const fn name_in_struct(&self) -> &'static str {
        self.name_in_struct
    }

    /// The name of the stored attribute.
    pub const fn column(&self) -> &'static str {
        self.column
    }

    /// What it holds.
    pub const fn kind(&self) -> FieldKind {
        self.kind
    }

    /// Whether it may hold nothing.
    pub const fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// Whether it is unique by itself, without being the id.
    pub const fn is_unique(&self) -> bool {
        self.unique
    }

    /// The names that an enumeration knows; empty for other kinds.
    pub const fn variants(&self) -> &'static [&'static str] {
        self.variants
    }

    /// The least and the greatest whole number that its Rust type holds, if it holds all in between; `None` if only the
    /// type itself can tell, by way of [`sum`](Self::sum).
    pub const fn range(&self) -> Option<(i128, i128)> {
        self.range
    }

    /// The value after an increment by `by`, exactly; a null counts as zero.
    ///
    /// # Errors
    /// When the Rust type of the field does not hold the sum. Nothing is ever rounded.
    pub fn sum(&self, value: &Value, by: &Value) -> Result<Value, ValueError> {
        match (value, by) {
            (Value::Null, Value::Integer(_)) => self.sum(&Value::Integer(0), by),
            (Value::Null, Value::Decimal(_)) => self.sum(&Value::Decimal(Decimal::ZERO), by),
            (Value::Integer(a), Value::Integer(b)) => {
                let (min, max) = self.range.unwrap_or_else(|| self.kind.whole_numbers());
                let sum = a.checked_add(*b).filter(|sum| (min..=max).contains(sum)).ok_or_else(|| {
                    ValueError::new(format!(
                        "{a} and {b} add up to a number outside {min}..={max}, which is all it can hold"
                    ))
                })?;
                self.readable(Value::Integer(sum))
            }
            (Value::Decimal(a), Value::Decimal(b)) => {
                let sum = exact_sum(*a, *b).ok_or_else(|| {
                    ValueError::new(format!("{a} and {b} add up to a number with more digits than a decimal can hold"))
                })?;
                self.readable(Value::Decimal(sum))
            }
            _ => Err(ValueError::new(format!("{} cannot be added to {}", by.describe(), value.describe()))),
        }
    }

    /// Refuses a stored value that the field's type cannot be read from; null stands for what is not stored.
    ///
    /// # Errors
    /// What the type says of it.
    pub fn check_readable(&self, value: &Value) -> Result<(), ValueError> {
        if value.is_null() && self.nullable { Ok(()) } else { (self.reads)(value.clone()) }
    }

    /// Whether a value is in the one form that all equal values of the field's kind have, by which they are found and
    /// told apart. Everything that this library stores is.
    pub fn is_canonical(&self, value: &Value) -> bool {
        value.is_null() || canonical(self.kind, value.clone()).is_ok_and(|canonical| canonical == *value)
    }

    /// A sum, if the type can read it.
    fn readable(&self, sum: Value) -> Result<Value, ValueError> {
        if self.range.is_none()
            && let Err(error) = (self.reads)(sum.clone())
        {
            return Err(ValueError::new(format!("the sum would be a value that its type does not have: {error}")));
        }
        Ok(sum)
    }

    /// A new id: a random UUID.
    ///
    /// # Errors
    /// When the type of the field has no such values.
    pub(crate) fn new_uuid(&self) -> Result<Value, ValueError> {
        let id = Value::Text(uuid::Uuid::new_v4().to_string());
        match (self.reads)(id.clone()) {
            Ok(()) => Ok(id),
            Err(error) => Err(ValueError::new(format!(
                "a generated id is a UUID, which the type of the id cannot hold ({error}): give the create an id"
            ))),
        }
    }

    /// What a create stores when it is not given a value.
    pub const fn default_value(&self) -> FieldDefault {
        self.default
    }

    /// The field that this foreign key refers to, if it says so.
    pub const fn reference(&self) -> Option<Reference> {
        self.references
    }

    /// The field's doc comment.
    pub const fn description(&self) -> &'static str {
        self.description
    }
}

/// `Decimal` rounds a sum that needs more digits than it has: money would get lost without a word.
fn exact_sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    let sum = a.checked_add(b)?;
    (sum.checked_sub(a) == Some(b) && sum.checked_sub(b) == Some(a)).then(|| sum.normalize())
}

/// What a field refers to. A method, so that the type of what is referred to is known when it comes to the demand.
#[doc(hidden)]
impl<M, T: Column, U> Field<M, T, U> {
    /// Its place, if a field of type `F` can hold what it holds.
    pub const fn referenced_by<F: Column>(self) -> usize
    where
        F::Rust: ForeignKeyTo<T::Rust, F::Kind, T::Kind>,
    {
        self.index()
    }
}
