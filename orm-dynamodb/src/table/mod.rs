//! The table of one model on one client, and what has been learned of its engine. `read` and `write` have the requests
//! about items, each operation of the SDK once; every failure is classified there.

mod read;
mod write;

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use orm::schema::ModelSchema;
use orm::{Error, ErrorCode};

pub(crate) use self::read::{ItemPage, Reading};
pub(crate) use self::write::{Batched, ItemDelete, ItemPut, ItemUpdate, Refused, Transacted, goes_away, written_key};
use crate::config::Config;
use crate::error::about;
use crate::idempotency::Counts;
use crate::key::PARTITION_KEY;
use crate::operation::Operation;
use crate::retry::Tries;

/// One item, by attribute.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The table of one model, on one client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table<'a> {
    pub(crate) client: &'a Client,
    pub(crate) config: &'a Config,
    pub(crate) model: &'static ModelSchema,
    pub(crate) name: &'a str,
    pub(crate) engine: &'a EngineFacts,
    pub(crate) counts: &'a Counts,
    pub(crate) operation: &'a Operation,
}

/// What has been learned of the engine behind a client.
#[derive(Debug, Default)]
pub(crate) struct EngineFacts {
    no_transactions: AtomicBool,
    compares_documents: OnceLock<bool>,
    answers_refused_items: AtomicBool,
}

impl EngineFacts {
    /// What is assumed of an engine at first, with transactions or without.
    pub(crate) fn assumed(has_transactions: bool) -> Self {
        let facts = Self::default();
        if !has_transactions {
            facts.note_no_transactions();
        }
        facts
    }

    /// Whether it has TransactWriteItems: assumed, until it says that it does not know the operation.
    pub(crate) fn has_transactions(&self) -> bool {
        !self.no_transactions.load(Ordering::Relaxed)
    }

    /// It does not know the operation. Most such engines do not compare documents either.
    pub(crate) fn note_no_transactions(&self) {
        self.no_transactions.store(true, Ordering::Relaxed);
        self.note_no_document_conditions();
    }

    /// Whether a condition can compare documents: assumed, until one does not hold for what is there.
    pub(crate) fn compares_documents(&self) -> bool {
        self.compares_documents.get().copied().unwrap_or(true)
    }

    /// One did not hold for what is there: unless others did before, it is the engine. (A record may have been changed in
    /// between, and changed back.)
    pub(crate) fn note_no_document_conditions(&self) {
        let _ = self.compares_documents.set(false);
    }

    /// One held.
    pub(crate) fn note_document_conditions(&self) {
        let _ = self.compares_documents.set(true);
    }
}

/// The key of an item.
pub(crate) fn key(value: impl Into<String>) -> Item {
    HashMap::from([(PARTITION_KEY.to_owned(), AttributeValue::S(value.into()))])
}

impl Table<'_> {
    /// The tries of one operation, as often as the driver's settings say.
    pub(crate) fn tries(&self) -> Tries {
        Tries::new(self.config.retries).counted(self.operation.context.meter())
    }

    pub(crate) fn unbuildable(&self, error: aws_sdk_dynamodb::error::BuildError) -> Error {
        let message =
            format!("a request about table `{}` could not be built: this is a fault of the driver", self.name);
        about(self.model, ErrorCode::Backend, message).with_source(error)
    }

    pub(crate) fn throttled(&self) -> Error {
        about(
            self.model,
            ErrorCode::Throttled,
            format!("DynamoDB kept leaving requests on table `{}` unprocessed: try again later", self.name),
        )
    }

    /// The same records were changed by others for as long as it was retried.
    pub(crate) fn conflict(&self) -> Error {
        let name = self.model.name();
        let message = format!("other writers kept changing the same `{name}` while it was written: try again");
        about(self.model, ErrorCode::TransactionConflict, message)
    }
}
