//! Writes: a record and its locks change together or not at all.

mod batch;
mod bulk;
mod change;
mod commit;
mod create;
mod delete;
mod filter;
mod mend;
mod move_locks;
mod orphan;
mod sequential;
mod step;
mod update;
mod upsert;
mod weight;

pub(crate) use bulk::{delete_many, deletes_one, reads_each, reads_nothing_first, update_many};
pub(crate) use change::{moved, needs_values};
pub(crate) use create::create;
pub(crate) use delete::delete;
pub(crate) use mend::{Mended, Mending, Seen};
pub(crate) use orphan::is_of_a_writer;
pub(crate) use update::update;
pub(crate) use upsert::upsert;

use orm::schema::ModelSchema;
use orm::{Error, UniqueKey, Value};

use crate::key::{lock_key, record_key};
use crate::read::lock_targets;
use crate::table::Table;

/// The record that a write is about.
#[derive(Clone, Debug, PartialEq)]
enum Target {
    /// By its own key.
    Record(String),
    /// By the lock of a unique value.
    Lock(String),
}

impl Target {
    fn of(model: &'static ModelSchema, key: &UniqueKey) -> Self {
        let fields: Vec<usize> = key.fields().collect();
        let value = |field: usize| key.value(field).unwrap_or(&Value::Null);
        if fields == model.id_constraint() {
            return Self::Record(record_key(value(model.id())));
        }
        // A key has no nulls, so it has a lock.
        Self::Lock(lock_key(model, &fields, value).unwrap_or_default())
    }

    /// The key of the record: known, or read from the lock.
    async fn resolve(&self, table: &Table<'_>) -> Result<Option<String>, Error> {
        match self {
            Self::Record(pk) => Ok(Some(pk.clone())),
            Self::Lock(lock) => Ok(lock_targets(table, vec![lock.clone()]).await?.pop()),
        }
    }
}

/// Each constraint that records of the model hold locks for.
pub(crate) fn constraints<'t>(table: &Table<'t>) -> impl Iterator<Item = &'static [usize]> + use<'t> {
    let id = table.config.id_locks.then(|| table.model.id_constraint());
    id.into_iter().chain(table.model.uniques().iter().map(|constraint| constraint.fields()))
}

/// Whether records of the model hold locks at all.
fn has_locks(table: &Table<'_>) -> bool {
    table.config.locks(table.model) > 0
}
