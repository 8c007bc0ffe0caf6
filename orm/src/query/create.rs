//! New records.

use std::marker::PhantomData;

use super::{exec_with_cost, scanning};
use crate::call::{Call, the_one};
use crate::driver::{self, Options};
use crate::error::{Error, ValueError};
use crate::model::Model;
use crate::orm_handle::Orm;
use crate::record::{Draft, Record};
use crate::schema::FieldDefault;
use crate::select::{All, As, Prepared, Select, Selection};
use crate::value::Value;

/// A new record. Made by the create builder of a model (`User::create()`) and by [`Model::insert`].
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct Create<M, S = All<M>> {
    pub(super) draft: Draft,
    selection: S,
    options: Options,
    model: PhantomData<fn() -> M>,
}

impl<M, S: Clone> Clone for Create<M, S> {
    fn clone(&self) -> Self {
        Self { draft: self.draft.clone(), selection: self.selection.clone(), options: self.options, model: PhantomData }
    }
}

impl<M, S> std::fmt::Debug for Create<M, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.draft.fmt(f)
    }
}

impl<M: Model> Create<M> {
    /// A record without values. Used by the create builders.
    pub(crate) fn empty() -> Self {
        Self::from_draft(Draft::new(M::schema()), M::ALL)
    }

    /// Gives a field its value.
    pub(crate) fn give(mut self, field: usize, value: Result<Value, ValueError>) -> Self {
        self.draft.set_encoded(field, value);
        self
    }
}

impl<M: Model, S: Selection<M>> Create<M, S> {
    pub(crate) fn from_draft(draft: Draft, selection: S) -> Self {
        Self { draft, selection, options: Options::default(), model: PhantomData }
    }

    /// Returns this selection of the new record instead of all fields.
    pub fn select<T: Selection<M, Checked = Chosen>, Chosen>(self, selection: T) -> Create<M, Chosen> {
        Create { draft: self.draft, options: self.options, model: self.model, selection: selection.checked() }
    }

    /// Returns the new record as a `T`, a struct with `#[derive(Select)]` and `#[orm(model = M)]`.
    pub fn select_as<T: Select<M>>(self) -> Create<M, As<T, T::Itself>> {
        self.select(As::new())
    }

    scanning!(options);

    /// Stores it and returns it as it was stored.
    ///
    /// # Errors
    /// `UniqueConstraintViolation` when a record with one of its unique values exists; see
    /// [`ErrorCode`](crate::ErrorCode) for others.
    pub async fn exec(self, orm: &Orm) -> Result<S::Output, Error> {
        let call = Call::new(orm, "create", M::schema(), self.options);
        call.run(async {
            let prepared = Prepared::new(self.selection)?;
            store::<M, S>(vec![self.draft], &prepared, &call).await.and_then(the_one)
        })
        .await
    }

    exec_with_cost!(S::Output);
}

/// A new record with all it needs: a finished create builder.
#[diagnostic::on_unimplemented(
    message = "this is not a new record of the model `{M}`",
    label = "expected `{M}::create()` with all that it needs, or `{M}::insert(value)`"
)]
pub trait IntoCreate<M> {
    /// The query.
    fn into_create(self) -> Create<M>;
}

impl<M> IntoCreate<M> for Create<M> {
    fn into_create(self) -> Self {
        self
    }
}

/// Many new records. Made by [`Model::create_many`].
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct CreateMany<M, S = All<M>> {
    drafts: Vec<Draft>,
    selection: S,
    options: Options,
    model: PhantomData<fn() -> M>,
}

impl<M, S: Clone> Clone for CreateMany<M, S> {
    fn clone(&self) -> Self {
        Self {
            drafts: self.drafts.clone(),
            selection: self.selection.clone(),
            options: self.options,
            model: PhantomData,
        }
    }
}

impl<M, S> std::fmt::Debug for CreateMany<M, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreateMany").field("records", &self.drafts.len()).finish_non_exhaustive()
    }
}

impl<M: Model, S: Selection<M>> CreateMany<M, S> {
    pub(crate) fn new(records: impl Iterator<Item = Create<M>>, selection: S) -> Self {
        let drafts = records.map(|create| create.draft).collect();
        Self { drafts, selection, options: Options::default(), model: PhantomData }
    }

    /// Returns this selection of each new record instead of all fields.
    pub fn select<T: Selection<M, Checked = Chosen>, Chosen>(self, selection: T) -> CreateMany<M, Chosen> {
        CreateMany { drafts: self.drafts, options: self.options, model: self.model, selection: selection.checked() }
    }

    /// Returns each new record as a `T`, a struct with `#[derive(Select)]` and `#[orm(model = M)]`.
    pub fn select_as<T: Select<M>>(self) -> CreateMany<M, As<T, T::Itself>> {
        self.select(As::new())
    }

    scanning!(options);

    /// Stores them and returns them as they were stored, in the same order.
    ///
    /// # Errors
    /// `UniqueConstraintViolation` when one of their unique values is taken, or two of them share one.
    /// [`Error::index`] is the record that failed, [`Error::written`] how many were stored in all.
    pub async fn exec(self, orm: &Orm) -> Result<Vec<S::Output>, Error> {
        let call = Call::new(orm, "create_many", M::schema(), self.options);
        call.run(async {
            let prepared = Prepared::new(self.selection)?;
            let one = self.drafts.len() == 1;
            let stored = store::<M, S>(self.drafts, &prepared, &call).await;
            // One record is stored like any other, which has no place among many.
            stored.map_err(|error| match error.written() {
                None if one => error.with_progress(Some(0), 0),
                _ => error,
            })
        })
        .await
    }

    exec_with_cost!(Vec<S::Output>);
}

async fn store<M: Model, S: Selection<M>>(
    drafts: Vec<Draft>,
    prepared: &Prepared<S>,
    call: &Call,
) -> Result<Vec<S::Output>, Error> {
    let model = M::schema();
    call.require(model)?;
    if drafts.is_empty() {
        return Ok(Vec::new());
    }
    call.check_answer(&prepared.projection)?;
    let fresh_ids = matches!(model.id_field().default_value(), FieldDefault::Uuid)
        && drafts.iter().all(|draft| !draft.has(model.id()));
    let several = drafts.len() > 1;
    let mut records: Vec<Record> = Vec::with_capacity(drafts.len());
    for (index, draft) in drafts.into_iter().enumerate() {
        let record = draft.finish();
        records.push(if several { record.map_err(|error| error.with_progress(Some(index), 0))? } else { record? });
    }
    let create = driver::Create { model, records, fresh_ids };
    call.driver().create(call.context(), &create).await?;
    call.answer::<M, S>(prepared.projection.rows_of(create.records), prepared, true).await
}
