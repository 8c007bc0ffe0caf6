//! The contract between queries and stores: the [`Driver`] trait, and queries as the plain data that it gets.

use std::any::Any;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use crate::capabilities::Capabilities;
use crate::error::Error;
use crate::filter::Condition;
use crate::key::UniqueKey;
use crate::order::Order;
use crate::record::Record;
use crate::row::Row;
use crate::schema::{ModelSchema, Schema};
use crate::value::Value;

/// The answer of a driver, some time later.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// A store.
///
/// A driver gets queries that are already checked: the fields exist, values have the kind of their field, keys name
/// one unique constraint and contain no null, and all models are part of the schema that
/// [`check`](Driver::check) accepted. Fields are places in [`ModelSchema::fields`].
///
/// # What every driver does
/// - It enforces the id and each of [`ModelSchema::uniques`] against concurrent writers, and answers
///   `UniqueConstraintViolation` with the model and the fields of the violated constraint.
/// - A write of one record happens as a whole or not at all. An update never creates a record.
/// - A read by id or by a unique key sees every write that was answered before it began. Other reads may lag behind, as
///   the store's do.
/// - [`Row`]s have one value per requested field, in the requested order, canonical as [`Value`] says.
/// - Results without an order come in any order; null sorts before all values.
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
pub trait Driver: Debug + Send + Sync + 'static {
    /// The short name: "dynamodb".
    fn kind(&self) -> &'static str;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// The client below it, for those who need to go around the Orm.
    fn client(&self) -> &(dyn Any + Send + Sync);

    /// Refuses models that the store cannot hold, before any request.
    ///
    /// # Errors
    /// `Unsupported`, naming the model and the field.
    fn check(&self, schema: &Schema) -> Result<(), Error>;

    /// Creates what is missing (tables, indexes) and waits until it can be used. Never drops or changes anything else.
    fn push_schema<'a>(&'a self, schema: &'a Schema) -> BoxFuture<'a, ()>;

    /// The records for which the filter holds, in order, without the first `skip`, at most `take`.
    fn find<'a>(&'a self, query: &'a Find) -> BoxFuture<'a, Vec<Row>>;

    /// The same for each of several values of one field: one list per key, in the order of the keys.
    /// Filter, order, skip and take apply to each list by itself.
    fn find_grouped<'a>(&'a self, query: &'a FindGrouped) -> BoxFuture<'a, Vec<Vec<Row>>>;

    /// How many records the filter holds for.
    fn count<'a>(&'a self, query: &'a Count) -> BoxFuture<'a, u64>;

    /// Stores new records. What is stored is what a read gives back, bit for bit.
    ///
    /// # Errors
    /// `UniqueConstraintViolation` when a record with one of the unique values exists, or two of the new records
    /// share one; [`Error::index`] says which record, [`Error::written`] how many were stored before.
    fn create<'a>(&'a self, query: &'a Create) -> BoxFuture<'a, ()>;

    /// Changes the record that the key names; its fields as they are afterwards, or `None` if there is none.
    fn update<'a>(&'a self, query: &'a Update) -> BoxFuture<'a, Option<Row>>;

    /// Changes every record for which the filter holds; how many.
    fn update_many<'a>(&'a self, query: &'a UpdateMany) -> BoxFuture<'a, u64>;

    /// Changes the record that the key names, or stores the new one if there is none.
    fn upsert<'a>(&'a self, query: &'a Upsert) -> BoxFuture<'a, Row>;

    /// Deletes the record that the key names; its fields as they were, or `None` if there is none.
    /// Of several concurrent deletes of one record, exactly one gets it.
    fn delete<'a>(&'a self, query: &'a Delete) -> BoxFuture<'a, Option<Row>>;

    /// Deletes every record for which the filter holds; how many.
    fn delete_many<'a>(&'a self, query: &'a DeleteMany) -> BoxFuture<'a, u64>;
}

/// Which records to read, and what of them.
#[derive(Clone, Debug)]
pub struct Find {
    /// The model.
    pub model: &'static ModelSchema,
    /// Which records.
    pub filter: Condition,
    /// In this order, by each in turn; empty for any order.
    pub order: Vec<Order>,
    /// Without the first so many.
    pub skip: usize,
    /// At most so many; never 0.
    pub take: Option<usize>,
    /// The fields of each row, without repetition.
    pub fields: Vec<usize>,
}

/// Which records to read for each of several keys.
#[derive(Clone, Debug)]
pub struct FindGrouped {
    /// What applies to each group by itself.
    pub find: Find,
    /// The field that holds the key.
    pub by: usize,
    /// The keys, without repetition, none null.
    pub keys: Vec<Value>,
}

/// Which records to count.
#[derive(Clone, Debug)]
pub struct Count {
    /// The model.
    pub model: &'static ModelSchema,
    /// Which records.
    pub filter: Condition,
}

/// Which records to store.
#[derive(Clone, Debug)]
pub struct Create {
    /// The model.
    pub model: &'static ModelSchema,
    /// The records; never none.
    pub records: Vec<Record>,
    /// Whether the ids of all of them were made up here, so that none can exist already.
    pub fresh_ids: bool,
}

/// What to do with one field of an existing record.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The field; never the id.
    pub field: usize,
    /// What happens to it.
    pub operation: ChangeOperation,
}

/// What happens to a field.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ChangeOperation {
    /// It gets this value, which may be null.
    Set(Value),
    /// This number is added to it; null counts as zero. Applied exactly once.
    Increment(Value),
}

/// Which record to change, and how.
#[derive(Clone, Debug)]
pub struct Update {
    /// The model.
    pub model: &'static ModelSchema,
    /// Which record.
    pub key: UniqueKey,
    /// At most one per field; none is fine, and then it is a read.
    pub changes: Vec<Change>,
    /// The fields of the resulting row.
    pub fields: Vec<usize>,
}

/// Which records to change, and how.
#[derive(Clone, Debug)]
pub struct UpdateMany {
    /// The model.
    pub model: &'static ModelSchema,
    /// Which records.
    pub filter: Condition,
    /// At most one per field, at least one.
    pub changes: Vec<Change>,
}

/// Which record to change or else to store.
#[derive(Clone, Debug)]
pub struct Upsert {
    /// The model.
    pub model: &'static ModelSchema,
    /// Which record; the new one has these values too.
    pub key: UniqueKey,
    /// The new record.
    pub create: Record,
    /// What to change if there is one; never a field of the key.
    pub changes: Vec<Change>,
    /// The fields of the resulting row.
    pub fields: Vec<usize>,
}

/// Which record to delete.
#[derive(Clone, Debug)]
pub struct Delete {
    /// The model.
    pub model: &'static ModelSchema,
    /// Which record.
    pub key: UniqueKey,
    /// The fields of the resulting row; none if only the count matters.
    pub fields: Vec<usize>,
}

/// Which records to delete.
#[derive(Clone, Debug)]
pub struct DeleteMany {
    /// The model.
    pub model: &'static ModelSchema,
    /// Which records.
    pub filter: Condition,
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
