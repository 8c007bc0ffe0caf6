//! What it takes to change or delete n records that were found, as formulas.

use orm::driver::{DeleteMany, UpdateMany};

use super::bulk::deletes_one;
use super::change;
use crate::config::Config;
use crate::limits::{MAX_ACTIONS, MAX_BATCH_WRITE};

/// What [`super::update_many`] sends for n records.
pub(crate) fn explain_update_many(query: &UpdateMany) -> String {
    match change::moved(query.model, &query.changes).count() {
        // What has no range is added here.
        0 if change::needs_values(query.model, &query.changes, None) => "n GetItem + n UpdateItem".to_owned(),
        0 => "n UpdateItem".to_owned(),
        // Each moved value is a lock taken and one freed.
        moved => transactions(1 + 2 * moved),
    }
}

/// What [`super::delete_many`] sends for n records, and whether it has to find them first.
pub(crate) fn explain_delete_many(query: &DeleteMany, config: &Config) -> (String, bool) {
    let writes = match config.locks(query.model) {
        0 if deletes_one(query) => return ("1 DeleteItem".to_owned(), false),
        0 => format!("⌈n / {MAX_BATCH_WRITE}⌉ BatchWriteItem"),
        locks => transactions(1 + locks),
    };
    (writes, true)
}

/// Transactions of whole records.
fn transactions(actions: usize) -> String {
    format!("⌈n / {}⌉ TransactWriteItems", (MAX_ACTIONS / actions).max(1))
}
