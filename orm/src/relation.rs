//! Typed handles of relations: `User::SESSIONS` in a selection, `ada.sessions()` on a record.

use std::marker::PhantomData;

use crate::call::Call;
use crate::driver::Find;
use crate::error::{Error, ErrorCode, ValueError};
use crate::explain::{Explanation, Plan, Step};
use crate::filter::IntoFilter;
use crate::load;
use crate::model::Model;
use crate::order::IntoOrder;
use crate::orm_handle::Orm;
use crate::projection::{Projection, RelationLoad};
use crate::query::{Criteria, consistent, exec_with_cost, parallel, scanning};
use crate::reader::{self, RowReader};
use crate::schema::RelationSchema;
use crate::select::{All, As, ManyResult, OneResult, Part, Select, Selection};
use crate::value::Value;

/// How many records a relation leads to.
pub trait Cardinality: Send + Sync + 'static {
    /// What holds that many results.
    type Of<T: Send>: Send;

    #[doc(hidden)]
    fn collect<T: Send>(results: impl ExactSizeIterator<Item = Result<T, Error>>) -> Result<Self::Of<T>, Error>;
}

/// One record or none: an `Option`.
#[derive(Clone, Copy, Debug)]
pub enum One {}

/// Any number of records: a `Vec`.
#[derive(Clone, Copy, Debug)]
pub enum Many {}

/// Relations to any number of records, which have an order and limits.
#[diagnostic::on_unimplemented(
    message = "`order_by`, `skip` and `take` are for relations to many records",
    label = "this relation leads to one record or none"
)]
pub trait ToMany: Cardinality {}

impl ToMany for Many {}

impl Cardinality for One {
    type Of<T: Send> = Option<T>;

    fn collect<T: Send>(mut results: impl ExactSizeIterator<Item = Result<T, Error>>) -> Result<Option<T>, Error> {
        results.next().transpose()
    }
}

impl Cardinality for Many {
    type Of<T: Send> = Vec<T>;

    fn collect<T: Send>(results: impl ExactSizeIterator<Item = Result<T, Error>>) -> Result<Vec<T>, Error> {
        reader::all(results)
    }
}

/// A relation from the model `M` to the model `R`. The derive makes one constant of these per relation, in capitals.
pub struct Relation<M, R, C> {
    index: usize,
    marker: PhantomData<fn() -> (M, R, C)>,
}

impl<M, R, C> Clone for Relation<M, R, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, R, C> Copy for Relation<M, R, C> {}

impl<M: Model, R, C> std::fmt::Debug for Relation<M, R, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let schema = M::schema();
        write!(f, "{}.{}", schema.name(), self.schema().map_or("?", RelationSchema::name))
    }
}

impl<M, R, C> Relation<M, R, C> {
    /// The relation at `index` of the model. Made by the derive.
    #[doc(hidden)]
    pub const fn new(index: usize) -> Self {
        Self { index, marker: PhantomData }
    }
}

impl<M: Model, R, C> Relation<M, R, C> {
    /// The relation of one record, whose value of the relation's field this is.
    pub(crate) fn of(self, field: usize, value: Result<Value, ValueError>) -> Related<M, R, C> {
        // Without `R: Model`: that the target is one is demanded where it is named.
        Related { value: (field, value), select: RelationSelect::new(self, All::new()) }
    }

    fn schema(&self) -> Option<&'static RelationSchema> {
        M::schema().relations().get(self.index)
    }
}

impl<M: Model, R: Model, C: Cardinality> Relation<M, R, C> {
    /// Returns this selection of the related records, instead of all of their fields.
    pub fn select<T: Selection<R, Checked = Chosen>, Chosen>(self, selection: T) -> RelationSelect<M, R, C, Chosen> {
        RelationSelect::new(self, selection.checked())
    }

    /// Returns the related records as values of `T`, a struct with `#[derive(Select)]` and `#[orm(model = R)]`.
    pub fn select_as<T: Select<R>>(self) -> RelationSelect<M, R, C, As<T, T::Itself>> {
        self.select(As::new())
    }

    /// Keeps only related records that match this filter.
    pub fn filter(self, filter: impl IntoFilter<R>) -> RelationSelect<M, R, C> {
        self.select(R::ALL).filter(filter)
    }

    /// In this order.
    pub fn order_by(self, order: impl IntoOrder<R>) -> RelationSelect<M, R, C>
    where
        C: ToMany,
    {
        self.select(R::ALL).order_by(order)
    }

    /// Without the first `n` related records of each record.
    pub fn skip(self, n: usize) -> RelationSelect<M, R, C>
    where
        C: ToMany,
    {
        self.select(R::ALL).skip(n)
    }

    /// At most `n` related records for each record.
    pub fn take(self, n: usize) -> RelationSelect<M, R, C>
    where
        C: ToMany,
    {
        self.select(R::ALL).take(n)
    }
}

/// A relation with its filter, order, limits and selection.
#[must_use = "this does nothing by itself: hand it to a query's `select`"]
pub struct RelationSelect<M, R, C, S = All<R>> {
    relation: Relation<M, R, C>,
    criteria: Criteria<R>,
    selection: S,
}

impl<M, R, C, S: Clone> Clone for RelationSelect<M, R, C, S> {
    fn clone(&self) -> Self {
        Self { relation: self.relation, criteria: self.criteria.clone(), selection: self.selection.clone() }
    }
}

impl<M: Model, R, C, S> std::fmt::Debug for RelationSelect<M, R, C, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelationSelect")
            .field("relation", &self.relation)
            .field("filter", &self.criteria.filter)
            .field("order", &self.criteria.order)
            .field("skip", &self.criteria.skip)
            .field("take", &self.criteria.take)
            .finish_non_exhaustive()
    }
}

impl<M, R, C, S> RelationSelect<M, R, C, S> {
    const fn new(relation: Relation<M, R, C>, selection: S) -> Self {
        Self { relation, criteria: Criteria::new(), selection }
    }
}

impl<M: Model, R: Model, C: Cardinality, S> RelationSelect<M, R, C, S> {
    /// Keeps only related records that match this filter and every earlier one.
    pub fn filter(self, filter: impl IntoFilter<R>) -> Self {
        Self { criteria: self.criteria.filter(filter), ..self }
    }

    /// Returns this selection of the related records.
    pub fn select<T: Selection<R, Checked = Chosen>, Chosen>(self, selection: T) -> RelationSelect<M, R, C, Chosen> {
        RelationSelect { relation: self.relation, criteria: self.criteria, selection: selection.checked() }
    }

    /// Returns the related records as values of `T`, a struct with `#[derive(Select)]` and `#[orm(model = R)]`.
    pub fn select_as<T: Select<R>>(self) -> RelationSelect<M, R, C, As<T, T::Itself>> {
        self.select(As::new())
    }

    /// In this order.
    pub fn order_by(self, order: impl IntoOrder<R>) -> Self
    where
        C: ToMany,
    {
        Self { criteria: self.criteria.order_by(order), ..self }
    }

    /// Without the first `n` related records of each record.
    pub fn skip(mut self, n: usize) -> Self
    where
        C: ToMany,
    {
        self.criteria.skip = n;
        self
    }

    /// At most `n` related records for each record.
    pub fn take(mut self, n: usize) -> Self
    where
        C: ToMany,
    {
        self.criteria.take = Some(n);
        self
    }

    fn load(&self, projection: &mut Projection) -> Result<RelationLoad, Error>
    where
        S: Selection<R>,
    {
        let Some(relation) = self.relation.schema() else {
            return Err(Error::new(ErrorCode::Backend, "the relation is not one of its model's"));
        };
        let Find { filter, order, skip, take, .. } = self.criteria.clone().find(&[])?;
        let mut target = projection.nested(R::schema())?;
        self.selection.project(&mut target)?;
        if relation.through().is_some() {
            // These records are put in order here, where those of all parents are together.
            for order in &order {
                target.slot(order.field);
            }
        }
        Ok(RelationLoad {
            relation,
            local: projection.slot(relation.local(M::schema())),
            filter,
            order,
            skip,
            take,
            projection: target,
        })
    }
}

impl<M: Model, R: Model> Relation<M, R, One> {
    /// The relation as a part of a struct with `#[derive(Select)]`.
    #[doc(hidden)]
    pub fn select_into<W: OneResult<R>>(self) -> Part<RelationSelect<M, R, One>, W> {
        Part {
            selection: self.select(R::ALL),
            describe: |select, projection| select.select_as::<W::Inner>().project(projection),
            read: |select, row| select.select_as::<W::Inner>().decode(row).map(W::from_one),
        }
    }
}

impl<M: Model, R: Model> Relation<M, R, Many> {
    /// The relation as a part of a struct with `#[derive(Select)]`.
    #[doc(hidden)]
    pub fn select_into<W: ManyResult<R>>(self) -> Part<RelationSelect<M, R, Many>, W> {
        Part {
            selection: self.select(R::ALL),
            describe: |select, projection| select.select_as::<W::Inner>().project(projection),
            read: |select, row| select.select_as::<W::Inner>().decode(row).map(W::from_many),
        }
    }
}

impl<M: Model, R: Model, C: Cardinality, S: Selection<R>> Selection<M> for RelationSelect<M, R, C, S> {
    type Output = C::Of<S::Output>;
    type Checked = Self;

    fn checked(self) -> Self {
        self
    }

    fn project(&self, projection: &mut Projection) -> Result<(), Error> {
        let load = self.load(projection)?;
        projection.relate(load);
        Ok(())
    }

    fn decode(&self, row: &mut RowReader<'_>) -> Result<Self::Output, Error> {
        match row.related() {
            Some(related) => C::collect(related.decode(|row| self.selection.decode(row))),
            None => C::collect(std::iter::empty()),
        }
    }
}

impl<M: Model, R: Model, C: Cardinality> Selection<M> for Relation<M, R, C> {
    type Output = C::Of<R>;
    type Checked = Self;

    fn checked(self) -> Self {
        self
    }

    fn project(&self, projection: &mut Projection) -> Result<(), Error> {
        self.select(R::ALL).project(projection)
    }

    fn decode(&self, row: &mut RowReader<'_>) -> Result<Self::Output, Error> {
        self.select(R::ALL).decode(row)
    }
}

/// The related records of one record: `ada.sessions()`.
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct Related<M, R, C, S = All<R>> {
    value: (usize, Result<Value, ValueError>),
    select: RelationSelect<M, R, C, S>,
}

impl<M, R, C, S: Clone> Clone for Related<M, R, C, S> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), select: self.select.clone() }
    }
}

impl<M: Model, R, C, S> std::fmt::Debug for Related<M, R, C, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Related").field("select", &self.select).finish_non_exhaustive()
    }
}

impl<M: Model, R: Model, C: Cardinality, S: Selection<R>> Related<M, R, C, S> {
    /// Keeps only related records that match this filter.
    pub fn filter(self, filter: impl IntoFilter<R>) -> Self {
        Self { select: self.select.filter(filter), ..self }
    }

    /// Returns this selection of the related records, instead of all of their fields.
    pub fn select<T: Selection<R, Checked = Chosen>, Chosen>(self, selection: T) -> Related<M, R, C, Chosen> {
        Related { value: self.value, select: self.select.select(selection) }
    }

    /// Returns the related records as values of `T`, a struct with `#[derive(Select)]` and `#[orm(model = R)]`.
    pub fn select_as<T: Select<R>>(self) -> Related<M, R, C, As<T, T::Itself>> {
        self.select(As::new())
    }

    /// Loads them.
    ///
    /// # Errors
    /// As for any read: see [`ErrorCode`](crate::ErrorCode).
    pub async fn exec(self, orm: &Orm) -> Result<C::Of<S::Output>, Error> {
        let call = self.call(orm, "related");
        call.run(async {
            let schema = M::schema();
            let (field, value) = self.value;
            let value = value.map_err(|error| schema.invalid_value(field, &error))?;
            let mut parent = Projection::new(schema);
            let load = RelationLoad { local: 0, ..self.select.load(&mut parent)? };
            call.require(schema)?;
            let mut links = load::one(&call, &load, value).await?;
            C::collect(links.of(0, &load.projection).decode(|row| self.select.selection.decode(row)))
        })
        .await
    }

    exec_with_cost!(C::Of<S::Output>);

    /// How they would be loaded, without sending anything.
    ///
    /// # Errors
    /// What makes the query impossible.
    pub fn explain(self, orm: &Orm) -> Result<Explanation, Error> {
        let call = self.call(orm, "explain");
        let schema = M::schema();
        call.require(schema)?;
        call.require(R::schema())?;
        let (field, value) = self.value;
        let value = value.map_err(|error| schema.invalid_value(field, &error))?;
        let load = self.select.load(&mut Projection::new(schema))?;
        if value.is_null() {
            // It leads nowhere.
            let nothing = Step::new(R::schema().name(), Plan::default(), 0, None);
            return Ok(Explanation::new(load.relation.name(), vec![nothing]));
        }
        load::explain_one(&call, &load, [value].into())
    }

    fn call(&self, orm: &Orm, operation: &'static str) -> Call {
        self.select.criteria.call(orm, operation)
    }

    consistent!(select.criteria.options);
    scanning!(select.criteria.options);
    parallel!(select.criteria.options);

    /// In this order.
    pub fn order_by(self, order: impl IntoOrder<R>) -> Self
    where
        C: ToMany,
    {
        Self { select: self.select.order_by(order), ..self }
    }

    /// Without the first `n`.
    pub fn skip(self, n: usize) -> Self
    where
        C: ToMany,
    {
        Self { select: self.select.skip(n), ..self }
    }

    /// At most `n`.
    pub fn take(self, n: usize) -> Self
    where
        C: ToMany,
    {
        Self { select: self.select.take(n), ..self }
    }
}
