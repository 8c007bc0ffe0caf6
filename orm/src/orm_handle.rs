//! The handle that queries run on.

use std::any::Any;
use std::sync::Arc;

use crate::capabilities::Capabilities;
use crate::cost::Meter;
use crate::driver::{BoxFuture, Driver, IntoDriver, downcast};
use crate::error::Error;
use crate::schema::{Schema, SchemaEvent};

/// A schema and the store it lives in. Cheap to clone; storage layers take `&Orm` and never name a driver.
#[derive(Clone)]
pub struct Orm {
    inner: Arc<Inner>,
    meter: Option<Meter>,
    cursor_secret: Option<Secret>,
}

/// What cursors are authenticated with.
#[derive(Clone)]
struct Secret(Arc<[u8]>);

struct Inner {
    schema: Schema,
    driver: Box<dyn Driver>,
}

impl std::fmt::Debug for Orm {
    /// The driver and the names of the models: whole schemas fill pages.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let models: Vec<&str> = self.schema().models().iter().map(|model| model.name()).collect();
        f.debug_struct("Orm").field("driver", &self.driver().kind()).field("models", &models).finish_non_exhaustive()
    }
}

impl Orm {
    /// An Orm on a driver.
    ///
    /// # Errors
    /// Before any request: `Unsupported` when the driver cannot hold a model of the schema; `InvalidQuery` when two
    /// models have one name or one table, a model's id can be null, a relation uses a foreign key that holds the ids of
    /// another model, or the driver's store does not take the name of a table or index.
    pub fn new(schema: Schema, driver: impl Driver) -> Result<Self, Error> {
        schema.check()?;
        driver.check(&schema)?;
        let inner = Arc::new(Inner { schema, driver: Box::new(driver) });
        Ok(Self { inner, meter: None, cursor_secret: None })
    }

    /// An Orm on what the application already has: an AWS client, an embedded engine, a driver.
    ///
    /// # Errors
    /// As [`Orm::new`].
    pub fn from_runtime<Via, R: IntoDriver<Via>>(schema: Schema, runtime: R) -> Result<Self, Error> {
        Self::new(schema, runtime.into_driver()?)
    }

    /// [`Orm::from_runtime`] and [`Orm::push_schema`] at once.
    ///
    /// # Errors
    /// As both.
    pub fn bootstrap<Via, R: IntoDriver<Via>>(schema: Schema, runtime: R) -> BoxFuture<'static, Self> {
        // Not an `async fn`: what is not a runtime would be one error for the argument and one for the future.
        let orm = Self::from_runtime(schema, runtime);
        Box::pin(async move {
            let orm = orm?;
            orm.push_schema().await?;
            Ok(orm)
        })
    }

    /// Creates the tables and indexes that are missing, and waits until they can be used.
    /// Calling it again changes nothing; nothing is ever dropped.
    ///
    /// # Errors
    /// Those of the store: [`ErrorCode`](crate::ErrorCode). On DynamoDB `Unsupported` for a table with another key, or an
    /// index with other keys, keys of another type or fewer attributes; `Timeout` when a table or index is not active within an hour.
    pub async fn push_schema(&self) -> Result<(), Error> {
        self.push_schema_with(|_| ()).await
    }

    /// [`Orm::push_schema`], which reports to `progress` what happens: tables and indexes that are created, the wait
    /// for them, and indexes that no model declares.
    ///
    /// ```
    /// # async fn f(orm: orm::Orm) -> Result<(), orm::Error> {
    /// orm.push_schema_with(|event| println!("{event}")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Orm::push_schema`].
    pub async fn push_schema_with(&self, progress: impl Fn(SchemaEvent) + Send + Sync) -> Result<(), Error> {
        self.inner.driver.push_schema(&self.inner.schema, &progress).await
    }

    /// The same Orm, whose queries report to the meter as well; meters that were set before keep counting.
    /// `exec_with_cost` does it for one query.
    #[must_use]
    pub fn metered(&self, meter: &Meter) -> Self {
        Self { meter: Some(meter.within(self.meter.as_ref())), ..self.clone() }
    }

    /// The same Orm, with a secret that page cursors are authenticated with. Without one, an accidental change to a cursor is
    /// noticed, but anybody with this library's source can forge one. A forged cursor shows nothing that its query would
    /// not. An empty secret counts as none. All processes that exchange cursors need the same one.
    #[must_use]
    pub fn with_cursor_secret(&self, secret: impl AsRef<[u8]>) -> Self {
        let secret = Some(secret.as_ref()).filter(|secret| !secret.is_empty());
        Self { cursor_secret: secret.map(|secret| Secret(secret.into())), ..self.clone() }
    }

    /// The models.
    pub fn schema(&self) -> &Schema {
        &self.inner.schema
    }

    /// The driver: what kind it is, what it can do, and the client below it.
    pub fn driver(&self) -> DriverRef<'_> {
        DriverRef { driver: &*self.inner.driver }
    }

    /// Marks several writes as one step of a storage layer.
    ///
    /// It is a boundary, not a database transaction: on drivers whose
    /// [`supports_transactions`](Capabilities::supports_transactions) is false the writes before an error stay.
    /// Each single write is atomic, its unique constraints included.
    ///
    /// # Errors
    /// Whatever error `work` returns.
    pub async fn transaction<T, F, Fut>(&self, work: F) -> Result<T, Error>
    where
        F: FnOnce(Self) -> Fut,
        Fut: Future<Output = Result<T, Error>>,
    {
        work(self.clone()).await
    }

    pub(crate) fn raw_driver(&self) -> &dyn Driver {
        &*self.inner.driver
    }

    pub(crate) const fn meter(&self) -> Option<&Meter> {
        self.meter.as_ref()
    }

    pub(crate) fn cursor_secret(&self) -> Option<&[u8]> {
        self.cursor_secret.as_ref().map(|secret| &*secret.0)
    }
}

/// The driver of an [`Orm`], seen from outside.
#[derive(Clone, Copy, Debug)]
pub struct DriverRef<'a> {
    driver: &'a dyn Driver,
}

impl<'a> DriverRef<'a> {
    /// The driver's short name: "dynamodb", "memory".
    pub fn kind(&self) -> &'static str {
        self.driver.kind()
    }

    /// What it can do.
    pub fn capabilities(&self) -> Capabilities {
        self.driver.capabilities()
    }

    /// The client below it, if it is of this type: `client::<aws_sdk_dynamodb::Client>()`.
    pub fn client<C: Any>(&self) -> Option<&'a C> {
        self.driver.client().downcast_ref()
    }

    /// The driver itself, if it is of this type: `downcast::<orm_dynamodb::DynamoDb>()`. Also where it is in a `Box` or `Arc`.
    pub fn downcast<D: Driver>(&self) -> Option<&'a D> {
        downcast(self.driver)
    }
}
