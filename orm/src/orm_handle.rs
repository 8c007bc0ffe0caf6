//! The handle that queries run on.

use std::any::Any;
use std::sync::Arc;

use crate::capabilities::Capabilities;
use crate::driver::{BoxFuture, Driver, Find, IntoDriver};
use crate::error::Error;
use crate::load;
use crate::row::{Projection, Row};
use crate::schema::{ModelSchema, Schema};

/// A schema and the store it lives in. Cheap to clone; storage layers take `&Orm` and never name a driver.
#[derive(Clone, Debug)]
pub struct Orm {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    schema: Schema,
    driver: Box<dyn Driver>,
}

impl Orm {
    /// An Orm on a driver.
    ///
    /// # Errors
    /// `Unsupported`, before any request, when the driver cannot hold a model of the schema; `InvalidQuery` when two
    /// models have one name or one table.
    pub fn new(schema: Schema, driver: impl Driver) -> Result<Self, Error> {
        schema.check()?;
        driver.check(&schema)?;
        Ok(Self { inner: Arc::new(Inner { schema, driver: Box::new(driver) }) })
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
    /// Whatever the store answers; a table that exists with another key.
    pub async fn push_schema(&self) -> Result<(), Error> {
        self.inner.driver.push_schema(&self.inner.schema).await
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
    /// Whatever `work` answers.
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

    /// # Errors
    /// `MissingSchema` when the model is not part of the schema.
    pub(crate) fn require(&self, model: &'static ModelSchema) -> Result<(), Error> {
        self.inner.schema.require(model)
    }

    /// The records of a query with their relations.
    pub(crate) async fn find(&self, find: Find, projection: &Projection) -> Result<Vec<Row>, Error> {
        self.require(find.model)?;
        if find.take == Some(0) {
            return Ok(Vec::new());
        }
        let rows = self.raw_driver().find(&find).await?;
        self.with_relations(rows, projection).await
    }

    /// The same records with their relations.
    pub(crate) async fn with_relations(&self, mut rows: Vec<Row>, projection: &Projection) -> Result<Vec<Row>, Error> {
        if !projection.relations().is_empty() {
            load::relations(self, &mut rows, projection).await?;
        }
        Ok(rows)
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
}
