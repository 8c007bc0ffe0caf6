//! Deletes.

use super::{Criteria, both, condition, exec_with_cost, parallel, query_value, scanning};
use crate::call::Call;
use crate::driver::{self, Options, Planned};
use crate::error::Error;
use crate::explain::Explanation;
use crate::filter::{Filter, IntoFilter};
use crate::key::Key;
use crate::model::Model;
use crate::orm_handle::Orm;
use crate::select::{All, As, Prepared, Select, Selection};

/// A delete of the record that a key names. Made by [`Model::delete`].
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct Delete<M> {
    key: Key<M>,
    filter: Option<Filter<M>>,
}

query_value!(Delete<M> { key, filter });

impl<M: Model> Delete<M> {
    pub(crate) const fn new(key: Key<M>) -> Self {
        Self { key, filter: None }
    }

    /// Deletes the record only if this filter and every earlier one match it at that moment: otherwise it is left alone, and
    /// the result is 0.
    pub fn filter(self, filter: impl IntoFilter<M>) -> Self {
        Self { filter: both(self.filter, filter), ..self }
    }

    /// Deletes it and returns how many there were: 0 or 1.
    ///
    /// # Errors
    /// See [`ErrorCode`](crate::ErrorCode).
    pub async fn exec(self, orm: &Orm) -> Result<u64, Error> {
        let call = Call::new(orm, "delete", M::schema(), Options::default());
        call.run(async {
            let delete = driver::Delete {
                model: M::schema(),
                key: self.key.resolve()?,
                filter: condition(self.filter)?,
                fields: Vec::new(),
            };
            call.require(delete.model)?;
            Ok(call.driver().delete(call.context(), &delete).await?.map_or(0, |_| 1))
        })
        .await
    }

    exec_with_cost!(u64);
}

/// A delete that returns the record. Made by [`Model::consume`].
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct Consume<M, S = All<M>> {
    key: Key<M>,
    filter: Option<Filter<M>>,
    selection: S,
    options: Options,
}

query_value!(Consume<M, S> { key, filter, selection, options });

impl<M: Model, S: Selection<M>> Consume<M, S> {
    pub(crate) fn new(key: Key<M>, selection: S) -> Self {
        Self { key, filter: None, selection, options: Options::default() }
    }

    /// Deletes the record only if this filter and every earlier one match it at that moment: otherwise it is left alone, and
    /// the result is `None`.
    pub fn filter(self, filter: impl IntoFilter<M>) -> Self {
        Self { filter: both(self.filter, filter), ..self }
    }

    /// Returns this selection of the deleted record instead of all fields.
    pub fn select<T: Selection<M, Checked = Chosen>, Chosen>(self, selection: T) -> Consume<M, Chosen> {
        Consume { key: self.key, filter: self.filter, options: self.options, selection: selection.checked() }
    }

    /// Returns the deleted record as a `T`, a struct with `#[derive(Select)]` and `#[orm(model = M)]`.
    pub fn select_as<T: Select<M>>(self) -> Consume<M, As<T, T::Itself>> {
        self.select(As::new())
    }

    scanning!(options);

    /// Deletes it and returns it as it was: `None` if there is none, the filter does not hold for it, or another call got it.
    ///
    /// # Errors
    /// See [`ErrorCode`](crate::ErrorCode).
    pub async fn exec(self, orm: &Orm) -> Result<Option<S::Output>, Error> {
        let call = Call::new(orm, "consume", M::schema(), self.options);
        call.run(async {
            let prepared = Prepared::new(self.selection)?;
            let fields = prepared.projection.fields().to_vec();
            let delete = driver::Delete {
                model: M::schema(),
                key: self.key.resolve()?,
                filter: condition(self.filter)?,
                fields,
            };
            call.require(delete.model)?;
            call.check_answer(&prepared.projection)?;
            let Some(row) = call.driver().delete(call.context(), &delete).await? else {
                return Ok(None);
            };
            call.answer_one::<M, S>(row, &prepared, true).await.map(Some)
        })
        .await
    }

    exec_with_cost!(Option<S::Output>);
}

/// A delete of all records for which a filter holds. Made by [`Model::delete_many`].
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct DeleteMany<M> {
    criteria: Criteria<M>,
    checked: bool,
}

query_value!(DeleteMany<M> { criteria, checked });

impl<M: Model> DeleteMany<M> {
    pub(crate) const fn new() -> Self {
        Self { criteria: Criteria::new(), checked: false }
    }

    /// Keeps only records that match this filter and every earlier one. Without a filter, all records.
    pub fn filter(self, filter: impl IntoFilter<M>) -> Self {
        Self { criteria: self.criteria.filter(filter), ..self }
    }

    /// Deletes each record only if the filter matches it at that moment, and counts only records that were still there, also
    /// where the model has no unique fields: with one request for each record, rather than one for 25.
    pub fn checked(self) -> Self {
        Self { checked: true, ..self }
    }

    scanning!(criteria.options);
    parallel!(criteria.options);

    fn query(self) -> Result<driver::DeleteMany, Error> {
        Ok(driver::DeleteMany { model: M::schema(), filter: condition(self.criteria.filter)?, checked: self.checked })
    }

    /// Deletes them and returns how many.
    ///
    /// Records of a model with unique fields are deleted only if the filter still holds for them then. So is a single
    /// record whose filter names its id and asks for more: `ID.eq(..).and(..)`. Others are deleted as they were found,
    /// in batches, unless the query is [`checked`](Self::checked). DynamoDB applies batches without conditions and does not
    /// say which records were still there: one that somebody else deletes at the same time is counted by both.
    ///
    /// # Errors
    /// [`Error::written`] is how many were deleted in all; see [`ErrorCode`](crate::ErrorCode).
    pub async fn exec(self, orm: &Orm) -> Result<u64, Error> {
        let call = self.criteria.call(orm, "delete_many");
        call.run(async {
            let delete = self.query()?;
            call.require(delete.model)?;
            call.driver().delete_many(call.context(), &delete).await
        })
        .await
    }

    exec_with_cost!(u64);

    /// How they would be found and deleted, without sending anything.
    ///
    /// # Errors
    /// What makes the query impossible.
    pub fn explain(self, orm: &Orm) -> Result<Explanation, Error> {
        let call = self.criteria.call(orm, "explain");
        Ok(Explanation::new("delete_many", vec![call.explain(Planned::DeleteMany(&self.query()?))?]))
    }
}
