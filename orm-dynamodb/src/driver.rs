//! The driver itself: what it is made from, and the contract of `orm::Driver` handed on to reads, writes and tables.

use std::any::Any;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use orm::driver::{
    BoxFuture, Context, Count, Create, Delete, DeleteMany, Find, FindGrouped, FindPart, Groups, Part, Planned, Update,
    UpdateMany, Upsert, Upserted,
};
use orm::explain;
use orm::schema::{ModelSchema, Schema, SchemaEvent};
use orm::{Capabilities, Driver, Error, IntoDriver, Model, Row, Rows};

use crate::config::Config;
use crate::idempotency::Counts;
use crate::interceptor::watchable;
use crate::operation::{Operation, within};
use crate::retry::Retries;
use crate::scan_policy::ScanPolicy;
use crate::table::{EngineFacts, Table};
use crate::{DRIVER_KIND, check, push_schema, read, write};

/// How many tables are created at once: DynamoDB allows more, but not without end.
const TABLES_AT_ONCE: usize = 8;

/// The DynamoDB driver: models become tables on the client that the application already owns.
///
/// It sends its requests with a second client that has the same configuration and one more interceptor. What the
/// configuration names, such as an HTTP client, is shared; what the SDK makes for each client by default is made for
/// this one too.
///
/// ```no_run
/// # use orm::prelude::*;
/// # #[derive(Model)] #[orm(table = "users")] struct User { #[orm(id)] id: String }
/// # async fn f(client: aws_sdk_dynamodb::Client) -> Result<(), Error> {
/// use orm_dynamodb::DynamoDb;
///
/// let orm = Orm::new(schema![User], DynamoDb::builder(client).table_prefix("prod_").build())?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct DynamoDb {
    /// The application's own.
    client: Client,
    /// The same with our interceptor: all requests go through it.
    watchable: Client,
    config: Arc<Config>,
    engine: Arc<EngineFacts>,
    counts: Arc<Counts>,
}

impl DynamoDb {
    /// A driver with the default settings.
    pub fn new(client: Client) -> Self {
        Self::builder(client).build()
    }

    /// A driver with other settings.
    pub fn builder(client: Client) -> DynamoDbBuilder {
        DynamoDbBuilder { client, config: Config::default(), transactions: true }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The table of a model, for one operation.
    pub(crate) fn table<'a>(
        &'a self,
        model: &'static ModelSchema,
        name: &'a str,
        operation: &'a Operation,
    ) -> Table<'a> {
        let Self { watchable: client, config, engine, counts, .. } = self;
        Table { client, config, model, name, engine, counts, operation }
    }

    async fn push_table(
        &self,
        model: &'static ModelSchema,
        progress: &(dyn Fn(SchemaEvent) + Send + Sync),
    ) -> Result<(), Error> {
        let (name, operation) = (self.config.table(model), Operation::default());
        push_schema::push(&self.table(model, &name, &operation), progress).await
    }
}

/// The settings of a [`DynamoDb`] driver.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct DynamoDbBuilder {
    client: Client,
    config: Config,
    transactions: bool,
}

impl DynamoDbBuilder {
    /// What stands before the name of each model's table: `prod_` makes `users` the table `prod_users`.
    pub fn table_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.config.table_prefix = prefix.into();
        self
    }

    /// The whole name of the table of the model `M`: no prefix is added.
    pub fn table<M: Model>(mut self, name: impl Into<String>) -> Self {
        self.config.name_table::<M>(name.into());
        self
    }

    /// What happens on an unplanned scan; by default, a warning.
    pub fn scan_policy(mut self, policy: ScanPolicy) -> Self {
        self.config.scan_policy = policy;
        self
    }

    /// Whether DynamoDB is asked what capacity each request consumes, so that the `tracing` spans of all queries report
    /// it. Without this, it is asked only for queries that are measured: by `exec_with_cost` or a
    /// [`Meter`](orm::Meter).
    pub fn report_capacity(mut self, report_capacity: bool) -> Self {
        self.config.report_capacity = report_capacity;
        self
    }

    /// Whether ids get lock items too, so that all models cost what those with unique fields do: transactions instead of
    /// single writes and batches. Only for tables that are shared with services that use the npm package
    /// `@farming-labs/orm-dynamodb`. `false` by default.
    pub fn id_locks(mut self, id_locks: bool) -> Self {
        self.config.id_locks = id_locks;
        self
    }

    /// Whether a record and its locks are written in one transaction; by default, if the engine has transactions. An
    /// engine that does not know TransactWriteItems is detected without this setting. `false` is for tables that refuse
    /// it: DynamoDB's global tables with strong consistency between Regions. All programs that write to such a table
    /// have to set it. What is promised then is in `docs/guarantees.md`, under "without".
    pub fn transactions(mut self, transactions: bool) -> Self {
        self.transactions = transactions;
        self
    }

    /// How often, and after what pauses, the driver retries what failed for a passing cause.
    pub fn retries(mut self, retries: Retries) -> Self {
        self.config.retries = retries;
        self
    }

    /// How long one operation may take as a whole, with all of its requests and retries and the relations that it loads;
    /// no limit by default. For a stream, each part may take that long. What takes longer is given up with a
    /// `Timeout`, which says whether something may have been written ([`Error::is_outcome_unknown`]). It does not apply to
    /// `push_schema`.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.config.timeout = Some(timeout);
        self
    }

    /// The driver.
    pub fn build(self) -> DynamoDb {
        DynamoDb {
            watchable: watchable(&self.client),
            client: self.client,
            engine: Arc::new(EngineFacts::assumed(self.transactions)),
            config: Arc::new(self.config),
            counts: Arc::default(),
        }
    }
}

/// The operations that are about one table.
macro_rules! on_table {
    ($($name:ident($query:ty, $($model:ident).+) -> $answer:ty = $function:path, writes: $writes:literal;)*) => {$(
        fn $name<'a>(&'a self, context: &'a Context, query: &'a $query) -> BoxFuture<'a, $answer> {
            Box::pin(async move {
                let (model, operation) = (query.$($model).+, Operation::new(context, self.config.timeout, $writes));
                let name = self.config.table(model);
                let table = self.table(model, &name, &operation);
                // Pinned here, so that it is in the future of the operation once.
                within(&table, pin!($function(&table, query))).await
            })
        }
    )*};
}

impl Driver for DynamoDb {
    fn kind(&self) -> &'static str {
        DRIVER_KIND
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::document_store()
    }

    fn client(&self) -> &(dyn Any + Send + Sync) {
        &self.client
    }

    fn check(&self, schema: &Schema) -> Result<(), Error> {
        check::check_models(schema)?;
        check::check_names(schema, |model| self.config.table(model))
    }

    fn push_schema<'a>(
        &'a self,
        schema: &'a Schema,
        progress: &'a (dyn Fn(SchemaEvent) + Send + Sync),
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            // Made before they are streamed: a closure over references would not be general enough for the compiler.
            let pushes: Vec<_> = schema.models().iter().map(|model| self.push_table(model, progress)).collect();
            stream::iter(pushes).buffer_unordered(TABLES_AT_ONCE).try_collect().await
        })
    }

    fn explain(&self, context: &Context, query: Planned<'_>) -> Result<explain::Plan, Error> {
        crate::explain::explain_query(query, context, &self.config)
    }

    on_table! {
        find(Find, model) -> Rows = read::find, writes: false;
        find_part(FindPart, find.model) -> Part = read::find_part, writes: false;
        find_grouped(FindGrouped, find.model) -> Groups = read::find_grouped, writes: false;
        count(Count, model) -> u64 = read::count, writes: false;
        create(Create, model) -> () = write::create, writes: true;
        update(Update, model) -> Option<Row> = write::update, writes: true;
        update_many(UpdateMany, model) -> u64 = write::update_many, writes: true;
        upsert(Upsert, model) -> Upserted = write::upsert, writes: true;
        delete(Delete, model) -> Option<Row> = write::delete, writes: true;
        delete_many(DeleteMany, model) -> u64 = write::delete_many, writes: true;
    }
}

/// Marks the ways from AWS types to the driver: [`IntoDriver`] is generic over it, because a type of another crate may
/// implement a trait of another crate only with a type of one's own. Nobody has to name it.
#[derive(Clone, Copy, Debug)]
pub enum Aws {}

impl IntoDriver<Aws> for Client {
    type Driver = DynamoDb;

    fn into_driver(self) -> Result<DynamoDb, Error> {
        Ok(DynamoDb::new(self))
    }
}

impl IntoDriver<Aws> for &Client {
    type Driver = DynamoDb;

    fn into_driver(self) -> Result<DynamoDb, Error> {
        Ok(DynamoDb::new(self.clone()))
    }
}

/// # Panics
/// With a configuration that [`Client::from_conf`] does not take: one without a behavior version, for instance.
impl IntoDriver<Aws> for aws_sdk_dynamodb::Config {
    type Driver = DynamoDb;

    fn into_driver(self) -> Result<DynamoDb, Error> {
        Ok(DynamoDb::new(Client::from_conf(self)))
    }
}

/// The client has the default settings of the region and credentials that the configuration names.
#[cfg(feature = "aws-config")]
impl IntoDriver<Aws> for aws_types::SdkConfig {
    type Driver = DynamoDb;

    fn into_driver(self) -> Result<DynamoDb, Error> {
        (&self).into_driver()
    }
}

#[cfg(feature = "aws-config")]
impl IntoDriver<Aws> for &aws_types::SdkConfig {
    type Driver = DynamoDb;

    fn into_driver(self) -> Result<DynamoDb, Error> {
        Ok(DynamoDb::new(Client::new(self)))
    }
}

/// A clone, which shares the client and what it has learned about its engine.
impl IntoDriver<Aws> for &DynamoDb {
    type Driver = DynamoDb;

    fn into_driver(self) -> Result<DynamoDb, Error> {
        Ok(self.clone())
    }
}

#[cfg(feature = "embedded")]
impl IntoDriver<Aws> for crate::Embedded {
    type Driver = DynamoDb;

    fn into_driver(self) -> Result<DynamoDb, Error> {
        Ok(DynamoDb::new(self.client()))
    }
}

#[cfg(feature = "embedded")]
impl IntoDriver<Aws> for &crate::Embedded {
    type Driver = DynamoDb;

    fn into_driver(self) -> Result<DynamoDb, Error> {
        Ok(DynamoDb::new(self.client()))
    }
}
