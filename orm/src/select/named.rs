//! Selections by name: structs with `#[derive(Select)]`.

use std::marker::PhantomData;

use super::Selection;
use crate::error::Error;
use crate::filter::IntoFilter;
use crate::model::Model;
use crate::order::IntoOrder;
use crate::projection::Projection;
use crate::reader::RowReader;
use crate::relation::{Cardinality, Many, RelationSelect};

/// A struct that names what is read of each record of the model `M`. Implemented by `#[derive(Select)]` for structs of
/// your own, and by every model for itself.
///
/// ```
/// use orm::prelude::*;
///
/// # #[derive(Model)] #[orm(table = "users")] struct User { #[orm(id)] id: String, email: String }
/// #[derive(Select)]
/// #[orm(model = User)]
/// struct Address {
///     email: String,
/// }
///
/// // Each result is an `Address`; only `email` and the id are read.
/// let query = User::find_many().select_as::<Address>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what to select from `{M}`",
    label = "expected `{M}`, or a struct with `#[derive(Select)]` and `#[orm(model = {M})]`"
)]
pub trait Select<M>: Sized + Send {
    /// The struct itself: see [`Selection::Checked`].
    #[doc(hidden)]
    type Itself: Reads<M, Self>;

    /// Describes what is read, in order.
    #[doc(hidden)]
    fn describe_selection(projection: &mut Projection) -> Result<(), Error>;

    /// Reads it, in the same order.
    #[doc(hidden)]
    fn from_selection(row: &mut RowReader<'_>) -> Result<Self, Error>;
}

#[diagnostic::do_not_recommend]
impl<M: Model> Select<M> for M {
    type Itself = M;

    fn describe_selection(projection: &mut Projection) -> Result<(), Error> {
        M::ALL.project(projection)
    }

    fn from_selection(row: &mut RowReader<'_>) -> Result<Self, Error> {
        M::from_row(row)
    }
}

/// What reads a `T` from records of the model `M`: a `T` that selects from them.
#[doc(hidden)]
pub trait Reads<M, T> {
    fn describe(projection: &mut Projection) -> Result<(), Error>;
    fn read(row: &mut RowReader<'_>) -> Result<T, Error>;
}

#[diagnostic::do_not_recommend]
impl<M, T: Select<M>> Reads<M, T> for T {
    fn describe(projection: &mut Projection) -> Result<(), Error> {
        T::describe_selection(projection)
    }

    fn read(row: &mut RowReader<'_>) -> Result<T, Error> {
        T::from_selection(row)
    }
}

/// The selection that a struct names: what `select_as::<T>()` selects. `R` is what reads it, the struct itself.
pub struct As<T, R = T>(PhantomData<fn() -> (T, R)>);

impl<T, R> As<T, R> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T, R> Clone for As<T, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, R> Copy for As<T, R> {}

impl<T, R> std::fmt::Debug for As<T, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", std::any::type_name::<T>())
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: Send, R: Reads<M, T>> Selection<M> for As<T, R> {
    type Output = T;
    type Checked = Self;

    fn checked(self) -> Self {
        self
    }

    fn project(&self, projection: &mut Projection) -> Result<(), Error> {
        R::describe(projection)
    }

    fn decode(&self, row: &mut RowReader<'_>) -> Result<T, Error> {
        R::read(row)
    }
}

/// A field or relation of a model as a field of type `T` of a struct with `#[derive(Select)]`.
#[doc(hidden)]
pub struct Part<S, T> {
    pub(crate) selection: S,
    pub(crate) describe: fn(S, &mut Projection) -> Result<(), Error>,
    pub(crate) read: fn(S, &mut RowReader<'_>) -> Result<T, Error>,
}

impl<S, T> Part<S, T> {
    pub fn describe(self, projection: &mut Projection) -> Result<(), Error> {
        (self.describe)(self.selection, projection)
    }

    pub fn read(self, row: &mut RowReader<'_>) -> Result<T, Error> {
        (self.read)(self.selection, row)
    }

    pub fn filter<F>(self, filter: F) -> Self
    where
        S: Filtered<F>,
    {
        Self { selection: self.selection.filtered(filter), ..self }
    }

    pub fn order_by<O>(self, order: O) -> Self
    where
        S: Ordered<O>,
    {
        Self { selection: self.selection.ordered(order), ..self }
    }

    pub fn skip(self, n: usize) -> Self
    where
        S: Limited,
    {
        Self { selection: self.selection.skipping(n), ..self }
    }

    pub fn take(self, n: usize) -> Self
    where
        S: Limited,
    {
        Self { selection: self.selection.taking(n), ..self }
    }
}

/// What the attribute `filter` is for.
#[diagnostic::on_unimplemented(
    message = "`filter` is for relations, and this is a field of the model",
    label = "not for this: remove it, or filter the query"
)]
#[doc(hidden)]
pub trait Filtered<F> {
    fn filtered(self, filter: F) -> Self;
}

impl<M: Model, R: Model, C: Cardinality, F: IntoFilter<R>> Filtered<F> for RelationSelect<M, R, C> {
    fn filtered(self, filter: F) -> Self {
        self.filter(filter)
    }
}

/// What the attribute `order_by` is for.
#[diagnostic::on_unimplemented(
    message = "`order_by` is for relations to many records",
    label = "not for this: remove it, or order the query"
)]
#[doc(hidden)]
pub trait Ordered<O> {
    fn ordered(self, order: O) -> Self;
}

impl<M: Model, R: Model, O: IntoOrder<R>> Ordered<O> for RelationSelect<M, R, Many> {
    fn ordered(self, order: O) -> Self {
        self.order_by(order)
    }
}

/// What the attributes `skip` and `take` are for.
#[diagnostic::on_unimplemented(
    message = "`skip` and `take` are for relations to many records",
    label = "not for this: remove it, or limit the query"
)]
#[doc(hidden)]
pub trait Limited {
    fn skipping(self, n: usize) -> Self;
    fn taking(self, n: usize) -> Self;
}

#[diagnostic::do_not_recommend]
impl<M: Model, R: Model> Limited for RelationSelect<M, R, Many> {
    fn skipping(self, n: usize) -> Self {
        self.skip(n)
    }

    fn taking(self, n: usize) -> Self {
        self.take(n)
    }
}

/// What a field of type `T` is read into: a `T`.
#[diagnostic::on_unimplemented(
    message = "the model's field has the type `{T}`, which is not read as `{Self}`",
    label = "expected `{T}`"
)]
#[doc(hidden)]
pub trait FieldResult<T> {
    fn from_field(value: T) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T> FieldResult<T> for T {
    fn from_field(value: T) -> Self {
        value
    }
}

/// What a relation to one `R` is read into: an `Option`.
#[diagnostic::on_unimplemented(
    message = "a relation to one `{R}` is read as an `Option`, not as `{Self}`",
    label = "expected `Option<{R}>`, or an `Option` of a struct with `#[derive(Select)]` and `#[orm(model = {R})]`",
    note = "there may be no such record, so that the result has to be an `Option`"
)]
#[doc(hidden)]
pub trait OneResult<R: Model> {
    type Inner: Select<R>;

    fn from_one(one: Option<Self::Inner>) -> Self;
}

impl<R: Model, T: Select<R>> OneResult<R> for Option<T> {
    type Inner = T;

    fn from_one(one: Self) -> Self {
        one
    }
}

/// What a relation to many `R` is read into: a `Vec`.
#[diagnostic::on_unimplemented(
    message = "a relation to many `{R}` is read as a `Vec`, not as `{Self}`",
    label = "expected `Vec<{R}>`, or a `Vec` of a struct with `#[derive(Select)]` and `#[orm(model = {R})]`"
)]
#[doc(hidden)]
pub trait ManyResult<R: Model> {
    type Inner: Select<R>;

    fn from_many(many: Vec<Self::Inner>) -> Self;
}

impl<R: Model, T: Select<R>> ManyResult<R> for Vec<T> {
    type Inner = T;

    fn from_many(many: Self) -> Self {
        many
    }
}

#[cfg(test)]
mod tests {
    #![allow(dead_code, reason = "what is read matters here, not what becomes of it")]

    use super::As;
    use crate::prelude::*;
    use crate::select::Prepared;

    #[derive(Model)]
    #[orm(table = "users", has_many(notes: Note, foreign_key = user_id))]
    struct User {
        name: String,
        email: String,
        #[orm(id)]
        id: String,
    }

    #[derive(Model)]
    #[orm(table = "notes")]
    struct Note {
        #[orm(id)]
        id: String,
        #[orm(index)]
        user_id: String,
        text: String,
        title: String,
    }

    #[derive(Select)]
    #[orm(model = User)]
    struct Card {
        email: String,
        notes: Vec<Title>,
    }

    #[derive(Select)]
    #[orm(model = Note)]
    struct Title {
        title: String,
    }

    /// The id comes with every record: it is what errors name.
    #[test]
    fn fetches_only_what_is_selected() {
        let projection = Prepared::new::<User>(As::<Card>::new()).unwrap().projection;
        assert_eq!(User::schema().field_names(projection.fields()), ["id", "email"]);
        let notes = &projection.relations()[0].projection;
        assert_eq!(Note::schema().field_names(notes.fields()), ["id", "title"]);
    }
}
