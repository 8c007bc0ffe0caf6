//! The DynamoDB driver of [`orm`]: models on `aws-sdk-dynamodb`, with unique constraints, and reads by keys
//! and indexes.
//!
//! Each model is one table with one partition key. A record is one item; each unique value of it is one lock item,
//! and both change in one transaction. See `docs/` in the repository for what is stored and what each query costs.
//!
//! An application's own client is a driver:
//!
//! ```no_run
//! use orm::prelude::*;
//! use orm_dynamodb as _;
//!
//! #[derive(Model)]
//! #[orm(table = "users")]
//! struct User {
//!     #[orm(id)]
//!     id: String,
//! }
//!
//! async fn start(client: aws_sdk_dynamodb::Client) -> Result<Orm, Error> {
//!     Orm::bootstrap(schema![User], client).await
//! }
//! ```
//!
//! [`DynamoDb::builder`] has the settings: names of tables, retries, timeouts, what an unplanned scan is.
//!
//! It runs on Tokio, whose timers it needs for pauses between retries and for timeouts.
//!
//! With the feature `embedded` the same SDK client is answered inside this process ([`Embedded`]), in memory or in a
//! file: no account, no server. With the feature `aws-config` an `aws_config::SdkConfig` is a driver as well.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod attribute;
pub mod audit;
mod check;
mod clock;
mod condition;
mod config;
mod driver;
#[cfg(feature = "embedded")]
mod embedded;
mod error;
mod explain;
mod expression;
mod idempotency;
mod in_doubt;
mod index_name;
mod interceptor;
mod item;
mod key;
mod limits;
mod map;
mod operation;
mod plan;
#[cfg(test)]
mod properties;
mod push_schema;
mod read;
mod request;
mod retry;
mod scan_policy;
mod size;
mod table;
mod tally;
mod values;
mod write;

pub use driver::{Aws, DynamoDb, DynamoDbBuilder};
#[cfg(feature = "embedded")]
pub use embedded::Embedded;
pub use retry::Retries;
pub use scan_policy::ScanPolicy;

/// The name of this driver in errors and in `orm.driver().kind()`.
const DRIVER_KIND: &str = "dynamodb";
