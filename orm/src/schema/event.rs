//! What happens while a schema is pushed.

use std::fmt;
use std::time::Duration;

/// What happens while tables and indexes are created: see [`Orm::push_schema_with`](crate::Orm::push_schema_with).
///
/// Its [`Display`](fmt::Display) is a line for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaEvent {
    /// A table is missing and is being created, with its indexes.
    CreatingTable {
        /// The table.
        table: String,
    },
    /// An index is missing and is being added to a table that has records.
    AddingIndex {
        /// The table.
        table: String,
        /// The index.
        index: String,
    },
    /// A table or an index of it still cannot be used.
    Waiting {
        /// The table.
        table: String,
        /// How long the wait has been so far.
        waited: Duration,
    },
    /// An index that no model declares. It is left alone.
    UnknownIndex {
        /// The table.
        table: String,
        /// The index.
        index: String,
    },
    /// Something that a model promises does not hold everywhere with this table.
    Caution {
        /// The table.
        table: String,
        /// What does not hold, and what to do about it.
        why: String,
    },
    /// A table has all that its model needs.
    Ready {
        /// The table.
        table: String,
    },
}

impl fmt::Display for SchemaEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreatingTable { table } => write!(f, "creating the table {table}"),
            Self::AddingIndex { table, index } => write!(f, "adding the index {index} to the table {table}"),
            Self::Waiting { table, waited } => {
                write!(f, "waiting for the table {table}, for {:.1} s now", waited.as_secs_f64())
            }
            Self::UnknownIndex { table, index } => {
                write!(f, "the table {table} has the index {index}, which no model declares: it is left alone")
            }
            Self::Caution { table, why } => write!(f, "the table {table} {why}"),
            Self::Ready { table } => write!(f, "the table {table} is ready"),
        }
    }
}
