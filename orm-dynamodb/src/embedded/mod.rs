//! DynamoDB inside this process: the ordinary SDK client on an HTTP client that answers instead of sending.
//!
//! The engine is the crate `dynoxide-rs` on SQLite. `connector` is the SDK's side, `dispatch` names the
//! operations, `errors` gives the engine's errors the form that DynamoDB's have on the wire.

mod connector;
mod dispatch;
mod errors;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::{RetryConfig, RetryPartition};
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Builder, Config, Credentials, IdentityCache, Region, StalledStreamProtectionConfig,
};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use dynoxide::{Database, DynoxideError};
use orm::{Error, ErrorCode};

use self::connector::InProcessClient;

/// A DynamoDB that runs inside this process, in memory or in a file: for development and tests.
///
/// It stands behind the ordinary [`aws_sdk_dynamodb::Client`]: requests are signed, serialised, retried and seen
/// by interceptors as always, and only the last step, the network, is replaced: no socket is opened. The region is
/// `us-east-1`, the credentials are dummies.
///
/// A clone is a cheap handle on the same engine. The tables of an engine in memory live as long as its last
/// handle or client.
///
/// # Where it differs from the service
///
/// - A table or an index is `ACTIVE`, and can be used, from the first request after the one that makes it.
/// - Every read is strongly consistent, index queries included.
/// - It never throttles, times out or reports a `TransactionConflict`. Such faults are injected by wrapping
///   [`http_client`](Self::http_client), or with an interceptor on [`config`](Self::config).
/// - An item past its time to live stays until [`sweep_ttl`](Self::sweep_ttl) is called.
/// - Requests are answered one at a time, on the task that awaits them. Each first yields to the executor once,
///   so that requests of concurrent tasks interleave as they do over a network.
/// - Table names that differ only in case name one table: `Users` and `users`.
/// - Some limits are not checked: 100 operands of `IN`, 300 operators in an expression, one index made or deleted
///   per `UpdateTable`.
/// - Backups, global tables, imports, exports and other operations of administration answer
///   `UnknownOperationException`.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let embedded = orm_dynamodb::Embedded::in_memory()?;
/// let tables = embedded.client().list_tables().send().await?;
/// assert!(tables.table_names().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Embedded {
    database: Database,
    http_client: SharedHttpClient,
    path: Option<Arc<Path>>,
}

impl Embedded {
    /// A new, empty engine in memory, separate from every other.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::Backend`] if SQLite cannot be set up.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), orm::Error> {
    /// let embedded = orm_dynamodb::Embedded::in_memory()?;
    /// let same_tables = embedded.clone();
    /// let other_tables = orm_dynamodb::Embedded::in_memory()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn in_memory() -> Result<Self, Error> {
        let database = Database::memory().map_err(|err| failed("start the engine in memory", err))?;
        Ok(Self::new(database, None))
    }

    /// The engine whose tables are in the SQLite file at `path`, which is made if it isn't there.
    ///
    /// A relative path starts at the current directory. SQLite keeps two more files beside it, ending in `-wal`
    /// and `-shm`, while it is open. Open a file once and share clones of the handle: a second one opened on it
    /// sees the same items, but not that a table has been deleted or changed.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::Backend`], naming the path, if the path is empty or not UTF-8, if its directory doesn't
    /// exist, or if the file cannot be opened as a database of this engine.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn main() -> Result<(), orm::Error> {
    /// let embedded = orm_dynamodb::Embedded::open("app.db")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        // An absolute path is a file to SQLite; `:memory:` and `file:a.db?mode=ro` are not.
        let absolute = std::path::absolute(path).map_err(|err| not_opened(path, &err).with_source(err))?;
        let name = absolute.to_str().ok_or_else(|| not_opened(path, &"the path is not UTF-8"))?;
        let database = Database::new(name).map_err(|err| {
            let reason = err.to_string();
            // The engine takes any other file for one of its own that is encrypted, for which it was not built here.
            let is_another = reason.contains("encrypt");
            not_opened(path, if is_another { &"it is no database of this engine" } else { &reason }).with_source(err)
        })?;
        Ok(Self::new(database, Some(Arc::from(absolute))))
    }

    fn new(database: Database, path: Option<Arc<Path>>) -> Self {
        let http_client = SharedHttpClient::new(InProcessClient::new(database.clone()));
        Self { database, http_client, path }
    }

    /// An ordinary SDK client of this engine.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), orm::Error> {
    /// let client: aws_sdk_dynamodb::Client = orm_dynamodb::Embedded::in_memory()?.client();
    /// # Ok(())
    /// # }
    /// ```
    pub fn client(&self) -> Client {
        Client::from_conf(self.config().build())
    }

    /// The configuration of [`client`](Self::client), to be changed before a client is made of it: interceptors,
    /// another HTTP client, timeouts, retries.
    ///
    /// It has the SDK's standard retry mode (three attempts), which sleeps on Tokio's clock: a request that is
    /// retried needs a Tokio runtime with time enabled. Each call starts with a full budget of retries of its
    /// own, where the SDK by default has one budget for all clients of a region in the process. The endpoint
    /// is a host that cannot exist, so that a client that is given a network cannot reach the service.
    ///
    /// # Examples
    ///
    /// ```
    /// use aws_sdk_dynamodb::config::retry::RetryConfig;
    ///
    /// # fn main() -> Result<(), orm::Error> {
    /// let embedded = orm_dynamodb::Embedded::in_memory()?;
    /// let config = embedded.config().retry_config(RetryConfig::disabled());
    /// let client = aws_sdk_dynamodb::Client::from_conf(config.build());
    /// # Ok(())
    /// # }
    /// ```
    pub fn config(&self) -> Builder {
        Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .endpoint_url("http://dynamodb.invalid")
            .credentials_provider(Credentials::new("embedded", "embedded", None, None, "embedded"))
            // The default cache arms a timer, which would tie even the first request to a Tokio runtime.
            .identity_cache(IdentityCache::no_cache())
            .retry_config(RetryConfig::standard())
            .retry_partition(RetryPartition::custom("embedded").build())
            .sleep_impl(TokioSleep::new())
            // An answer is there as a whole or not at all.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(self.http_client.clone())
    }

    /// The HTTP client that answers instead of sending, for a client of one's own to wrap: to count requests, or
    /// to fail, delay or repeat them.
    ///
    /// # Examples
    ///
    /// ```
    /// use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
    /// use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector};
    ///
    /// #[derive(Debug)]
    /// struct Announcing(SharedHttpClient);
    ///
    /// impl HttpClient for Announcing {
    ///     fn http_connector(
    ///         &self,
    ///         settings: &HttpConnectorSettings,
    ///         components: &RuntimeComponents,
    ///     ) -> SharedHttpConnector {
    ///         println!("a request is about to be answered");
    ///         self.0.http_connector(settings, components)
    ///     }
    /// }
    ///
    /// # fn main() -> Result<(), orm::Error> {
    /// let embedded = orm_dynamodb::Embedded::in_memory()?;
    /// let config = embedded.config().http_client(Announcing(embedded.http_client()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn http_client(&self) -> SharedHttpClient {
        self.http_client.clone()
    }

    /// Deletes the items whose time to live has passed, in every table that has one enabled, and answers how many
    /// it deleted.
    ///
    /// It blocks the calling thread until it is done, but lets waiting requests in between its pages.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::Backend`] if SQLite fails.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), orm::Error> {
    /// let embedded = orm_dynamodb::Embedded::in_memory()?;
    /// assert_eq!(embedded.sweep_ttl()?, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn sweep_ttl(&self) -> Result<usize, Error> {
        self.database.sweep_ttl().map_err(|err| failed("delete expired items", err))
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").field("path", &self.path).finish_non_exhaustive()
    }
}

fn not_opened(path: &Path, reason: &dyn fmt::Display) -> Error {
    Error::new(ErrorCode::Backend, format!("could not open the database file {path:?}: {reason}"))
}

fn failed(what: &str, err: DynoxideError) -> Error {
    Error::new(ErrorCode::Backend, format!("could not {what}: {err}")).with_source(err)
}
