//! Changes to existing records.

use super::{Changeable, Changes, Criteria, both, condition, exec_with_cost, parallel, query_value, scanning};
use crate::call::Call;
use crate::driver::{self, Options, Planned};
use crate::error::Error;
use crate::explain::Explanation;
use crate::field::Field;
use crate::filter::{Filter, IntoFilter};
use crate::input::Input;
use crate::key::Key;
use crate::kind::{Addend, Number};
use crate::model::Model;
use crate::orm_handle::Orm;
use crate::select::{All, As, Prepared, Select, Selection};
use crate::types::Column;

/// Changes to the record that a key names. Made by [`Model::update`].
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct Update<M, S = All<M>> {
    key: Key<M>,
    filter: Option<Filter<M>>,
    changes: Changes<M>,
    selection: S,
    options: Options,
}

query_value!(Update<M, S> { key, filter, changes, selection, options });

impl<M: Model, S: Selection<M>> Update<M, S> {
    pub(crate) fn new(key: Key<M>, selection: S) -> Self {
        Self { key, filter: None, changes: Changes::new(), selection, options: Options::default() }
    }

    /// Changes the record only if this filter and every earlier one match it at that moment: otherwise it is left alone, and
    /// the result is `None`. Of several updates that each make the record stop matching, one is applied.
    pub fn filter(self, filter: impl IntoFilter<M>) -> Self {
        Self { filter: both(self.filter, filter), ..self }
    }

    /// Gives a field a new value; the last of several values counts.
    pub fn set<T: Column, U: Changeable>(self, field: Field<M, T, U>, value: impl Input<T::Rust>) -> Self {
        Self { changes: self.changes.set(field, value), ..self }
    }

    /// Adds a number, which may be negative, to a number field; `None` counts as zero. Atomic: concurrent increments
    /// add up. A field can be set, or changed by one increment, but not both.
    pub fn increment<T: Column, U: Changeable>(self, field: Field<M, T, U>, by: impl Input<Addend<T>>) -> Self
    where
        T::Kind: Number,
    {
        Self { changes: self.changes.increment(field, by), ..self }
    }

    /// Takes a number from a number field; `None` counts as zero. An unsigned field does not fall below zero.
    pub fn decrement<T: Column, U: Changeable>(self, field: Field<M, T, U>, by: impl Input<Addend<T>>) -> Self
    where
        T::Kind: Number,
    {
        Self { changes: self.changes.decrement(field, by), ..self }
    }

    /// Returns this selection of the changed record instead of all fields.
    pub fn select<T: Selection<M, Checked = Chosen>, Chosen>(self, selection: T) -> Update<M, Chosen> {
        let Self { key, filter, changes, options, .. } = self;
        Update { key, filter, changes, options, selection: selection.checked() }
    }

    /// Returns the changed record as a `T`, a struct with `#[derive(Select)]` and `#[orm(model = M)]`.
    pub fn select_as<T: Select<M>>(self) -> Update<M, As<T, T::Itself>> {
        self.select(As::new())
    }

    scanning!(options);

    /// Changes it and returns it as it is afterwards: `None` if there is none, or the filter does not hold for it. Only the
    /// given fields are written.
    ///
    /// # Errors
    /// `UniqueConstraintViolation` when another record has one of the new unique values; `InvalidQuery` when a field
    /// that is incremented is changed once more; see [`ErrorCode`](crate::ErrorCode) for others.
    pub async fn exec(self, orm: &Orm) -> Result<Option<S::Output>, Error> {
        let call = Call::new(orm, "update", M::schema(), self.options);
        call.run(async {
            let prepared = Prepared::new(self.selection)?;
            let update = driver::Update {
                model: M::schema(),
                key: self.key.resolve()?,
                filter: condition(self.filter)?,
                changes: self.changes.resolve()?,
                fields: prepared.projection.fields().to_vec(),
            };
            call.require(update.model)?;
            call.check_answer(&prepared.projection)?;
            let Some(row) = call.driver().update(call.context(), &update).await? else {
                return Ok(None);
            };
            call.answer_one::<M, S>(row, &prepared, !update.changes.is_empty()).await.map(Some)
        })
        .await
    }

    exec_with_cost!(Option<S::Output>);
}

/// Changes to all records for which a filter holds. Made by [`Model::update_many`].
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct UpdateMany<M> {
    criteria: Criteria<M>,
    changes: Changes<M>,
}

query_value!(UpdateMany<M> { criteria, changes });

impl<M: Model> UpdateMany<M> {
    pub(crate) const fn new() -> Self {
        Self { criteria: Criteria::new(), changes: Changes::new() }
    }

    /// Keeps only records that match this filter and every earlier one. Without a filter, all records.
    pub fn filter(self, filter: impl IntoFilter<M>) -> Self {
        Self { criteria: self.criteria.filter(filter), ..self }
    }

    /// Gives a field a new value; the last of several values counts.
    pub fn set<T: Column, U: Changeable>(self, field: Field<M, T, U>, value: impl Input<T::Rust>) -> Self {
        Self { changes: self.changes.set(field, value), ..self }
    }

    /// Adds a number, which may be negative, to a number field; `None` counts as zero. Atomic: concurrent increments
    /// add up. A field can be set, or changed by one increment, but not both.
    pub fn increment<T: Column, U: Changeable>(self, field: Field<M, T, U>, by: impl Input<Addend<T>>) -> Self
    where
        T::Kind: Number,
    {
        Self { changes: self.changes.increment(field, by), ..self }
    }

    /// Takes a number from a number field; `None` counts as zero. An unsigned field does not fall below zero.
    pub fn decrement<T: Column, U: Changeable>(self, field: Field<M, T, U>, by: impl Input<Addend<T>>) -> Self
    where
        T::Kind: Number,
    {
        Self { changes: self.changes.decrement(field, by), ..self }
    }

    scanning!(criteria.options);
    parallel!(criteria.options);

    fn query(self) -> Result<driver::UpdateMany, Error> {
        let update = driver::UpdateMany {
            model: M::schema(),
            filter: condition(self.criteria.filter)?,
            changes: self.changes.resolve()?,
        };
        if update.changes.is_empty() {
            return Err(Error::invalid_query(format!(
                "`update_many` of `{}` changes nothing: add `.set(..)`, or an `.increment(..)` by something",
                update.model.name()
            ))
            .with_model(update.model));
        }
        Ok(update)
    }

    /// Changes them and returns how many. Each record is changed as a whole or not at all, and only if the filter
    /// still holds for it then.
    ///
    /// The records are changed in no particular order. An increment that gives a record the unique value of another one,
    /// which changes as well, is a violation or not, depending on which of the two comes first.
    ///
    /// # Errors
    /// `InvalidQuery` when nothing is changed, or a field that is incremented is changed once more;
    /// `UniqueConstraintViolation` when a new unique value is taken. [`Error::written`] is how many were changed in
    /// all.
    pub async fn exec(self, orm: &Orm) -> Result<u64, Error> {
        let call = self.criteria.call(orm, "update_many");
        call.run(async {
            let update = self.query()?;
            call.require(update.model)?;
            call.driver().update_many(call.context(), &update).await
        })
        .await
    }

    exec_with_cost!(u64);

    /// How they would be found and changed, without sending anything.
    ///
    /// # Errors
    /// What makes the query impossible.
    pub fn explain(self, orm: &Orm) -> Result<Explanation, Error> {
        let call = self.criteria.call(orm, "explain");
        Ok(Explanation::new("update_many", vec![call.explain(Planned::UpdateMany(&self.query()?))?]))
    }
}
