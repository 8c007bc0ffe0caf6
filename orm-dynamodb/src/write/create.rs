//! New records.

use std::collections::HashSet;

use futures_util::stream::{self, StreamExt};
use orm::driver::Create;
use orm::schema::ModelSchema;
use orm::{Error, Record};

use super::batch::Batches;
use super::commit::{Committed, commit};
use super::step::{Role, Step};
use super::weight::{Weight, groups};
use super::{constraints, has_locks};
use crate::DRIVER_KIND;
use crate::error::{outcome_unknown, unique_violation};
use crate::expression::Expressions;
use crate::idempotency::Token;
use crate::item;
use crate::key::{lock_key, record_key};
use crate::operation::WRITES_AT_ONCE;
use crate::table::{Item, ItemPut, Table};
use crate::tally::Tally;

/// A new record that can be stored, with the keys of its items.
pub(super) struct NewRecord<'r> {
    pk: String,
    record: &'r Record,
    bytes: usize,
    locks: Vec<(&'static [usize], String)>,
}

impl<'r> NewRecord<'r> {
    fn new(table: &Table<'_>, record: &'r Record) -> Result<Self, Error> {
        check(table.model, record)?;
        let pk = record_key(record.value(table.model.id()));
        let bytes = item::record_size(table.model, &pk, record)?;
        let locks = constraints(table)
            .filter_map(|fields| Some((fields, lock_key(table.model, fields, |field| record.value(field))?)))
            .collect();
        Ok(Self { pk, record, bytes, locks })
    }

    pub(super) fn weight(&self, table: &Table<'_>) -> Weight {
        let locks = self.locks.iter().map(|(_, lock)| Weight::of_lock(lock, &self.pk));
        Weight::of_record(table.model, self.record.values(), self.bytes) + locks.sum()
    }

    pub(super) fn key(&self) -> &str {
        &self.pk
    }

    pub(super) fn item(&self, table: &Table<'_>, token: Option<&Token>) -> Item {
        item::of_record(table.model, &self.pk, self.record, token)
    }

    /// The record first, so that a taken id is reported before a taken unique value.
    fn steps(&self, table: &Table<'_>) -> Vec<Step<'r>> {
        let mut steps = Vec::with_capacity(1 + self.locks.len());
        // Without locks its id was chosen: the token tells it from one that was deleted before. With locks it is what the
        // TypeScript package stores.
        let token = self.locks.is_empty().then(|| Token::of(table, &self.pk));
        steps.push(Step::create_record(table, self.pk.clone(), self.record, token));
        steps.extend(self.locks.iter().map(|(fields, lock)| Step::take_lock(table, fields, lock.clone(), &self.pk)));
        steps
    }
}

/// Refuses values that DynamoDB cannot hold, before anything is sent.
pub(super) fn check(model: &'static ModelSchema, record: &Record) -> Result<(), Error> {
    model.check_portable_record(record).map_err(|error| error.with_backend(DRIVER_KIND))
}

pub(crate) async fn create(table: &Table<'_>, query: &Create) -> Result<(), Error> {
    match query.records.as_slice() {
        [one] => create_one(table, one, query.fresh_ids).await,
        many => create_many(table, many, query.fresh_ids).await,
    }
}

async fn create_one(table: &Table<'_>, record: &Record, fresh_id: bool) -> Result<(), Error> {
    try_create(table, record, fresh_id).await?.map_err(|taken| violation(table, &taken))
}

/// Stores one record, or answers what of it is taken.
pub(super) async fn try_create(
    table: &Table<'_>,
    record: &Record,
    fresh_id: bool,
) -> Result<Result<(), Vec<Role>>, Error> {
    let new = NewRecord::new(table, record)?;
    if new.locks.is_empty() {
        return put_new(table, &new, fresh_id).await;
    }
    Ok(match commit(table, vec![new.steps(table)]).await? {
        Committed::Done => Ok(()),
        Committed::Refused { roles, .. } => Err(roles),
    })
}

/// Stores a record without locks: one PutItem.
async fn put_new(table: &Table<'_>, new: &NewRecord<'_>, fresh_id: bool) -> Result<Result<(), Vec<Role>>, Error> {
    let mut expressions = Expressions::new(table.model);
    let condition = expressions.absent();
    let token = (!fresh_id).then(|| Token::of(table, &new.pk));
    let item = || Some(new.item(table, token.as_ref()));
    let mut tries = table.tries();
    loop {
        let put = ItemPut {
            pk: &new.pk,
            expressions: &expressions,
            condition,
            token: token.as_ref(),
            without_sdk_retries: false,
        };
        match table.put(put, item).await? {
            Ok(()) => return Ok(Ok(())),
            // Nobody else has an id that was generated here: it is our own record, and its answer was lost.
            Err(_) if fresh_id => return Ok(Ok(())),
            Err(refused) if refused.in_doubt => return Err(outcome_unknown(table.model, "a create")),
            Err(refused) if refused.item.is_some() => return Ok(Err(vec![Role::Record])),
            // What was there is gone by now.
            Err(_) if tries.race_again().await => {}
            Err(_) => return Err(table.conflict()),
        }
    }
}

/// The error for what is taken of a new record.
pub(super) fn violation(table: &Table<'_>, refused: &[Role]) -> Error {
    match refused.first() {
        Some(Role::TakeLock(fields)) => unique_violation(table.model, fields),
        _ => unique_violation(table.model, table.model.id_constraint()),
    }
}

async fn create_many(table: &Table<'_>, records: &[Record], fresh_ids: bool) -> Result<(), Error> {
    let mut new = Vec::with_capacity(records.len());
    for (index, record) in records.iter().enumerate() {
        new.push(NewRecord::new(table, record).map_err(|error| error.with_progress(Some(index), 0))?);
    }
    check_distinct(table, &new)?;
    if fresh_ids && !has_locks(table) {
        // Nothing to collide with.
        return Batches::New(&new).write(table).await;
    }
    let tally = Tally::default();
    let groups = groups(new.iter().map(|record| record.weight(table)), Weight::TRANSACTION);
    let outcomes = stream::iter(groups).take_while(|_| tally.goes_on()).map(|group| {
        let records = new.get(group.clone()).unwrap_or_default();
        create_group(table, group.start, records)
    });
    tally.total(outcomes.buffered(WRITES_AT_ONCE)).await.map(|_| ())
}

/// Stores the records of one group, of which this is the `first` among all; how many, whatever the outcome. The error says
/// which input failed.
async fn create_group(table: &Table<'_>, first: usize, records: &[NewRecord<'_>]) -> (u64, Result<(), Error>) {
    let size = records.len() as u64;
    let records = records.iter().map(|record| record.steps(table)).collect();
    match commit(table, records).await {
        Ok(Committed::Done) => (size, Ok(())),
        Ok(Committed::Refused { record, roles, written, .. }) => {
            let written = written as u64;
            (written, Err(violation(table, &roles).with_progress(Some(first + record), written)))
        }
        Err(error) => {
            let (failed, written) = (error.index().unwrap_or(0), error.written().unwrap_or(0));
            (written, Err(error.with_progress(Some(first + failed), written)))
        }
    }
}

/// Two new records that cannot both be stored are found before anything is sent.
fn check_distinct(table: &Table<'_>, records: &[NewRecord<'_>]) -> Result<(), Error> {
    let mut seen: HashSet<&str> = HashSet::with_capacity(records.len());
    for (index, record) in records.iter().enumerate() {
        let keys = std::iter::once((table.model.id_constraint(), &record.pk))
            .chain(record.locks.iter().map(|(fields, lock)| (*fields, lock)));
        for (fields, key) in keys {
            if !seen.insert(key) {
                return Err(unique_violation(table.model, fields).with_progress(Some(index), 0));
            }
        }
    }
    Ok(())
}
