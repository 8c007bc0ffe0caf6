//! How an `Orm` comes about on each engine: what the suite is generic over.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_async::rt::sleep::TokioSleep;
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
#[derive(Clone, Debug, Default)]
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
#[derive(Clone, Debug, Default)]
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

/// Whatever answers at the address in `ORM_DYNAMODB_ENDPOINT`: Dynalite, DynamoDB Local, the service itself.
#[derive(Clone, Debug)]
pub struct Endpoint {
    name: &'static str,
    url: String,
}

impl Endpoint {
    /// The engine at the address that the environment names, if it names one. `ORM_DYNAMODB_ENGINE` is its name in
    /// reports; region and credentials come from the usual variables, and local engines take any.
    pub fn from_env() -> Option<Self> {
        let url = std::env::var("ORM_DYNAMODB_ENDPOINT").ok()?;
        let is_dynalite = std::env::var("ORM_DYNAMODB_ENGINE").is_ok_and(|name| name == "dynalite");
        Some(Self { name: if is_dynalite { "dynalite" } else { "endpoint" }, url })
    }

    /// A client of its own for each case: connections belong to the runtime that made them.
    fn client(&self) -> aws_sdk_dynamodb::Client {
        let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
        let credentials = Credentials::new(
            variable("AWS_ACCESS_KEY_ID", "local"),
            variable("AWS_SECRET_ACCESS_KEY", "local"),
            std::env::var("AWS_SESSION_TOKEN").ok(),
            None,
            "environment",
        );
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(variable("AWS_REGION", "us-east-1")))
            .credentials_provider(credentials)
            .endpoint_url(&self.url)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .sleep_impl(TokioSleep::new())
            .build();
        aws_sdk_dynamodb::Client::from_conf(config)
    }

    /// Tables of its own for each case: an engine that is shared keeps those of earlier runs.
    fn driver(&self) -> DynamoDb {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let case = NEXT.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("orm_{}_{case}_", uuid::Uuid::new_v4().simple());
        DynamoDb::builder(self.client()).table_prefix(prefix).build()
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
