//! The queries: plain values that do nothing until `.exec(&orm)` is awaited.

mod changes;
mod create;
mod delete;
mod find;
mod update;
mod upsert;

pub use changes::{Changeable, Changes};
pub use create::{Create, CreateMany, IntoCreate};
pub use delete::{Consume, Delete, DeleteMany};
pub use find::{Count, FindFirst, FindMany, FindUnique};
pub use update::{Update, UpdateMany};
pub use upsert::{Upsert, UpsertKey};

use crate::error::Error;
use crate::filter::{Condition, Filter, IntoFilter};
use crate::model::Model;
use crate::order::Order;

/// Which records a query of many is about.
#[derive(Debug)]
struct Criteria<M> {
    filter: Option<Filter<M>>,
    order: Vec<Order>,
    skip: usize,
    take: Option<usize>,
}

impl<M> Clone for Criteria<M> {
    fn clone(&self) -> Self {
        Self { filter: self.filter.clone(), order: self.order.clone(), skip: self.skip, take: self.take }
    }
}

impl<M: Model> Criteria<M> {
    const fn new() -> Self {
        Self { filter: None, order: Vec::new(), skip: 0, take: None }
    }

    fn filter(mut self, filter: impl IntoFilter<M>) -> Self {
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
}
