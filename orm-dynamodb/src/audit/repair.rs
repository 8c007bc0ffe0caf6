//! What of the findings can be put right without asking.

use std::fmt;

use orm::Error;

use super::examine::{Read, constraint_of, look_at_lock, look_at_record};
use super::report::Finding;
use crate::item;
use crate::table::Table;
use crate::write::{Mended, Mending, Seen, is_of_a_writer};

/// How often a repair is begun anew when others write in between.
const ROUNDS: usize = 5;

/// What became of one finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    finding: Finding,
    outcome: Outcome,
}

/// What a repair came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It is as it should be now.
    Repaired,
    /// It is no longer so: others have written since the audit.
    Gone,
    /// It was left as it is, for this reason.
    Left(String),
}

impl Repair {
    /// What was found.
    pub fn finding(&self) -> &Finding {
        &self.finding
    }

    /// What became of it.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Outcome::Repaired => write!(f, "repaired: {}", self.finding),
            Outcome::Gone => write!(f, "no longer so: {}", self.finding),
            Outcome::Left(why) => write!(f, "left: {}: {why}", self.finding),
        }
    }
}

fn left(why: &str) -> Outcome {
    Outcome::Left(why.to_owned())
}

pub(super) async fn repair(table: &Table<'_>, finding: &Finding) -> Result<Repair, Error> {
    let outcome = match finding {
        Finding::RecordWithoutLock { record, lock, .. } => take(table, record, lock).await?,
        Finding::LockWithoutRecord { lock, .. } | Finding::LockOfAnotherValue { lock, .. } => free(table, lock).await?,
        Finding::SharedValue { .. } => {
            left("only its owner knows which of the records is to keep the value: change or delete the others")
        }
        Finding::MisplacedRecord { .. } => {
            left("a record with this id may exist as well: compare them, then store one and delete the other")
        }
        Finding::Undecodable { .. } => left("what it should be is not known here: correct or delete it by hand"),
    };
    Ok(Repair { finding: finding.clone(), outcome })
}

async fn take(table: &Table<'_>, record: &str, lock: &str) -> Result<Outcome, Error> {
    let Some(constraint) = constraint_of(table, lock) else { return Ok(Outcome::Gone) };
    for _ in 0..ROUNDS {
        let Some(seen) = look_at_record(table, record, constraint).await? else { return Ok(Outcome::Gone) };
        let lock = match &seen.finding {
            Finding::RecordWithoutLock { lock: now, .. } if now == lock => now,
            Finding::SharedValue { .. } => return Ok(left("another record has the value too by now: audit again")),
            _ => return Ok(Outcome::Gone),
        };
        if seen.lock.as_ref().is_some_and(is_of_a_writer) {
            return Ok(left("a writer is about to take the value for another record: audit again in 20 seconds"));
        }
        let values = match &seen.target {
            Read::Record(values) => Some(Seen::Values(values)),
            Read::Nothing => None,
            Read::Unreadable => return Ok(left("the record that has the lock cannot be read: correct it first")),
        };
        let target = seen.lock.as_ref().and_then(item::lock_target).map(|target| (target, values));
        let mending = Mending { constraint, lock, found: seen.lock.as_ref(), target };
        if mending.take(table, record, &seen.values).await? == Mended::Done {
            return Ok(Outcome::Repaired);
        }
    }
    Ok(left("it keeps changing: audit again"))
}

async fn free(table: &Table<'_>, lock: &str) -> Result<Outcome, Error> {
    let Some(constraint) = constraint_of(table, lock) else { return Ok(Outcome::Gone) };
    for _ in 0..ROUNDS {
        let Some(seen) = look_at_lock(table, lock, constraint).await? else { return Ok(Outcome::Gone) };
        if is_of_a_writer(&seen.lock) {
            return Ok(left("a writer may still be at work on it: audit again in 20 seconds"));
        }
        let target = item::lock_target(&seen.lock).map(|target| (target, seen.target.as_ref().map(Seen::Values)));
        let mending = Mending { constraint, lock, found: Some(&seen.lock), target };
        if mending.free(table).await? == Mended::Done {
            return Ok(Outcome::Repaired);
        }
    }
    Ok(left("it keeps changing: audit again"))
}
