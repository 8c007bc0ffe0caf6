//! New records.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use futures_util::stream::{self, StreamExt};
use orm::driver::Create;
use orm::{Error, Record};

use super::commit::{MAX_ACTIONS, MAX_BYTES, Outcome, commit};
use super::step::{Role, Step};
use super::{Token, constraints, has_locks};
use crate::DRIVER_KIND;
use crate::error::{outcome_unknown, unique_violation};
use crate::expression::Expressions;
use crate::item;
use crate::key::{lock_key, record_key};
use crate::progress::Progress;
use crate::read::CONCURRENCY;
use crate::store::{Item, Table};

/// A new record, ready to be sent.
struct NewRecord {
    pk: String,
    item: Item,
    bytes: usize,
    locks: Vec<(&'static [usize], String)>,
}

impl NewRecord {
    fn new(table: &Table<'_>, record: &Record) -> Result<Self, Error> {
        for (field, value) in record.values().iter().enumerate() {
            table.model.check_portable_value(field, value).map_err(|error| error.with_backend(DRIVER_KIND))?;
        }
        let pk = record_key(record.value(table.model.id()));
        let (item, bytes) = item::of_record(table.model, &pk, record)?;
        let locks = constraints(table)
            .filter_map(|fields| Some((fields, lock_key(table.model, fields, |field| record.value(field))?)))
            .collect();
        Ok(Self { pk, item, bytes, locks })
    }

    fn actions(&self) -> usize {
        1 + self.locks.len()
    }

    /// The record first, so that a taken id is reported before a taken unique value.
    fn into_steps(self, table: &Table<'_>) -> Vec<Step> {
        let locks = self.locks.iter().map(|(fields, lock)| Step::take_lock(table, fields, lock, &self.pk));
        let locks: Vec<Step> = locks.collect();
        std::iter::once(Step::put_record(table, self.item)).chain(locks).collect()
    }
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
        let mut expressions = Expressions::new(table.model);
        let condition = expressions.absent();
        let mut item = new.item;
        if !fresh_id {
            Token::new().put_into(&mut item);
        }
        let stored = table.put(item, &expressions, &condition).await?;
        return match stored {
            Ok(()) => Ok(Ok(())),
            // Nobody else has an id that was made up here: it is our own record, and its answer was lost.
            Err(_) if fresh_id => Ok(Ok(())),
            Err(refused) if refused.in_doubt => Err(outcome_unknown(table.model, "a create")),
            Err(_) => Ok(Err(vec![Role::Record])),
        };
    }
    Ok(match commit(table, vec![new.into_steps(table)]).await? {
        Outcome::Done => Ok(()),
        Outcome::Refused { roles, .. } => Err(roles),
    })
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
        // Nothing to collide with: half the write units of a transaction.
        let puts: Result<Vec<WriteRequest>, Error> = new
            .into_iter()
            .map(|record| {
                let put = PutRequest::builder().set_item(Some(record.item)).build();
                Ok(WriteRequest::builder().put_request(put.map_err(|error| table.unbuildable(error))?).build())
            })
            .collect();
        return table.batch_write(puts?).await;
    }
    let progress = Progress::default();
    let outcomes = stream::iter(groups(new)).take_while(|_| progress.goes_on()).map(|group| create_group(table, group));
    progress.total(outcomes.buffered(CONCURRENCY)).await.map(|_| ())
}

/// Stores the records of one group; how many, whatever the outcome. The error says which input failed.
async fn create_group(table: &Table<'_>, group: Group) -> (u64, Result<(), Error>) {
    let Group { first, records } = group;
    let size = records.len() as u64;
    let records = records.into_iter().map(|record| record.into_steps(table)).collect();
    match commit(table, records).await {
        Ok(Outcome::Done) => (size, Ok(())),
        Ok(Outcome::Refused { record, roles, written }) => {
            let written = written as u64;
            (written, Err(violation(table, &roles).with_progress(Some(first + record), written)))
        }
        Err(error) => (error.written().unwrap_or(0), Err(error)),
    }
}

/// Two new records that cannot both be stored are found before anything is sent.
fn check_distinct(table: &Table<'_>, records: &[NewRecord]) -> Result<(), Error> {
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

/// Whole records that fit into one transaction, and the place of the first of them among all.
struct Group {
    first: usize,
    records: Vec<NewRecord>,
}

fn groups(records: Vec<NewRecord>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let (mut actions, mut bytes) = (usize::MAX, 0);
    for (place, record) in records.into_iter().enumerate() {
        if actions.saturating_add(record.actions()) > MAX_ACTIONS || bytes + record.bytes > MAX_BYTES {
            groups.push(Group { first: place, records: Vec::new() });
            (actions, bytes) = (0, 0);
        }
        actions += record.actions();
        bytes += record.bytes;
        if let Some(group) = groups.last_mut() {
            group.records.push(record);
        }
    }
    groups
}
