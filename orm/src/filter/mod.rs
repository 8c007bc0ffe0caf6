//! Filters: typed on the outside ([`Filter`]), plain data for drivers ([`Condition`]).

mod describe;
mod evaluate;
mod identity;
mod matcher;
mod measured;

use std::marker::PhantomData;
use std::sync::Arc;

pub(crate) use self::identity::identify_text;
pub use self::matcher::Matcher;
use self::measured::{Fault, Measured};
use crate::error::{Error, ValueError};
use crate::model::Model;
use crate::schema::ModelSchema;
use crate::value::Value;

/// How a field's value compares with a given one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Not equal; a null is not equal to any value.
    Ne,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
}

/// A condition on the fields of one model, which drivers evaluate. Fields are given by their place in the model.
///
/// There are two truth values: a comparison with a field that is null is false, except [`Comparison::Ne`], which is
/// true. So [`Not`](Condition::Not) is exact. The values in a condition are never null.
///
/// A driver must not ignore a condition that it does not know, so a new variant is a breaking change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// All of these hold; true when there are none.
    And(Vec<Condition>),
    /// At least one of these holds; false when there are none.
    Or(Vec<Condition>),
    /// This does not hold.
    Not(Box<Condition>),
    /// The field compares in this way with the value.
    Compare(usize, Comparison, Value),
    /// The first field compares in this way with the second. Two nulls are equal, and a null has no order.
    CompareFields(usize, Comparison, usize),
    /// The field has one of the values.
    In(usize, Arc<[Value]>),
    /// The text field contains the text.
    Contains(usize, String),
    /// The text field starts with the text.
    StartsWith(usize, String),
    /// The field is null.
    IsNull(usize),
}

impl Condition {
    /// Every record.
    pub const fn always() -> Self {
        Self::And(Vec::new())
    }

    /// No record.
    pub const fn never() -> Self {
        Self::Or(Vec::new())
    }

    /// A comparison whose value may be null: only null equals null, and null has no order.
    pub(crate) fn compare(field: usize, comparison: Comparison, value: Value) -> Self {
        match comparison {
            _ if !value.is_null() => Self::Compare(field, comparison, value),
            Comparison::Eq => Self::IsNull(field),
            Comparison::Ne => Self::Not(Box::new(Self::IsNull(field))),
            _ => Self::never(),
        }
    }

    /// A membership whose values may contain null.
    pub(crate) fn is_in(field: usize, mut values: Vec<Value>) -> Self {
        let before = values.len();
        values.retain(|value| !value.is_null());
        if values.len() == before {
            Self::In(field, values.into())
        } else {
            Self::Or(vec![Self::IsNull(field), Self::In(field, values.into())])
        }
    }

    /// Both conditions, without needless nesting.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::And(mut all), Self::And(more)) => {
                all.extend(more);
                Self::And(all)
            }
            (Self::And(all), one) if all.is_empty() => one,
            (one, Self::And(all)) if all.is_empty() => one,
            (Self::And(mut all), one) => {
                all.push(one);
                Self::And(all)
            }
            (one, Self::And(mut all)) => {
                all.insert(0, one);
                Self::And(all)
            }
            (a, b) => Self::And(vec![a, b]),
        }
    }

    /// Operators are checked against kinds at compile time, but for fields with a custom encoding.
    fn check(&self, schema: &'static ModelSchema) -> Result<(), Error> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().try_for_each(|part| part.check(schema)),
            Self::Not(inner) => inner.check(schema),
            Self::Compare(_, Comparison::Eq | Comparison::Ne, _) | Self::In(..) => Ok(()),
            Self::IsNull(index) => schema.require_nullable(*index),
            Self::Compare(index, ..) => schema.require_ordered(*index),
            Self::CompareFields(index, comparison, other) => {
                schema.require_comparable(*index, *other)?;
                match comparison {
                    Comparison::Eq | Comparison::Ne => Ok(()),
                    _ => schema.require_ordered(*index),
                }
            }
            Self::Contains(index, _) | Self::StartsWith(index, _) => schema.require_text(*index),
        }
    }
}

/// A condition on the records of the model `M`. Made by the operators of [`Field`](crate::Field), joined with
/// [`and`](Filter::and), [`or`](Filter::or), `!`, [`all`] and [`any`].
#[must_use = "a filter does nothing by itself: hand it to a query's `filter`"]
pub struct Filter<M> {
    condition: Result<Measured, Fault>,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for Filter<M> {
    fn clone(&self) -> Self {
        Self { condition: self.condition.clone(), model: PhantomData }
    }
}

impl<M> std::fmt::Debug for Filter<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.condition {
            Ok(condition) => condition.as_condition().fmt(f),
            Err(fault) => fault.fmt(f),
        }
    }
}

impl<M> Filter<M> {
    /// A condition that is known to fit the model.
    pub(crate) fn from_condition(condition: Condition) -> Self {
        Self::new(Measured::new(condition))
    }

    const fn new(condition: Result<Measured, Fault>) -> Self {
        Self { condition, model: PhantomData }
    }

    /// A condition on the field at `index`, from a value that may turn out not to be storable.
    pub(crate) fn of<V>(index: usize, value: Result<V, ValueError>, condition: impl FnOnce(V) -> Condition) -> Self {
        Self::new(match value {
            Ok(value) => Measured::new(condition(value)),
            Err(error) => Err(Fault::Value(index, error)),
        })
    }

    fn join(self, other: Self, join: fn(Measured, Measured) -> Result<Measured, Fault>) -> Self {
        Self::new(self.condition.and_then(|a| other.condition.and_then(|b| join(a, b))))
    }
}

impl<M: Model> Filter<M> {
    /// Both conditions hold.
    pub fn and(self, other: impl IntoFilter<M>) -> Self {
        self.join(other.into_filter(), Measured::and)
    }

    /// At least one of the conditions holds.
    pub fn or(self, other: impl IntoFilter<M>) -> Self {
        self.join(other.into_filter(), Measured::or)
    }

    /// The same as data, as drivers get it.
    ///
    /// # Errors
    /// `InvalidValue` when a value in it cannot be stored, `InvalidQuery` when an operator does not fit its field or
    /// `and`, `or` and `!` are nested more than 100 levels deep.
    pub fn into_condition(self) -> Result<Condition, Error> {
        let schema = M::schema();
        let condition = self.condition.map_err(|fault| fault.of_model(schema))?.get();
        condition.check(schema)?;
        Ok(condition)
    }
}

impl<M> std::ops::Not for Filter<M> {
    type Output = Self;

    fn not(self) -> Self {
        Self::new(self.condition.and_then(Measured::not))
    }
}

/// A [`Filter`] of the model `M`, or a [`Key`](crate::Key) of it.
#[diagnostic::on_unimplemented(
    message = "this is not a filter of the model `{M}`",
    label = "expected a condition on fields of `{M}`",
    note = "a condition compares a field of this model, also one that is a boolean: `{M}::SOME_FIELD.eq(..)`",
    note = "related records are filtered where their relation is selected, or by a query of their own model",
    note = "conditions are joined with `.and(..)`, `.or(..)`, `!`, `all((..))` and `any((..))`, not with `&&` and `||`"
)]
pub trait IntoFilter<M> {
    /// The filter.
    fn into_filter(self) -> Filter<M>;
}

impl<M> IntoFilter<M> for Filter<M> {
    fn into_filter(self) -> Self {
        self
    }
}

/// Several filters of one model: an array or vector of one type, or a tuple of filters and keys.
#[diagnostic::on_unimplemented(
    message = "these are not filters of one model",
    label = "expected an array, a vector or a tuple of filters",
    note = "a tuple has at most eight; an array or a `Vec` any number",
    note = "in an array all filters have one type; mix keys (`User::ID.eq(..)`) and other filters in a tuple: `any((a, b))`"
)]
pub trait IntoFilters<M> {
    #[doc(hidden)]
    fn into_filters(self) -> Vec<Filter<M>>;
}

impl<M, F: IntoFilter<M>, const N: usize> IntoFilters<M> for [F; N] {
    fn into_filters(self) -> Vec<Filter<M>> {
        self.into_iter().map(IntoFilter::into_filter).collect()
    }
}

impl<M, F: IntoFilter<M>> IntoFilters<M> for Vec<F> {
    fn into_filters(self) -> Vec<Filter<M>> {
        self.into_iter().map(IntoFilter::into_filter).collect()
    }
}

macro_rules! filter_tuples {
    ($(($($name:ident),+))*) => {$(
        impl<Model, $($name: IntoFilter<Model>),+> IntoFilters<Model> for ($($name,)+) {
            #[allow(non_snake_case, reason = "the type's name serves as the variable's")]
            fn into_filters(self) -> Vec<Filter<Model>> {
                let ($($name,)+) = self;
                vec![$($name.into_filter()),+]
            }
        }
    )*};
}

filter_tuples! {
    (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) (A, B, C, D, E, F, G) (A, B, C, D, E, F, G, H)
}

/// All of the filters hold; with none, every record.
///
/// ```
/// # use orm::prelude::*;
/// # #[derive(Model)] #[orm(table = "users")] struct User { #[orm(id)] id: String, name: String }
/// let filter = all([User::NAME.contains("a"), User::NAME.ne("Ada")]);
/// let mixed = all((User::ID.eq("u1"), User::NAME.contains("a")));
/// ```
pub fn all<M: Model>(filters: impl IntoFilters<M>) -> Filter<M> {
    join_all(filters, Condition::And)
}

/// At least one of the filters holds; with none, no record.
///
/// ```
/// # use orm::prelude::*;
/// # #[derive(Model)] #[orm(table = "users")] struct User { #[orm(id)] id: String, name: String }
/// let filter = any([User::NAME.contains("a"), User::NAME.eq("Bob")]);
/// ```
pub fn any<M: Model>(filters: impl IntoFilters<M>) -> Filter<M> {
    join_all(filters, Condition::Or)
}

fn join_all<M>(filters: impl IntoFilters<M>, join: fn(Vec<Condition>) -> Condition) -> Filter<M> {
    let conditions: Result<Vec<Measured>, Fault> =
        filters.into_filters().into_iter().map(|filter| filter.condition).collect();
    Filter::new(conditions.and_then(|parts| Measured::list(parts, join)))
}
