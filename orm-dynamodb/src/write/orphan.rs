//! Locks whose record does not hold their value, left by a writer that crashed between two steps, or by a record that was
//! deleted by TTL or by hand: how they are told from others, and how writes that they refused get past them.

use std::borrow::Cow;
use std::time::Duration;

use orm::Error;

use super::commit::{RefusedStep, at};
use super::mend::{Mending, Seen};
use super::step::{Role, Step};
use crate::clock::now;
use crate::item;
use crate::retry::Tries;
use crate::table::{Item, Table};
use crate::values::Values;

/// How long a writer without transactions may take from its first lock to its record. It gives up after half of
/// that, so that nobody takes over the lock of a writer that still goes on.
pub(super) const LEASE: Duration = Duration::from_secs(20);

/// Who a lock belongs to.
#[derive(Debug)]
enum Holder {
    /// A record that holds the value.
    Record,
    /// A writer that has not written its record yet.
    Writer,
    /// Nobody any more: the record that it names has this of the constraint, or there is no such record.
    Nobody(Option<Item>),
}

/// Who holds a lock of a constraint.
async fn holder(table: &Table<'_>, constraint: &'static [usize], key: &str, lock: &Item) -> Result<Holder, Error> {
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

/// What became of locks that others hold.
pub(super) enum Taken {
    /// All of them were orphans: they are freed by now, or the steps take them over.
    All,
    /// At least one is being written by another writer right now.
    Busy,
    /// These steps of this record, the first of its kind, were refused for good.
    No { record: usize, roles: Vec<Role> },
}

impl Taken {
    /// Waits before another try, if there may be one.
    pub(super) async fn may_go_on(&self, tries: &mut Tries) -> bool {
        match self {
            // An orphan is there to be taken, unless others take it first, again and again.
            Self::All => tries.second_look().await,
            Self::Busy => tries.again().await,
            Self::No { .. } => false,
        }
    }
}

/// Prepares the steps to get past what refused them: orphaned locks are freed or taken over, and a lock that is another
/// record's by now is not there to be freed.
pub(super) async fn take_over(
    table: &Table<'_>,
    records: &mut [Vec<Step<'_>>],
    refused: &[RefusedStep],
) -> Result<Taken, Error> {
    let several = records.len() > 1;
    let mut busy = false;
    let mut for_good: Vec<(usize, Role)> = Vec::new();
    let mut needless: Vec<(usize, usize)> = Vec::new();
    for RefusedStep { record, step: place, item } in refused {
        let Some(step) = records.get_mut(*record).and_then(|steps| steps.get_mut(*place)) else {
            continue;
        };
        let verdict = clear_the_way(table, step, item.as_ref()).await;
        match verdict.map_err(|error| at(error, several.then_some(*record)))? {
            Verdict::Refused => for_good.push((*record, step.role)),
            Verdict::Needless => needless.push((*record, *place)),
            Verdict::Busy => busy = true,
            Verdict::Again => {}
        }
    }
    if let Some((record, _)) = for_good.first().copied() {
        let roles = for_good.into_iter().filter(|(of, _)| *of == record).map(|(_, role)| role).collect();
        return Ok(Taken::No { record, roles });
    }
    for (record, place) in needless.into_iter().rev() {
        if let Some(steps) = records.get_mut(record).filter(|steps| place < steps.len()) {
            steps.remove(place);
        }
    }
    Ok(if busy { Taken::Busy } else { Taken::All })
}

/// What follows for a step whose condition did not hold.
enum Verdict {
    /// It is refused for good.
    Refused,
    /// There is nothing left for it to do.
    Needless,
    /// What it wants is being written by another writer right now.
    Busy,
    /// It is sent again: what was in its way was an orphan.
    Again,
}

/// Finds out what is in the way of a step, and gets it out of the way if it is an orphan.
async fn clear_the_way(table: &Table<'_>, step: &mut Step<'_>, item: Option<&Item>) -> Result<Verdict, Error> {
    let item = match item {
        // The engine did not say what is there, or it is gone by now: what is free can be taken.
        None if step.is_new() => match table.get(step.key()).await? {
            Some(found) => Some(Cow::Owned(found)),
            None => return Ok(Verdict::Busy),
        },
        item => item.map(Cow::Borrowed),
    };
    let (constraint, lock) = match (step.role, item.as_deref()) {
        (Role::TakeLock(constraint), Some(lock)) => (constraint, lock),
        (Role::FreeLock, _) => return Ok(Verdict::Needless),
        (Role::Record | Role::TakeLock(_), _) => return Ok(Verdict::Refused),
    };
    Ok(match holder(table, constraint, step.key(), lock).await? {
        Holder::Record => Verdict::Refused,
        Holder::Writer => Verdict::Busy,
        // Freed on the condition that the record still does not hold the value: it may have it back by now, under a lock
        // that looks the same.
        Holder::Nobody(record) if table.engine.has_transactions() => {
            let target = item::lock_target(lock).map(|target| (target, record.as_ref().map(Seen::Item)));
            Mending { constraint, lock: step.key(), found: Some(lock), target }.free(table).await?;
            Verdict::Again
        }
        Holder::Nobody(_) => {
            step.take_over(table, lock);
            Verdict::Again
        }
    })
}
