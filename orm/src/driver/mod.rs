//! The contract between queries and stores: the [`Driver`] trait, and queries as the plain data that it gets.

mod context;
mod groups;
mod position;
mod query;
mod shared;

use std::any::Any;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

pub use context::Context;
pub(crate) use context::Options;
pub use groups::Groups;
pub(crate) use groups::range;
pub use position::{Keyset, Position};
pub use query::{
    Change, ChangeOperation, Count, Create, Delete, DeleteMany, Find, FindGrouped, FindPart, Part, Planned, Segment,
    Update, UpdateMany, Upsert, Upserted,
};
pub(crate) use shared::downcast;

use crate::capabilities::Capabilities;
use crate::error::Error;
use crate::explain::Plan;
pub use crate::filter::Matcher;
use crate::row::{Row, Rows};
use crate::schema::{Schema, SchemaEvent};
pub use crate::types::document_number;

/// The future of a driver's answer.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// A store. `Box<dyn Driver>` and `Arc<dyn Driver>` are drivers too, for a driver that is chosen at run time.
///
/// A driver gets queries that are already checked: the fields exist, values have the kind of their field, keys name
/// one unique constraint and contain no null, and all models are part of the schema that
/// [`check`](Driver::check) accepted. Fields are places in [`ModelSchema::fields`](crate::schema::ModelSchema::fields).
///
/// # What every driver does
/// - It enforces the id and each of [`ModelSchema::uniques`](crate::schema::ModelSchema::uniques) against concurrent
///   writers, and answers `UniqueConstraintViolation` with the model and the fields of the violated constraint.
/// - A write of one record happens as a whole or not at all. An update never creates a record.
/// - A read by id or by a unique key sees every write that was answered before it began. Other reads may lag behind, as
///   the store's do.
/// - [`Rows`] have one value per requested field, in the requested order, canonical as [`Value`](crate::Value) says.
/// - Results without an order come in any order; null sorts before all values.
/// - It keeps to the [`Context`] of the query: it reads consistently where that is asked for or answers `InvalidQuery`,
///   and counts its requests.
///
/// # What every driver classifies
/// Each failure of its client becomes one [`Error`] with a code, the model, and the client's error as source.
/// `MissingTable` names the table.
///
/// # What no driver does
/// It does not panic on data, does not answer `Ok` for a write that may not have happened, does not fetch records
/// one by one where the store has a batch, and does not load relations: it is asked for batches
/// ([`find_grouped`](Driver::find_grouped)) instead.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a driver",
    label = "expected a driver: `DynamoDb::new(client)` or `MemoryDriver::new()`",
    note = "from an AWS client or an embedded engine: `Orm::from_runtime(schema, client)`"
)]
pub trait Driver: Any + Debug + Send + Sync {
    /// The short name: "dynamodb".
    fn kind(&self) -> &'static str;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// The client below it, for those who need to go around the Orm.
    fn client(&self) -> &(dyn Any + Send + Sync);

    /// Refuses models that the store cannot hold, before any request.
    ///
    /// # Errors
    /// `Unsupported`, naming the model and the field, for what the store does not have; `InvalidQuery` for what results
    /// from a setting of the driver: a name that the store does not take, or two models in one place.
    fn check(&self, schema: &Schema) -> Result<(), Error>;

    /// Creates what is missing (tables, indexes) and waits until it can be used, telling `progress` about it. Never
    /// drops or changes anything else.
    fn push_schema<'a>(
        &'a self,
        schema: &'a Schema,
        progress: &'a (dyn Fn(SchemaEvent) + Send + Sync),
    ) -> BoxFuture<'a, ()>;

    /// How it would find the records of a query. Sends nothing.
    ///
    /// # Errors
    /// What makes the query impossible, but not what a policy of the driver refuses: that is [`Plan::refused`].
    fn explain(&self, context: &Context, query: Planned<'_>) -> Result<Plan, Error>;

    /// The records for which the filter holds, in order, without the first `skip`, at most `take`.
    fn find<'a>(&'a self, context: &'a Context, query: &'a Find) -> BoxFuture<'a, Rows>;

    /// A part of the records of a query, in order, and where the next part begins. The parts of one query, one after
    /// the other, are all of its records, each once as long as nobody changes them.
    ///
    /// # Errors
    /// `InvalidCursor` for a position that it does not understand ([`Position::unreadable`]), and, if no size is asked
    /// for, `InvalidQuery` for an order in which it could give the records only by keeping all of them.
    fn find_part<'a>(&'a self, context: &'a Context, query: &'a FindPart) -> BoxFuture<'a, Part>;

    /// The same as [`find`](Driver::find) for each of several values of one field: one group per key, in the order of the
    /// keys. Filter, order, skip and take apply to each group by itself.
    fn find_grouped<'a>(&'a self, context: &'a Context, query: &'a FindGrouped) -> BoxFuture<'a, Groups>;

    /// How many records the filter holds for.
    fn count<'a>(&'a self, context: &'a Context, query: &'a Count) -> BoxFuture<'a, u64>;

    /// Stores new records. What is stored is what a read gives back, bit for bit.
    ///
    /// # Errors
    /// `UniqueConstraintViolation` when a record with one of the unique values exists, or two of the new records
    /// share one; [`Error::index`] says which record, [`Error::written`] how many were stored in all.
    fn create<'a>(&'a self, context: &'a Context, query: &'a Create) -> BoxFuture<'a, ()>;

    /// Changes the record that the key names, if the filter holds for it at that moment. Returns its fields as they are
    /// afterwards, or `None` if there is no such record.
    ///
    /// # Errors
    /// `UniqueConstraintViolation` when another record has one of the new values, `InvalidValue` when a field's type
    /// does not hold a sum ([`FieldSchema::sum`](crate::schema::FieldSchema::sum)). For this and all other writes: an
    /// error after which the write may have been applied says so ([`Error::with_outcome_unknown`]).
    fn update<'a>(&'a self, context: &'a Context, query: &'a Update) -> BoxFuture<'a, Option<Row>>;

    /// Changes every record for which the filter holds, in whatever order. Returns how many.
    ///
    /// # Errors
    /// As of [`update`](Driver::update); [`Error::written`] says how many were changed in spite of the error.
    fn update_many<'a>(&'a self, context: &'a Context, query: &'a UpdateMany) -> BoxFuture<'a, u64>;

    /// Changes the record that the key names, or stores the new one if there is none.
    ///
    /// # Errors
    /// Those of [`update`](Driver::update) and [`create`](Driver::create).
    fn upsert<'a>(&'a self, context: &'a Context, query: &'a Upsert) -> BoxFuture<'a, Upserted>;

    /// Deletes the record that the key names, if the filter holds for it at that moment. Returns its fields as they
    /// were, or `None` if there is no such record. Of several concurrent deletes of one record, exactly one gets it.
    fn delete<'a>(&'a self, context: &'a Context, query: &'a Delete) -> BoxFuture<'a, Option<Row>>;

    /// Deletes every record for which the filter holds. Returns how many. Unless the query is
    /// [`checked`](DeleteMany::checked), a store that deletes in batches may delete the records as they were found.
    ///
    /// # Errors
    /// [`Error::written`] says how many were deleted in spite of the error.
    fn delete_many<'a>(&'a self, context: &'a Context, query: &'a DeleteMany) -> BoxFuture<'a, u64>;
}

/// Something that an [`Orm`](crate::Orm) can be made from: a driver, or a client that a driver is made for.
///
/// `Via` tells implementations for foreign types apart: a driver crate implements
/// `IntoDriver<ItsOwnType>` for the client's type.
#[diagnostic::on_unimplemented(
    message = "an Orm cannot be made from `{Self}`",
    label = "expected a driver or a database client",
    note = "accepted are `aws_sdk_dynamodb::Client`, `aws_sdk_dynamodb::Config`, `aws_config::SdkConfig` (feature `aws-config` of orm-dynamodb), `orm_dynamodb::Embedded` (feature `embedded`), `orm_dynamodb::DynamoDb`, `orm::MemoryDriver` and anything that implements `orm::Driver`; `Client`, `SdkConfig`, `Embedded` and `DynamoDb` by reference too",
    note = "for an AWS client the crate that passes it must use `orm-dynamodb`: `use orm_dynamodb as _;`"
)]
pub trait IntoDriver<Via> {
    /// The driver.
    type Driver: Driver;

    /// Makes it.
    ///
    /// # Errors
    /// When it cannot be made: see the implementation.
    fn into_driver(self) -> Result<Self::Driver, Error>;
}

/// The [`IntoDriver`] of drivers themselves.
#[derive(Clone, Copy, Debug)]
pub enum Itself {}

#[diagnostic::do_not_recommend]
impl<D: Driver> IntoDriver<Itself> for D {
    type Driver = Self;

    fn into_driver(self) -> Result<Self, Error> {
        Ok(self)
    }
}
