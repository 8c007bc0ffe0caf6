//! The writes of a record on an engine without TransactWriteItems: locks are taken in order, then the record is
//! written, then old locks are freed. What fails before the record is written is undone in reverse.
//!
//! A crash between two steps leaves at most a lock whose record does not hold its value, which the next writer that
//! meets it takes over.

use orm::Error;
use tokio::time::Instant;

use super::commit::{Committed, RefusedStep, in_doubt_if};
use super::orphan::{LEASE, Taken, take_over};
use super::step::{Fate, Role, Step};
use crate::clock::now;
use crate::in_doubt::Doubt;
use crate::item;
use crate::retry::Tries;
use crate::table::{Refused, Table, goes_away};

/// One record after the other.
pub(super) async fn commit(table: &Table<'_>, records: Vec<Vec<Step<'_>>>) -> Result<Committed, Error> {
    let of = records.len();
    for (record, steps) in records.into_iter().enumerate() {
        let refused = one(table, steps).await.map_err(|error| {
            let before = error.written().unwrap_or(0);
            if of == 1 { error } else { error.with_progress(Some(record), before + record as u64) }
        })?;
        if let Some((roles, has_lost_an_answer)) = refused {
            return Ok(Committed::Refused { record, roles, found: None, written: record, has_lost_an_answer });
        }
    }
    Ok(Committed::Done)
}

/// The writes of one record; if they were refused, the roles of the steps that were, and whether what was sent may still
/// arrive.
async fn one(table: &Table<'_>, mut steps: Vec<Step<'_>>) -> Result<Option<(Vec<Role>, bool)>, Error> {
    let (mut tries, mut has_lost_an_answer) = (table.tries(), false);
    loop {
        let tried = try_once(table, &mut steps).await.map_err(in_doubt_if(has_lost_an_answer))?;
        let Some(RefusedTry { refused, in_doubt }) = tried else {
            return Ok(None);
        };
        has_lost_an_answer |= in_doubt;
        // When the record that holds the lock is the one to be created, its id is taken too. When it is the one to be
        // changed, another writer has changed it in the meantime.
        let same_id = steps.iter().any(|step| step.writes_target_of(refused.item.as_ref()));
        let taken = take_over(table, std::slice::from_mut(&mut steps), &[refused]).await;
        match taken.map_err(in_doubt_if(has_lost_an_answer))? {
            Taken::No { roles, .. } => {
                let with_record = same_id || is_taken(table, &steps).await.map_err(in_doubt_if(has_lost_an_answer))?;
                let roles = with_record.then_some(Role::Record).into_iter().chain(roles).collect();
                return Ok(Some((roles, has_lost_an_answer)));
            }
            taken if taken.may_go_on(&mut tries).await => {}
            _ => return Err(in_doubt_if(has_lost_an_answer)(table.conflict())),
        }
    }
}

/// A try that was refused.
struct RefusedTry {
    refused: RefusedStep,
    /// Whether the record was sent before without an answer: it is not applied yet.
    in_doubt: bool,
}

/// Whether there is a record with the id of the one that is to be created. Its locks are tried before.
async fn is_taken(table: &Table<'_>, steps: &[Step<'_>]) -> Result<bool, Error> {
    let Some(step) = steps.iter().find(|step| step.role == Role::Record && step.is_new()) else {
        return Ok(false);
    };
    Ok(table.get(step.key()).await?.is_some())
}

/// One try: nothing of it remains when a step is refused or fails, unless an answer was lost.
async fn try_once(table: &Table<'_>, steps: &mut [Step<'_>]) -> Result<Option<RefusedTry>, Error> {
    let mut needless: Vec<usize> = Vec::new();
    let outcome = take_and_write(table, steps, &mut needless).await;
    release(table, steps, &needless).await;
    if let Some(refused) = outcome? {
        return Ok(Some(refused));
    }
    for place in places(steps, |role| role == Role::FreeLock) {
        let Some(step) = steps.get(place) else { continue };
        if let Err(error) = step.send(table).await {
            // The record is written; what remains is an orphan, which the next writer takes over.
            tracing::warn!(model = table.model.name(), %error, "a lock could not be freed");
        }
    }
    Ok(None)
}

/// Takes the locks, then writes the record. In the end `taken` are the locks that it does not need.
async fn take_and_write(
    table: &Table<'_>,
    steps: &mut [Step<'_>],
    taken: &mut Vec<usize>,
) -> Result<Option<RefusedTry>, Error> {
    let leased = Instant::now();
    if let Some(refused) = take_locks(table, steps, taken).await? {
        return Ok(Some(RefusedTry { refused, in_doubt: false }));
    }
    see_locks_to_free(table, steps).await?;
    let Some(place) = steps.iter().position(|step| step.role == Role::Record) else {
        return Ok(None);
    };
    match write_record(table, steps, place, taken, leased).await {
        Ok(Ok(())) => {
            taken.clear();
            Ok(None)
        }
        Ok(Err(refused)) => {
            // Unless the record holds a value by now: then its lock is needed, whoever wrote it.
            let is_needed =
                |place: usize| steps.get(place).is_some_and(|step| step.is_held_by(table, refused.item.as_ref()));
            taken.retain(|place| !is_needed(*place));
            let Refused { item, in_doubt } = refused;
            Ok(Some(RefusedTry { refused: RefusedStep { record: 0, step: place, item }, in_doubt }))
        }
        Err(error) => {
            // When it is unknown whether the record was written, its locks stay: without them it would be a record
            // without protection, with them at worst they are orphans.
            if error.is_outcome_unknown() {
                taken.clear();
            }
            Err(error)
        }
    }
}

/// Takes the locks in order, until one is refused.
async fn take_locks(
    table: &Table<'_>,
    steps: &mut [Step<'_>],
    taken: &mut Vec<usize>,
) -> Result<Option<RefusedStep>, Error> {
    for place in places(steps, |role| matches!(role, Role::TakeLock(_))) {
        let Some(step) = steps.get_mut(place) else { continue };
        step.stamp(table);
        let failed = match step.send(table).await {
            Ok(Ok(())) => None,
            // The answer to an earlier try of this request was lost: the lock is our own.
            Ok(Err(refused)) if refused.item.as_ref().is_some_and(|lock| step.is_same_lock(lock)) => {
                if refused.in_doubt {
                    table.operation.sent.settle_one();
                }
                None
            }
            Ok(Err(refused)) => return Ok(Some(RefusedStep { record: 0, step: place, item: refused.item })),
            Err(error) => Some(error),
        };
        // After an error it may have been taken all the same.
        if !taken.contains(&place) {
            taken.push(place);
        }
        failed.map_or(Ok(()), Err)?;
    }
    Ok(None)
}

/// The attempts to write a record.
struct RecordWrite<'w> {
    table: &'w Table<'w>,
    tries: Tries,
    doubt: Doubt<'w>,
    /// The error of the last attempt without an answer.
    lost: Option<Error>,
}

/// What one of them came to.
enum Attempt {
    Done,
    Refused(Refused),
    /// It was refused or did not arrive, but one before may have been applied: the record tells.
    Look(Option<Refused>),
    /// It did not arrive, as none before.
    Again,
}

impl RecordWrite<'_> {
    async fn attempt(&mut self, step: &Step<'_>) -> Result<Attempt, Error> {
        Ok(match step.send(self.table).await {
            Ok(Ok(())) => Attempt::Done,
            Ok(Err(refused)) if self.lost.is_none() => Attempt::Refused(refused),
            Ok(Err(refused)) => Attempt::Look(Some(refused)),
            Err(error) if !goes_away(&error) || !self.tries.again().await => {
                return Err(self.lost.take().unwrap_or(error));
            }
            Err(error) if error.is_outcome_unknown() => {
                self.doubt.open();
                self.lost = Some(error);
                Attempt::Look(None)
            }
            Err(_) if self.lost.is_none() => Attempt::Again,
            Err(_) => Attempt::Look(None),
        })
    }

    fn give_up(&mut self) -> Error {
        self.lost.take().unwrap_or_else(|| self.table.conflict())
    }
}

/// Writes the record, for as long as the locks are sure to be its own.
///
/// The SDK may not send this again by itself. While an answer is lost, others may undo what was applied, and free or take
/// its locks; so the record is looked at before, and the locks are taken once more: with other stamps, which nobody can
/// free who saw the first ones.
async fn write_record(
    table: &Table<'_>,
    steps: &mut [Step<'_>],
    place: usize,
    taken: &mut Vec<usize>,
    mut leased: Instant,
) -> Result<Result<(), Refused>, Error> {
    let started = now();
    let doubt = Doubt::new(&table.operation.sent);
    let mut write = RecordWrite { table, tries: table.tries(), doubt, lost: None };
    if let Some(step) = steps.get_mut(place) {
        step.stamp(table);
    }
    loop {
        let Some(step) = steps.get_mut(place).filter(|_| leased.elapsed() <= LEASE / 2) else {
            return Err(write.give_up());
        };
        let refused = match write.attempt(step).await? {
            Attempt::Done => {
                write.doubt.settle();
                return Ok(Ok(()));
            }
            Attempt::Refused(refused) => return Ok(Err(refused)),
            Attempt::Again => continue,
            Attempt::Look(refused) => refused,
        };
        let Ok(found) = table.get(step.key()).await else {
            return Err(write.give_up());
        };
        match step.fate(found.as_ref(), started) {
            Fate::Unknown => return Err(write.give_up()),
            Fate::Applied => {
                write.doubt.settle();
                return Ok(Ok(()));
            }
            Fate::NotApplied => {}
        }
        if let Some(refused) = refused {
            write.doubt.settle();
            if step.is_new() {
                // The first attempt may still find that there is no such record.
                taken.clear();
            }
            return Ok(Err(Refused { in_doubt: true, ..refused }));
        }
        if let Some(found) = &found {
            step.delete_only(found);
        }
        leased = Instant::now();
        steps.iter_mut().for_each(|step| step.take_again(table));
        if !matches!(take_locks(table, steps, taken).await, Ok(None)) {
            return Err(write.give_up());
        }
    }
}

/// Makes sure that the locks which are freed are those that the record has now. Once it has given a value up, it can
/// take it again, and the lock of that time must not be freed by a request that is late or sent again.
async fn see_locks_to_free(table: &Table<'_>, steps: &mut [Step<'_>]) -> Result<(), Error> {
    let record = steps.iter().find(|step| step.role == Role::Record).map(|step| step.key().to_owned());
    for step in steps.iter_mut().filter(|step| step.role == Role::FreeLock) {
        let lock = table.get(step.key()).await?;
        step.free_only(table, lock.as_ref().filter(|lock| item::lock_target(lock) == record.as_deref()));
    }
    Ok(())
}

fn places(steps: &[Step<'_>], wanted: impl Fn(Role) -> bool) -> Vec<usize> {
    steps.iter().enumerate().filter(|(_, step)| wanted(step.role)).map(|(place, _)| place).collect()
}

/// Frees locks that were taken, in reverse.
async fn release(table: &Table<'_>, steps: &[Step<'_>], taken: &[usize]) {
    for step in taken.iter().rev().filter_map(|place| steps.get(*place)) {
        if let Err(error) = step.undo(table).await {
            tracing::warn!(model = table.model.name(), %error, "a lock could not be released");
        }
    }
}
