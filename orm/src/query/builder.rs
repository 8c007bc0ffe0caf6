//! What the create builders of models are made of: the derive adds a method for each field.

use std::marker::PhantomData;

use super::Create;
use crate::cost::Cost;
use crate::driver::BoxFuture;
use crate::error::ValueError;
use crate::kind::{Given, Kind, Omitted};
use crate::model::Model;
use crate::orm_handle::Orm;
use crate::select::{As, Select, Selection};
use crate::types::Column;
use crate::value::Value;

/// Whether a create builder has its id.
pub trait IdState {
    /// The same once it has.
    type Given;
}

impl IdState for Given {
    type Given = Given;
}

impl<T: Column<Kind: Kind>> IdState for Omitted<T> {
    type Given = <T::Kind as Kind>::IdGiven<T>;
}

/// Values for the model `M`, and in the type `S` which of them there are.
pub struct Builder<M, S> {
    create: Create<M>,
    state: PhantomData<fn() -> S>,
}

#[doc(hidden)]
impl<M: Model, S> Builder<M, S> {
    #[allow(clippy::new_without_default, reason = "a builder without values is not a value like others")]
    pub fn new() -> Self {
        Self { create: Create::empty(), state: PhantomData }
    }

    /// With one more value, in the state that this leads to.
    pub(crate) fn give<Next>(self, field: usize, value: Result<Value, ValueError>) -> Builder<M, Next> {
        Builder { create: self.create.give(field, value), state: PhantomData }
    }

    pub fn finish(self) -> Create<M> {
        self.create
    }

    pub fn select<T: Selection<M, Checked = Chosen>, Chosen>(self, selection: T) -> Create<M, Chosen> {
        self.create.select(selection)
    }

    pub fn select_as<T: Select<M>>(self) -> Create<M, As<T, T::Itself>> {
        self.create.select_as::<T>()
    }

    pub fn exec(self, orm: &Orm) -> BoxFuture<'_, M> {
        Box::pin(self.create.exec(orm))
    }

    pub fn exec_with_cost(self, orm: &Orm) -> BoxFuture<'_, (M, Cost)> {
        Box::pin(self.create.exec_with_cost(orm))
    }
}

impl<M, S> Clone for Builder<M, S> {
    fn clone(&self) -> Self {
        Self { create: self.create.clone(), state: PhantomData }
    }
}

impl<M, S> std::fmt::Debug for Builder<M, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.create.fmt(f)
    }
}
