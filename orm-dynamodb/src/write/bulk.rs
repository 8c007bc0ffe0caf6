//! Changes to, and deletes of, many records.

use std::collections::HashSet;
use std::future::ready;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};
use futures_util::stream::{self, StreamExt};
use orm::driver::{DeleteMany, Find, UpdateMany};
use orm::{Condition, Error, Row, Value};

use super::commit::{MAX_ACTIONS, MAX_BYTES, Outcome, commit};
use super::step::Step;
use super::update::{Changing, Tried};
use super::{change, constraints, delete, has_locks};
use crate::key::record_key;
use crate::plan::{Access, Plan};
use crate::read::{self, CONCURRENCY};
use crate::store::{Table, key};

pub(crate) async fn update_many(table: &Table<'_>, query: &UpdateMany) -> Result<u64, Error> {
    change::check(query.model, &query.changes)?;
    let changing = Changing::new(table, &query.changes, &[]);
    if changing.moves_locks() {
        return move_many(table, query, &changing).await;
    }
    let keys = matching_keys(table, &query.filter).await?;
    // The rest is not started after an error, but what was started is finished and counted.
    let stop = AtomicBool::new(false);
    let mut results = stream::iter(keys)
        .take_while(|_| ready(!stop.load(Ordering::Relaxed)))
        .map(|pk| {
            let (changing, stop) = (&changing, &stop);
            async move {
                let changed = change_one(table, changing, &pk, &query.filter).await;
                stop.fetch_or(changed.is_err(), Ordering::Relaxed);
                changed
            }
        })
        .buffer_unordered(CONCURRENCY);
    let (mut written, mut failed) = (0, None);
    while let Some(result) = results.next().await {
        match result {
            Ok(changed) => written += u64::from(changed),
            Err(error) => {
                failed.get_or_insert(error);
            }
        }
    }
    match failed {
        None => Ok(written),
        Some(error) => Err(error.with_progress(None, written)),
    }
}

/// Changes one record, again when another writer gets in between; whether there was one to change.
async fn change_one(table: &Table<'_>, changing: &Changing<'_>, pk: &str, filter: &Condition) -> Result<bool, Error> {
    let mut tries = table.tries();
    loop {
        match changing.apply(table, pk, None, filter).await? {
            Tried::Updated(_) => return Ok(true),
            Tried::Missing | Tried::Excluded => return Ok(false),
            Tried::Raced if tries.race_again().await => {}
            Tried::Raced => return Err(table.conflict()),
        }
    }
}

/// The keys of the records for which the filter holds. Ids that are the whole filter need no reading: the write
/// itself finds out whether there is such a record.
async fn matching_keys(table: &Table<'_>, filter: &Condition) -> Result<Vec<String>, Error> {
    let plan = Plan::new(table.model, filter.clone(), &[]);
    if let (Access::Ids(ids), [_]) = (&plan.access, plan.residual.as_slice()) {
        return Ok(ids.iter().map(record_key).collect());
    }
    let id = table.model.id();
    let rows = matching(table, filter, vec![id]).await?;
    Ok(rows.iter().filter_map(|row| row.values().first()).map(record_key).collect())
}

async fn matching(table: &Table<'_>, filter: &Condition, fields: Vec<usize>) -> Result<Vec<Row>, Error> {
    let find = Find { model: table.model, filter: filter.clone(), order: Vec::new(), skip: 0, take: None, fields };
    read::find(table, &find).await
}

/// Updates that move locks: whole records, as many as fit into one transaction.
async fn move_many(table: &Table<'_>, query: &UpdateMany, changing: &Changing<'_>) -> Result<u64, Error> {
    let all: Vec<usize> = (0..table.model.fields().len()).collect();
    let rows = matching(table, &query.filter, all).await?;
    let mut group = Group::default();
    let mut written = 0;
    for row in rows {
        let values = row.values();
        let pk = record_key(values.get(table.model.id()).unwrap_or(&Value::Null));
        let (steps, _) = changing
            .steps(table, &pk, values, None, &query.filter, None)
            .map_err(|error| error.with_progress(None, written))?;
        if !group.takes(&steps) {
            written += group.flush_updates(table, query, changing, written).await?;
        }
        group.add(pk, steps);
    }
    written += group.flush_updates(table, query, changing, written).await?;
    Ok(written)
}

pub(crate) async fn delete_many(table: &Table<'_>, query: &DeleteMany) -> Result<u64, Error> {
    if !has_locks(table) {
        let rows = matching(table, &query.filter, vec![table.model.id()]).await?;
        let found = rows.len() as u64;
        let requests: Result<Vec<WriteRequest>, Error> = rows
            .iter()
            .filter_map(|row| row.values().first())
            .map(|id| {
                let delete = DeleteRequest::builder().set_key(Some(key(&record_key(id)))).build();
                Ok(WriteRequest::builder().delete_request(delete.map_err(|error| table.unbuildable(error))?).build())
            })
            .collect();
        table.batch_write(requests?).await?;
        return Ok(found);
    }
    let id = table.model.id();
    let relied_on = query.filter.fields();
    let mut fields: Vec<usize> = constraints(table).flatten().copied().chain([id]).collect();
    fields.extend(&relied_on);
    fields.sort_unstable();
    fields.dedup();
    let mut group = Group::default();
    let mut written = 0;
    for row in matching(table, &query.filter, fields.clone()).await? {
        let value = |field: usize| {
            let place = fields.iter().position(|one| *one == field);
            place.and_then(|place| row.values().get(place)).unwrap_or(&Value::Null)
        };
        let pk = record_key(value(id));
        let steps = delete::steps(table, &pk, &relied_on, value, None);
        if !group.takes(&steps) {
            written += group.flush_deletes(table, query, written).await?;
        }
        group.add(pk, steps);
    }
    written += group.flush_deletes(table, query, written).await?;
    Ok(written)
}

/// Whole records whose writes go into one transaction.
#[derive(Default)]
struct Group {
    records: Vec<String>,
    steps: Vec<Vec<Step>>,
    items: HashSet<String>,
    bytes: usize,
}

impl Group {
    /// Whether these steps fit too. A transaction cannot write one item twice.
    fn takes(&self, steps: &[Step]) -> bool {
        self.items.len() + steps.len() <= MAX_ACTIONS
            && self.bytes + steps.iter().map(Step::bytes).sum::<usize>() <= MAX_BYTES
            && steps.iter().filter_map(Step::item).all(|item| !self.items.contains(item))
    }

    fn add(&mut self, record: String, steps: Vec<Step>) {
        self.records.push(record);
        self.items.extend(steps.iter().filter_map(Step::item).map(str::to_owned));
        self.bytes += steps.iter().map(Step::bytes).sum::<usize>();
        self.steps.push(steps);
    }

    /// Commits the group; if one of its records was changed in between or collides, those that are not written yet
    /// each by itself.
    async fn flush_updates(
        &mut self,
        table: &Table<'_>,
        query: &UpdateMany,
        changing: &Changing<'_>,
        before: u64,
    ) -> Result<u64, Error> {
        let (mut written, rest) = self.commit(table, before).await?;
        for pk in rest {
            let changed = change_one(table, changing, &pk, &query.filter).await;
            written += u64::from(changed.map_err(|error| error.with_progress(None, before + written))?);
        }
        Ok(written)
    }

    async fn flush_deletes(&mut self, table: &Table<'_>, query: &DeleteMany, before: u64) -> Result<u64, Error> {
        let (mut written, rest) = self.commit(table, before).await?;
        for pk in rest {
            let gone = delete::by_pk(table, &pk, &query.filter).await;
            written += u64::from(gone.map_err(|error| error.with_progress(None, before + written))?);
        }
        Ok(written)
    }

    /// How many records were written, and those that were not.
    async fn commit(&mut self, table: &Table<'_>, before: u64) -> Result<(u64, Vec<String>), Error> {
        let Self { mut records, steps, .. } = std::mem::take(self);
        if steps.is_empty() {
            return Ok((0, records));
        }
        let outcome = commit(table, steps).await;
        match outcome.map_err(|error| {
            let written = before + error.written().unwrap_or(0);
            error.with_progress(None, written)
        })? {
            Outcome::Done => Ok((records.len() as u64, Vec::new())),
            Outcome::Refused { written, .. } => {
                let rest = records.split_off(written.min(records.len()));
                Ok((written as u64, rest))
            }
        }
    }
}
