//! What happens when a query can only be answered by reading the whole table.

use orm::driver::Context;
use orm::{Error, ErrorCode, Order};

use crate::config::Config;
use crate::error::about;
use crate::plan::{Advice, Plan, advice};
use crate::table::Table;

/// What happens on an unplanned scan: one for a filter that names no key and no index, for an order that no index gives, or
/// for a relation without an index. A query without filter and order asks for the whole table, and gets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScanPolicy {
    /// A `tracing` warning that names the attribute which would avoid it.
    #[default]
    Warn,
    /// Nothing special.
    Allow,
    /// An `InvalidQuery` error that names the attribute which would avoid it; an `InvalidValue` error with the name of the
    /// field where it is a value that no index can hold (an empty text, or one of more than 2,048 bytes) that takes a scan.
    Deny,
}

impl ScanPolicy {
    /// The policy for one query, which may have permission.
    pub(crate) fn of(context: &Context, config: &Config) -> Self {
        if context.allows_scan() { Self::Allow } else { config.scan_policy }
    }
}

/// What permits a scan that the policy refuses.
pub(crate) const PERMISSION: &str = "`.allow_scan()` on the query permits it";

/// Applies the policy to the plan of a query.
pub(crate) fn check(table: &Table<'_>, plan: &Plan, order: &[Order]) -> Result<(), Error> {
    if let Some(advice) = enforce(table, plan, order)? {
        tracing::warn!(model = table.model.name(), table = table.name, "{advice}");
    }
    Ok(())
}

/// The same for a part of the records that is not the first: it has been warned of.
pub(crate) fn check_again(table: &Table<'_>, plan: &Plan, order: &[Order]) -> Result<(), Error> {
    enforce(table, plan, order).map(|_| ())
}

/// Refuses an unplanned scan, or says what there is to be warned of.
fn enforce(table: &Table<'_>, plan: &Plan, order: &[Order]) -> Result<Option<String>, Error> {
    let policy = ScanPolicy::of(&table.operation.context, table.config);
    if policy == ScanPolicy::Allow {
        return Ok(None);
    }
    let Some(Advice { text, asked_too_much }) = advice(table.model, plan, order) else { return Ok(None) };
    if policy != ScanPolicy::Deny {
        return Ok(Some(text));
    }
    let code = if asked_too_much.is_some() { ErrorCode::InvalidValue } else { ErrorCode::InvalidQuery };
    let names = asked_too_much.map(|field| table.model.field(field).name()).into_iter().collect();
    Err(about(table.model, code, format!("{text}; {PERMISSION}")).with_fields(names))
}
