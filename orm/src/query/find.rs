//! Reads.

use super::{
    Criteria, FindPage, RecordStream, both, condition, consistent, exec_with_cost, parallel, query_value, scanning,
};
use crate::call::Call;
use crate::driver::{self, Options, Planned};
use crate::error::Error;
use crate::explain::Explanation;
use crate::filter::{Filter, IntoFilter};
use crate::key::Key;
use crate::load;
use crate::model::Model;
use crate::order::IntoOrder;
use crate::orm_handle::Orm;
use crate::reader;
use crate::select::{All, As, Prepared, Select, Selection};

/// The record that a key names. Made by [`Model::find_unique`].
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct FindUnique<M, S = All<M>> {
    key: Key<M>,
    filter: Option<Filter<M>>,
    selection: S,
    options: Options,
}

query_value!(FindUnique<M, S> { key, filter, selection, options });

impl<M: Model, S: Selection<M>> FindUnique<M, S> {
    pub(crate) fn new(key: Key<M>, selection: S) -> Self {
        Self { key, filter: None, selection, options: Options::default() }
    }

    /// Returns it only if this filter and every earlier one match it.
    pub fn filter(self, filter: impl IntoFilter<M>) -> Self {
        Self { filter: both(self.filter, filter), ..self }
    }

    /// Returns this selection instead of all fields.
    pub fn select<T: Selection<M, Checked = Chosen>, Chosen>(self, selection: T) -> FindUnique<M, Chosen> {
        FindUnique { key: self.key, filter: self.filter, options: self.options, selection: selection.checked() }
    }

    /// Returns it as a `T`, a struct with `#[derive(Select)]` and `#[orm(model = M)]`.
    pub fn select_as<T: Select<M>>(self) -> FindUnique<M, As<T, T::Itself>> {
        self.select(As::new())
    }

    consistent!(options);
    scanning!(options);

    /// Reads it: `None` if there is none, or the filter does not hold for it.
    ///
    /// # Errors
    /// See [`ErrorCode`](crate::ErrorCode).
    pub async fn exec(self, orm: &Orm) -> Result<Option<S::Output>, Error> {
        let call = Call::new(orm, "find_unique", M::schema(), self.options);
        call.run(async {
            let prepared = Prepared::new(self.selection)?;
            let found = call.find(by_key(self.key, self.filter, &prepared)?, &prepared.projection).await?;
            found.decode::<M, S>(&prepared).next().transpose()
        })
        .await
    }

    exec_with_cost!(Option<S::Output>);

    /// How it would be answered, without sending anything.
    ///
    /// # Errors
    /// What makes the query impossible.
    pub fn explain(self, orm: &Orm) -> Result<Explanation, Error> {
        let call = Call::new(orm, "explain", M::schema(), self.options);
        let prepared = Prepared::new(self.selection)?;
        explain(&call, "find_unique", &by_key(self.key, self.filter, &prepared)?, &prepared)
    }
}

fn by_key<M: Model, S>(key: Key<M>, filter: Option<Filter<M>>, prepared: &Prepared<S>) -> Result<driver::Find, Error> {
    Ok(driver::Find {
        model: M::schema(),
        filter: key.resolve()?.into_condition().and(condition(filter)?),
        order: Vec::new(),
        skip: 0,
        take: Some(1),
        fields: prepared.projection.fields().to_vec(),
    })
}

/// The records for which a filter holds. Made by [`Model::find_many`].
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct FindMany<M, S = All<M>> {
    criteria: Criteria<M>,
    selection: S,
}

query_value!(FindMany<M, S> { criteria, selection });

impl<M: Model, S: Selection<M>> FindMany<M, S> {
    pub(crate) const fn new(selection: S) -> Self {
        Self { criteria: Criteria::new(), selection }
    }

    /// Keeps only records that match this filter and every earlier one.
    pub fn filter(self, filter: impl IntoFilter<M>) -> Self {
        Self { criteria: self.criteria.filter(filter), ..self }
    }

    /// In this order; a tuple orders by each in turn. Replaces an order given before.
    pub fn order_by(self, order: impl IntoOrder<M>) -> Self {
        Self { criteria: self.criteria.order_by(order), ..self }
    }

    /// Without the first `n` records.
    pub fn skip(mut self, n: usize) -> Self {
        self.criteria.skip = n;
        self
    }

    /// At most `n` records.
    pub fn take(mut self, n: usize) -> Self {
        self.criteria.take = Some(n);
        self
    }

    /// Returns this selection of each record instead of all fields.
    pub fn select<T: Selection<M, Checked = Chosen>, Chosen>(self, selection: T) -> FindMany<M, Chosen> {
        FindMany { criteria: self.criteria, selection: selection.checked() }
    }

    /// Returns each record as a `T`, a struct with `#[derive(Select)]` and `#[orm(model = M)]`.
    pub fn select_as<T: Select<M>>(self) -> FindMany<M, As<T, T::Itself>> {
        self.select(As::new())
    }

    consistent!(criteria.options);
    scanning!(criteria.options);
    parallel!(criteria.options);

    /// In pages of `n` records: [`Page`](crate::Page)s with a cursor to the next one.
    ///
    /// ```
    /// # use orm::prelude::*;
    /// # #[derive(Model)] #[orm(table = "users")] struct User { #[orm(id)] id: String, name: String }
    /// # async fn f(orm: Orm) -> Result<(), Error> {
    /// let first = User::find_many().page(50).exec(&orm).await?;
    /// if let Some(next) = first.next {
    ///     let second = User::find_many().page(50).after(next).exec(&orm).await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn page(self, n: usize) -> FindPage<M, S> {
        FindPage::new(self.criteria, self.selection, n)
    }

    /// Streams the records, so that they need not be in memory at once.
    ///
    /// It is one request ahead of what was taken from it; nothing is sent before the first record is asked for. Its
    /// order has to be one that the store gives: on DynamoDB that of an index, or one that begins with it. In any other
    /// order, `skip` and `take` together may be at most 1,000 records, which are read as a whole. See [`RecordStream`]
    /// for how to use it.
    pub fn stream(self, orm: &Orm) -> RecordStream<S::Output>
    where
        S: 'static,
    {
        RecordStream::new(self.criteria, self.selection, orm)
    }

    /// Reads them.
    ///
    /// # Errors
    /// See [`ErrorCode`](crate::ErrorCode).
    pub async fn exec(self, orm: &Orm) -> Result<Vec<S::Output>, Error> {
        let call = self.criteria.call(orm, "find_many");
        call.run(read(&call, self.criteria, self.selection)).await
    }

    exec_with_cost!(Vec<S::Output>);

    /// How they would be found, without sending anything.
    ///
    /// ```
    /// # use orm::prelude::*;
    /// # #[derive(Model)] #[orm(table = "users")] struct User { #[orm(id)] id: String, name: String }
    /// # fn f(orm: Orm) -> Result<(), Error> {
    /// println!("{}", User::find_many().filter(User::NAME.eq("Ada")).explain(&orm)?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// What makes the query impossible.
    pub fn explain(self, orm: &Orm) -> Result<Explanation, Error> {
        let call = self.criteria.call(orm, "explain");
        let prepared = Prepared::new(self.selection)?;
        explain(&call, "find_many", &self.criteria.find(prepared.projection.fields())?, &prepared)
    }
}

/// The first record for which a filter holds. Made by [`Model::find_first`].
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct FindFirst<M, S = All<M>> {
    criteria: Criteria<M>,
    selection: S,
}

query_value!(FindFirst<M, S> { criteria, selection });

// What `FindMany` has too stands here again, because a macro would stand in the compiler's messages about wrong arguments.
impl<M: Model, S: Selection<M>> FindFirst<M, S> {
    pub(crate) const fn new(selection: S) -> Self {
        Self { criteria: Criteria::new(), selection }
    }

    /// Keeps only records that match this filter and every earlier one.
    pub fn filter(self, filter: impl IntoFilter<M>) -> Self {
        Self { criteria: self.criteria.filter(filter), ..self }
    }

    /// In this order; a tuple orders by each in turn. Replaces an order given before.
    pub fn order_by(self, order: impl IntoOrder<M>) -> Self {
        Self { criteria: self.criteria.order_by(order), ..self }
    }

    /// Without the first `n` records.
    pub fn skip(mut self, n: usize) -> Self {
        self.criteria.skip = n;
        self
    }

    /// Returns this selection of each record instead of all fields.
    pub fn select<T: Selection<M, Checked = Chosen>, Chosen>(self, selection: T) -> FindFirst<M, Chosen> {
        FindFirst { criteria: self.criteria, selection: selection.checked() }
    }

    /// Returns each record as a `T`, a struct with `#[derive(Select)]` and `#[orm(model = M)]`.
    pub fn select_as<T: Select<M>>(self) -> FindFirst<M, As<T, T::Itself>> {
        self.select(As::new())
    }

    consistent!(criteria.options);
    scanning!(criteria.options);
    parallel!(criteria.options);

    /// Reads it: `None` if the filter holds for no record.
    ///
    /// # Errors
    /// See [`ErrorCode`](crate::ErrorCode).
    pub async fn exec(self, orm: &Orm) -> Result<Option<S::Output>, Error> {
        let call = self.criteria.call(orm, "find_first");
        let criteria = Criteria { take: Some(1), ..self.criteria };
        Ok(call.run(read(&call, criteria, self.selection)).await?.into_iter().next())
    }

    exec_with_cost!(Option<S::Output>);

    /// How it would be found, without sending anything.
    ///
    /// # Errors
    /// What makes the query impossible.
    pub fn explain(self, orm: &Orm) -> Result<Explanation, Error> {
        let call = self.criteria.call(orm, "explain");
        let prepared = Prepared::new(self.selection)?;
        let criteria = Criteria { take: Some(1), ..self.criteria };
        explain(&call, "find_first", &criteria.find(prepared.projection.fields())?, &prepared)
    }
}

async fn read<M: Model, S: Selection<M>>(
    call: &Call,
    criteria: Criteria<M>,
    selection: S,
) -> Result<Vec<S::Output>, Error> {
    let prepared = Prepared::new(selection)?;
    let find = criteria.find(prepared.projection.fields())?;
    reader::all(call.find(find, &prepared.projection).await?.decode::<M, S>(&prepared))
}

/// How a query would find its records, and load what they are related to.
pub(super) fn explain<S>(
    call: &Call,
    of: &'static str,
    find: &driver::Find,
    prepared: &Prepared<S>,
) -> Result<Explanation, Error> {
    let steps = vec![call.explain(Planned::Find(find))?];
    let relations = if find.take == Some(0) { Vec::new() } else { load::explain(call, &prepared.projection)? };
    Ok(Explanation { of, steps, relations })
}

/// How many records there are for which a filter holds. Made by [`Model::count`].
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct Count<M> {
    criteria: Criteria<M>,
}

query_value!(Count<M> { criteria });

impl<M: Model> Count<M> {
    pub(crate) const fn new() -> Self {
        Self { criteria: Criteria::new() }
    }

    /// Keeps only records that match this filter and every earlier one.
    pub fn filter(self, filter: impl IntoFilter<M>) -> Self {
        Self { criteria: self.criteria.filter(filter) }
    }

    consistent!(criteria.options);
    scanning!(criteria.options);
    parallel!(criteria.options);

    fn query(self) -> Result<driver::Count, Error> {
        Ok(driver::Count { model: M::schema(), filter: condition(self.criteria.filter)? })
    }

    /// Counts them.
    ///
    /// # Errors
    /// See [`ErrorCode`](crate::ErrorCode).
    pub async fn exec(self, orm: &Orm) -> Result<u64, Error> {
        let call = self.criteria.call(orm, "count");
        call.run(async {
            let count = self.query()?;
            call.require(count.model)?;
            call.driver().count(call.context(), &count).await
        })
        .await
    }

    exec_with_cost!(u64);

    /// How they would be counted, without sending anything.
    ///
    /// # Errors
    /// What makes the query impossible.
    pub fn explain(self, orm: &Orm) -> Result<Explanation, Error> {
        let call = self.criteria.call(orm, "explain");
        Ok(Explanation::new("count", vec![call.explain(Planned::Count(&self.query()?))?]))
    }
}
