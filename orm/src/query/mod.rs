//! The queries: plain values that do nothing until `.exec(&orm)` is awaited.

pub(crate) mod builder;
mod changes;
mod create;
mod delete;
mod find;
mod macros;
mod page;
mod stream;
mod update;
mod upsert;

pub use changes::{Changeable, Changes};
pub use create::{Create, CreateMany, IntoCreate};
pub use delete::{Consume, Delete, DeleteMany};
pub use find::{Count, FindFirst, FindMany, FindUnique};
use macros::query_value;
pub(crate) use macros::{consistent, exec_with_cost, parallel, scanning};
pub use page::FindPage;
pub use stream::RecordStream;
pub use update::{Update, UpdateMany};
pub use upsert::{Upsert, UpsertKey};

use crate::call::Call;
use crate::driver::{self, Options};
use crate::error::Error;
use crate::filter::{Condition, Filter, IntoFilter};
use crate::model::Model;
use crate::order::{IntoOrder, Order};
use crate::orm_handle::Orm;

/// Which records a query of many or a relation is about, and how it may read them.
pub(crate) struct Criteria<M> {
    pub(crate) filter: Option<Filter<M>>,
    pub(crate) order: Vec<Order>,
    pub(crate) skip: usize,
    pub(crate) take: Option<usize>,
    /// Without effect in a selection: a relation is read as its query is.
    pub(crate) options: Options,
}

query_value!(Criteria<M> { filter, order, skip, take, options });

impl<M> Criteria<M> {
    pub(crate) const fn new() -> Self {
        Self { filter: None, order: Vec::new(), skip: 0, take: None, options: Options::new() }
    }
}

/// What holds where both do.
fn both<M: Model>(before: Option<Filter<M>>, filter: impl IntoFilter<M>) -> Option<Filter<M>> {
    let filter = filter.into_filter();
    Some(match before {
        Some(before) => before.and(filter),
        None => filter,
    })
}

/// As a driver gets it: [`Condition::always`] without a filter, and only then. A filter that holds for all records, because
/// the list that it was made of is empty, is not taken for a wish to have all of them.
fn condition<M: Model>(filter: Option<Filter<M>>) -> Result<Condition, Error> {
    let Some(filter) = filter else { return Ok(Condition::always()) };
    let condition = filter.into_condition()?;
    Ok(if condition == Condition::always() { Condition::And(vec![condition]) } else { condition })
}

impl<M: Model> Criteria<M> {
    pub(crate) fn filter(mut self, filter: impl IntoFilter<M>) -> Self {
        self.filter = both(self.filter, filter);
        self
    }

    pub(crate) fn order_by(mut self, order: impl IntoOrder<M>) -> Self {
        self.order = order.into_orders().into_iter().map(Order::from).collect();
        self
    }

    /// The query that reads these fields of them.
    pub(crate) fn find(self, fields: &[usize]) -> Result<driver::Find, Error> {
        // Known at compile time, but for fields with a custom encoding.
        self.order.iter().try_for_each(|order| M::schema().require_ordered(order.field))?;
        Ok(driver::Find {
            model: M::schema(),
            filter: condition(self.filter)?,
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
