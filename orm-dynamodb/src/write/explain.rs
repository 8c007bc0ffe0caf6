//! What it takes to change or delete n records that were found, as formulas.

use orm::driver::{DeleteMany, UpdateMany};

use super::bulk::{deletes_one, reads_nothing_first};
use super::change;
use crate::config::Config;
use crate::limits::{MAX_ACTIONS, MAX_BATCH_WRITE};

/// What a write of many sends for n records.
pub(crate) struct Writes {
    pub(crate) requests: String,
    /// Whether it finds the records first.
    pub(crate) finds_first: bool,
}

/// What [`super::update_many`] sends.
pub(crate) fn explain_update_many(query: &UpdateMany) -> Writes {
    let requests = match change::moved(query.model, &query.changes).count() {
        // What has no range is added here.
        0 if change::needs_values(query.model, &query.changes, None) => "n GetItem + n UpdateItem".to_owned(),
        0 => "n UpdateItem".to_owned(),
        // Each moved value is a lock taken and one freed.
        moved => transactions(1 + 2 * moved),
    };
    Writes { requests, finds_first: !reads_nothing_first(query) }
}

/// What [`super::delete_many`] sends.
pub(crate) fn explain_delete_many(query: &DeleteMany, config: &Config) -> Writes {
    let requests = match config.locks(query.model) {
        0 if deletes_one(query) => return Writes { requests: "1 DeleteItem".to_owned(), finds_first: false },
        0 => format!("⌈n / {MAX_BATCH_WRITE}⌉ BatchWriteItem"),
        locks => transactions(1 + locks),
    };
    Writes { requests, finds_first: true }
}

/// Transactions of whole records.
fn transactions(actions: usize) -> String {
    format!("⌈n / {}⌉ TransactWriteItems", (MAX_ACTIONS / actions).max(1))
}
