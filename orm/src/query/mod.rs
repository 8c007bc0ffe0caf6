//! The queries: plain values that do nothing until `.exec(&orm)` is awaited.

mod changes;
mod create;
mod delete;
mod find;
mod page;
mod stream;
mod update;
mod upsert;

pub use changes::{Changeable, Changes};
pub use create::{Create, CreateMany, IntoCreate};
pub use delete::{Consume, Delete, DeleteMany};
pub use find::{Count, FindFirst, FindMany, FindUnique};
pub use page::FindPage;
pub use stream::RecordStream;
pub use update::{Update, UpdateMany};
pub use upsert::{Upsert, UpsertKey};

use crate::call::Call;
use crate::driver::{self, Options};
use crate::error::Error;
use crate::filter::{Condition, Filter, IntoFilter};
use crate::model::Model;
use crate::order::Order;
use crate::orm_handle::Orm;

/// The `exec_with_cost` of a query whose `exec` answers this.
macro_rules! exec_with_cost {
    ($output:ty) => {
        /// The same as [`exec`](Self::exec), and what it cost: requests by operation, capacity units, items, retries.
        ///
        /// # Errors
        /// As `exec`.
        pub async fn exec_with_cost(self, orm: &$crate::Orm) -> Result<($output, $crate::Cost), $crate::Error> {
            let meter = $crate::Meter::new();
            let value = self.exec(&orm.metered(&meter)).await?;
            Ok((value, meter.cost()))
        }
    };
}

pub(crate) use exec_with_cost;

/// What a query that may have to read a whole table can be told about that.
macro_rules! scanning {
    ($($options:ident).+) => {
        /// Permits this query to read the whole table where the driver's policy refuses scans.
        pub fn allow_scan(mut self) -> Self {
            self.$($options).+.allow_scan = true;
            self
        }
    };
}

/// In how many parts a query reads a whole table.
macro_rules! parallel {
    ($($options:ident).+) => {
        /// If the whole table has to be read, reads it in `n` parts, side by side: faster, for the same capacity. Records then
        /// come in no particular order. Without effect where an index or a key leads to the records, and on pages. A stream
        /// has at most 16 parts under way, another query on DynamoDB 32 requests.
        pub fn parallel(mut self, n: usize) -> Self {
            self.$($options).+.set_segments(n);
            self
        }
    };
}

/// What a query that only reads can be told about that.
macro_rules! consistent {
    ($($options:ident).+) => {
        /// Sees every write that was answered before it began. Costs twice the read units.
        ///
        /// Reads by id and by unique key do so in any case. What DynamoDB finds on an index, also for a relation,
        /// cannot be read so: such a query is an `InvalidQuery` error.
        pub fn consistent(mut self) -> Self {
            self.$($options).+.consistent = true;
            self
        }
    };
}

pub(crate) use {consistent, parallel, scanning};

/// Which records a query of many or a relation is about, and how it may read them.
#[derive(Debug)]
pub(crate) struct Criteria<M> {
    pub(crate) filter: Option<Filter<M>>,
    pub(crate) order: Vec<Order>,
    pub(crate) skip: usize,
    pub(crate) take: Option<usize>,
    /// Without effect in a selection: a relation is read as its query is.
    pub(crate) options: Options,
}

impl<M> Clone for Criteria<M> {
    fn clone(&self) -> Self {
        Self { filter: self.filter.clone(), order: self.order.clone(), ..*self }
    }
}

impl<M> Criteria<M> {
    pub(crate) const fn new() -> Self {
        Self { filter: None, order: Vec::new(), skip: 0, take: None, options: Options::new() }
    }
}

impl<M: Model> Criteria<M> {
    pub(crate) fn filter(mut self, filter: impl IntoFilter<M>) -> Self {
        let filter = filter.into_filter();
        self.filter = Some(match self.filter {
            Some(before) => before.and(filter),
            None => filter,
        });
        self
    }

    fn condition(filter: Option<Filter<M>>) -> Result<Condition, Error> {
        filter.map_or_else(|| Ok(Condition::always()), Filter::into_condition)
    }

    /// The query that reads these fields of them.
    pub(crate) fn find(self, fields: &[usize]) -> Result<driver::Find, Error> {
        // Known at compile time, but for fields with a custom encoding.
        self.order.iter().try_for_each(|order| M::schema().require_ordered(order.field))?;
        Ok(driver::Find {
            model: M::schema(),
            filter: Self::condition(self.filter)?,
            order: self.order,
            skip: self.skip,
            take: self.take,
            fields: fields.to_vec(),
        })
    }

    pub(crate) fn call(&self, orm: &Orm, operation: &'static str) -> Call {
        Call::new(orm, operation, M::schema(), self.options)
    }
}
