//! Locks whose record does not hold their value: left by a writer that crashed between two steps, by a record that
//! was deleted by TTL or by hand.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use orm::Error;

use crate::item;
use crate::table::{Item, Table};
use crate::values::Values;

/// How long a writer without transactions may take from its first lock to its record. It gives up after half of
/// that, so that nobody takes over the lock of a writer that still goes on.
pub(super) const LEASE: Duration = Duration::from_secs(20);

/// Who a lock belongs to.
#[derive(Debug)]
pub(super) enum Holder {
    /// A record that holds the value.
    Record,
    /// A writer that has not written its record yet.
    Writer,
    /// Nobody any more: the record that it names has this of the constraint, or there is no such record.
    Nobody(Option<Item>),
}

/// Who holds a lock of a constraint.
pub(super) async fn holder(
    table: &Table<'_>,
    constraint: &'static [usize],
    key: &str,
    lock: &Item,
) -> Result<Holder, Error> {
    let Some(target) = item::lock_target(lock) else {
        // Not a lock of ours: better a duplicate reported than a stranger's item overwritten.
        return Ok(Holder::Record);
    };
    let record = table.get_fields(target, constraint).await?;
    let values = record.clone().map(|record| Values::of_fields(table.model, constraint, record)).transpose()?;
    if values.is_some_and(|values| values.hold(constraint, key)) {
        return Ok(Holder::Record);
    }
    Ok(if is_of_a_writer(lock) { Holder::Writer } else { Holder::Nobody(record) })
}

/// Whether a lock whose record does not hold its value may be that of a writer without transactions, which has not come
/// to its record yet.
pub(crate) fn is_of_a_writer(lock: &Item) -> bool {
    // A stamp from a future that no clock can be that far ahead in would be waited for until then.
    item::lock_taken_at(lock).is_some_and(|taken| now().abs_diff(taken) < LEASE.as_millis())
}

/// Milliseconds since 1970.
pub(crate) fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis())
}
