//! How an `Orm` comes about on each engine: what the suite is generic over.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};

use orm::{Error, Orm, Schema};
use orm_dynamodb::{DynamoDb, Embedded};

/// An engine that the suite runs on.
pub trait Engine: Send + Sync {
    /// Its name in reports: "embedded", "memory".
    fn name(&self) -> &'static str;

    /// An `Orm` over empty tables of its own, which exist.
    fn orm(&self, schema: Schema) -> impl Future<Output = Result<Orm, Error>> + Send;

    /// An `Orm` whose tables do not exist.
    fn orm_without_tables(&self, schema: Schema) -> Result<Orm, Error>;
}

/// DynamoDB inside the process, in memory.
#[derive(Debug, Default)]
pub struct InProcess;

impl Engine for InProcess {
    fn name(&self) -> &'static str {
        "embedded"
    }

    async fn orm(&self, schema: Schema) -> Result<Orm, Error> {
        Orm::bootstrap(schema, Embedded::in_memory()?).await
    }

    fn orm_without_tables(&self, schema: Schema) -> Result<Orm, Error> {
        Orm::from_runtime(schema, Embedded::in_memory()?)
    }
}

/// The in-memory driver of `orm` itself.
#[derive(Debug, Default)]
pub struct Memory;

impl Engine for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    async fn orm(&self, schema: Schema) -> Result<Orm, Error> {
        Orm::bootstrap(schema, orm::MemoryDriver::new()).await
    }

    fn orm_without_tables(&self, schema: Schema) -> Result<Orm, Error> {
        Orm::from_runtime(schema, orm::MemoryDriver::new())
    }
}

/// Whatever answers at an address: Dynalite, DynamoDB Local, the service itself.
#[derive(Debug)]
pub struct Endpoint {
    name: &'static str,
    client: aws_sdk_dynamodb::Client,
}

impl Endpoint {
    /// The engine that this client talks to.
    pub const fn new(name: &'static str, client: aws_sdk_dynamodb::Client) -> Self {
        Self { name, client }
    }

    /// Tables of its own for each case: an engine that is shared keeps those of earlier runs.
    fn driver(&self) -> DynamoDb {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let case = NEXT.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("orm_{}_{case}_", uuid::Uuid::new_v4().simple());
        DynamoDb::builder(self.client.clone()).table_prefix(prefix).build()
    }
}

impl Engine for Endpoint {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn orm(&self, schema: Schema) -> Result<Orm, Error> {
        Orm::bootstrap(schema, self.driver()).await
    }

    fn orm_without_tables(&self, schema: Schema) -> Result<Orm, Error> {
        Orm::new(schema, self.driver())
    }
}
