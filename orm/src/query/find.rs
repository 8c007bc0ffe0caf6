//! Reads.

use super::Criteria;
use crate::driver;
use crate::error::Error;
use crate::filter::IntoFilter;
use crate::key::Key;
use crate::model::Model;
use crate::order::IntoOrder;
use crate::orm_handle::Orm;
use crate::select::{All, As, Prepared, Select, Selection};

/// The record that a key names. Made by [`Model::find_unique`].
#[derive(Debug)]
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct FindUnique<M, S = All<M>> {
    key: Key<M>,
    selection: S,
}

impl<M, S: Clone> Clone for FindUnique<M, S> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), selection: self.selection.clone() }
    }
}

impl<M: Model, S: Selection<M>> FindUnique<M, S> {
    pub(crate) const fn new(key: Key<M>, selection: S) -> Self {
        Self { key, selection }
    }

    /// Returns this selection instead of all fields.
    pub fn select<T: Selection<M, Checked = Chosen>, Chosen>(self, selection: T) -> FindUnique<M, Chosen> {
        FindUnique { key: self.key, selection: selection.checked() }
    }

    /// Returns it as a `T`, a struct with `#[derive(Select)]` and `#[orm(model = M)]`.
    pub fn select_as<T: Select<M>>(self) -> FindUnique<M, As<T, T::Itself>> {
        self.select(As::new())
    }

    /// Reads it: `None` if there is none.
    ///
    /// # Errors
    /// See [`ErrorCode`](crate::ErrorCode).
    pub async fn exec(self, orm: &Orm) -> Result<Option<S::Output>, Error> {
        let prepared = Prepared::new(self.selection)?;
        let find = driver::Find {
            model: M::schema(),
            filter: self.key.resolve()?.condition(),
            order: Vec::new(),
            skip: 0,
            take: Some(1),
            fields: prepared.projection.fields().to_vec(),
        };
        let rows = orm.find(find, &prepared.projection).await?;
        rows.into_iter().next().map(|row| prepared.decode::<M>(row)).transpose()
    }
}

/// The records for which a filter holds. Made by [`Model::find_many`].
#[derive(Debug)]
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct FindMany<M, S = All<M>> {
    criteria: Criteria<M>,
    selection: S,
}

/// The first record for which a filter holds. Made by [`Model::find_first`].
#[derive(Debug)]
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct FindFirst<M, S = All<M>> {
    criteria: Criteria<M>,
    selection: S,
}

macro_rules! criteria {
    ($name:ident) => {
        impl<M, S: Clone> Clone for $name<M, S> {
            fn clone(&self) -> Self {
                Self { criteria: self.criteria.clone(), selection: self.selection.clone() }
            }
        }

        impl<M: Model, S: Selection<M>> $name<M, S> {
            pub(crate) const fn new(selection: S) -> Self {
                Self { criteria: Criteria::new(), selection }
            }

            /// Only records for which this holds, and every filter given before.
            pub fn filter(self, filter: impl IntoFilter<M>) -> Self {
                Self { criteria: self.criteria.filter(filter), ..self }
            }

            /// In this order; a tuple orders by each in turn. Replaces an order given before.
            pub fn order_by(mut self, order: impl IntoOrder<M>) -> Self {
                self.criteria.order = order.into_orders();
                self
            }

            /// Without the first `n` records.
            pub fn skip(mut self, n: usize) -> Self {
                self.criteria.skip = n;
                self
            }

            /// Returns this selection of each record instead of all fields.
            pub fn select<T: Selection<M, Checked = Chosen>, Chosen>(self, selection: T) -> $name<M, Chosen> {
                $name { criteria: self.criteria, selection: selection.checked() }
            }

            /// Returns each record as a `T`, a struct with `#[derive(Select)]` and `#[orm(model = M)]`.
            pub fn select_as<T: Select<M>>(self) -> $name<M, As<T, T::Itself>> {
                self.select(As::new())
            }
        }
    };
}

criteria!(FindMany);
criteria!(FindFirst);

impl<M: Model, S: Selection<M>> FindMany<M, S> {
    /// At most `n` records.
    pub fn take(mut self, n: usize) -> Self {
        self.criteria.take = Some(n);
        self
    }

    /// Reads them.
    ///
    /// # Errors
    /// See [`ErrorCode`](crate::ErrorCode).
    pub async fn exec(self, orm: &Orm) -> Result<Vec<S::Output>, Error> {
        read(self.criteria, self.selection, orm).await
    }
}

impl<M: Model, S: Selection<M>> FindFirst<M, S> {
    /// Reads it: `None` if the filter holds for no record.
    ///
    /// # Errors
    /// See [`ErrorCode`](crate::ErrorCode).
    pub async fn exec(self, orm: &Orm) -> Result<Option<S::Output>, Error> {
        let criteria = Criteria { take: Some(1), ..self.criteria };
        Ok(read(criteria, self.selection, orm).await?.into_iter().next())
    }
}

async fn read<M: Model, S: Selection<M>>(
    criteria: Criteria<M>,
    selection: S,
    orm: &Orm,
) -> Result<Vec<S::Output>, Error> {
    let prepared = Prepared::new(selection)?;
    let find = driver::Find {
        model: M::schema(),
        filter: Criteria::condition(criteria.filter)?,
        order: criteria.order,
        skip: criteria.skip,
        take: criteria.take,
        fields: prepared.projection.fields().to_vec(),
    };
    let rows = orm.find(find, &prepared.projection).await?;
    rows.into_iter().map(|row| prepared.decode::<M>(row)).collect()
}

/// How many records there are for which a filter holds. Made by [`Model::count`].
#[derive(Debug)]
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct Count<M> {
    criteria: Criteria<M>,
}

impl<M> Clone for Count<M> {
    fn clone(&self) -> Self {
        Self { criteria: self.criteria.clone() }
    }
}

impl<M: Model> Count<M> {
    pub(crate) const fn new() -> Self {
        Self { criteria: Criteria::new() }
    }

    /// Only records for which this holds, and every filter given before.
    pub fn filter(self, filter: impl IntoFilter<M>) -> Self {
        Self { criteria: self.criteria.filter(filter) }
    }

    /// Counts them.
    ///
    /// # Errors
    /// See [`ErrorCode`](crate::ErrorCode).
    pub async fn exec(self, orm: &Orm) -> Result<u64, Error> {
        let count = driver::Count { model: M::schema(), filter: Criteria::condition(self.criteria.filter)? };
        orm.require(count.model)?;
        orm.raw_driver().count(&count).await
    }
}
