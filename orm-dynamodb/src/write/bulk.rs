//! Changes to, and deletes of, many records.

use std::collections::HashSet;

use futures_util::stream::{self, StreamExt};
use orm::driver::{Change, DeleteMany, Find, UpdateMany};
use orm::schema::ModelSchema;
use orm::{Condition, Error, Rows, Value};

use super::batch::Batches;
use super::commit::{Committed, commit};
use super::filter::WriteFilter;
use super::step::Step;
use super::update::{Changing, Subject, Tried};
use super::weight::Weight;
use super::{change, constraints, delete, has_locks};
use crate::condition::listed;
use crate::idempotency::Once;
use crate::key::record_key;
use crate::operation::WRITES_AT_ONCE;
use crate::plan::{Access, Branch, Plan};
use crate::read;
use crate::table::Table;
use crate::tally::Tally;
use crate::values::{Values, distinct};

pub(crate) async fn update_many(table: &Table<'_>, query: &UpdateMany) -> Result<u64, Error> {
    change::check(query.model, &query.changes)?;
    let changing = |filter| Changing::new(query.model, &query.changes, &[], WriteFilter::of_found(query.model, filter));
    let filtered = changing(&query.filter);
    if filtered.moves_locks() {
        return move_many(table, query, &filtered).await;
    }
    // The key of a record says all that a list of ids does.
    let always = Condition::always();
    let (found, changing) = match given_ids(table.model, &query.filter) {
        Some(Given { keys, is_all }) => {
            let found = keys.into_iter().map(|pk| (pk, Vec::new())).collect();
            (found, if is_all { changing(&always) } else { filtered })
        }
        None => (found(table, &query.filter, filtered.to_find(table)).await?, filtered),
    };
    let tally = Tally::default();
    let outcomes = stream::iter(found).take_while(|_| tally.goes_on()).map(|(pk, found)| {
        let changing = &changing;
        async move {
            let once = changing.once(table, &pk);
            let subject = Subject { pk: &pk, key: None, once: once.as_ref(), found: &found };
            match change_one(table, changing, subject).await {
                Ok(changed) => (u64::from(changed), Ok(())),
                Err(error) => (0, Err(error)),
            }
        }
    });
    tally.total(outcomes.buffer_unordered(WRITES_AT_ONCE)).await
}

/// Changes one record, again when another writer gets in between; whether there was one to change.
async fn change_one(table: &Table<'_>, changing: &Changing<'_>, mut subject: Subject<'_>) -> Result<bool, Error> {
    let mut tries = table.tries();
    loop {
        match changing.apply(table, subject, &mut tries).await? {
            Tried::Updated(_) => return Ok(true),
            Tried::Missing | Tried::Excluded => return Ok(false),
            // It is no longer as it was found.
            Tried::Raced if tries.race_again().await => subject.found = &[],
            Tried::Raced => return Err(changing.conflict(table, subject)),
        }
    }
}

/// Records that a filter names.
struct Given {
    keys: Vec<String>,
    /// Whether their ids are all that it says.
    is_all: bool,
}

/// Records that need no finding, because the write itself finds out whether there is such a record: those of a filter that
/// is ids and nothing else, and a single one of which nothing is asked but what conditions of the write say. (Of many that
/// are asked more, it is cheaper to read which of them are meant.) What else the filter says of the id alone is decided by
/// the plan, whose ids are those for which it holds.
fn given_ids(model: &'static ModelSchema, filter: &Condition) -> Option<Given> {
    let plan = Plan::new(model, filter.clone(), &[]);
    let [Branch { access: Access::Ids(ids), residual, .. }] = plan.branches.as_slice() else { return None };
    let is_all = matches!(&**residual, [one] if listed(one).is_some_and(|(field, _)| field == model.id()));
    let needs_no_finding = is_all || ids.len() == 1 && WriteFilter::of_found(model, filter).is_checked();
    needs_no_finding.then(|| Given { keys: ids.iter().map(record_key).collect(), is_all })
}

/// The one record that a filter names and asks more of, if that needs no finding. (Without more, deleting it in a batch is as
/// right, and is sent again after a lost answer.)
fn given_one(model: &'static ModelSchema, filter: &Condition) -> Option<String> {
    let Given { keys, is_all } = given_ids(model, filter)?;
    keys.into_iter().next().filter(|_| !is_all)
}

/// Whether a delete of many, of a model without locks, is a conditional one of one record.
pub(crate) fn deletes_one(query: &DeleteMany) -> bool {
    given_one(query.model, &query.filter).is_some()
}

/// Whether a delete of many, of a model without locks, reads each record that it has found once more.
pub(crate) fn reads_each(query: &DeleteMany) -> bool {
    !WriteFilter::of_found(query.model, &query.filter).is_checked()
}

/// Whether an update of many reads nothing first.
pub(crate) fn reads_nothing_first(query: &UpdateMany) -> bool {
    change::moved(query.model, &query.changes).next().is_none() && given_ids(query.model, &query.filter).is_some()
}

/// A record that was found: its key, and some of its values.
type Found = (String, Vec<(usize, Value)>);

/// The records that are found for a filter, with the values of these fields, each once: one that moves from one branch of
/// the plan to another meanwhile, or within an index, is found twice.
async fn found(table: &Table<'_>, filter: &Condition, fields: &[usize]) -> Result<Vec<Found>, Error> {
    let rows = matching(table, filter, [&[table.model.id()], fields].concat()).await?;
    let mut seen = HashSet::with_capacity(rows.len());
    let found = rows.iter().filter_map(|row| {
        let (id, values) = row.split_first()?;
        Some((record_key(id), fields.iter().copied().zip(values.iter().cloned()).collect()))
    });
    Ok(found.filter(|(pk, _)| seen.insert(pk.clone())).collect())
}

async fn matching(table: &Table<'_>, filter: &Condition, fields: Vec<usize>) -> Result<Rows, Error> {
    let find = Find { model: table.model, filter: filter.clone(), order: Vec::new(), skip: 0, take: None, fields };
    read::find(table, &find).await
}

/// Updates that move locks: whole records, as many as fit into one transaction.
async fn move_many(table: &Table<'_>, query: &UpdateMany, changing: &Changing<'_>) -> Result<u64, Error> {
    let all: Vec<usize> = (0..table.model.fields().len()).collect();
    let mut groups = Groups::default();
    for values in matching(table, &query.filter, all).await?.iter() {
        let values = Values::new(table.model, values.iter().cloned().enumerate());
        let pk = values.record_key();
        let once = changing.once(table, &pk);
        let subject = Subject { pk: &pk, key: None, once: once.as_ref(), found: &[] };
        let (steps, _) = changing.steps(table, subject, &values, None).map_err(|error| error.with_progress(None, 0))?;
        groups.add(pk, once, steps);
    }
    // A unique sum may be the value that another record has until its own turn: in the order in which they were found.
    let is_unique = |one: &Change| changing.moved.iter().any(|constraint| constraint.contains(&one.field));
    let adds_to_unique = query.changes.iter().any(|one| is_unique(one) && change::is_increment(one));
    let at_once = if adds_to_unique { 1 } else { WRITES_AT_ONCE };
    groups.write(table, &BulkChange::Update(changing), at_once).await
}

pub(crate) async fn delete_many(table: &Table<'_>, query: &DeleteMany) -> Result<u64, Error> {
    if !has_locks(table) {
        if let Some(pk) = given_one(table.model, &query.filter) {
            let filter = WriteFilter::of_found(table.model, &query.filter);
            let deleted = delete::without_locks(table, &pk, &filter).await;
            return deleted.map(|item| u64::from(item.is_some())).map_err(|error| error.with_progress(None, 0));
        }
        let found = found(table, &query.filter, &[]).await?;
        let keys: Vec<String> = found.into_iter().map(|(pk, _)| pk).collect();
        if query.checked {
            return delete_each(table, keys, &WriteFilter::of_found(table.model, &query.filter)).await;
        }
        Batches::Delete(&keys).write(table).await.map_err(|error| {
            let written = error.written().unwrap_or(0);
            error.with_progress(None, written)
        })?;
        return Ok(keys.len() as u64);
    }
    let relied_on = query.filter.fields();
    let unique = constraints(table).flatten().copied();
    let fields = distinct(unique.chain([table.model.id()]).chain(relied_on.iter().copied()));
    let mut groups = Groups::default();
    for values in matching(table, &query.filter, fields.clone()).await?.iter() {
        let values = Values::new(table.model, fields.iter().copied().zip(values.iter().cloned()));
        let pk = values.record_key();
        let steps = delete::steps(table, &pk, &relied_on, &values, None, None);
        groups.add(pk, None, steps);
    }
    groups.write(table, &BulkChange::Delete(&query.filter), WRITES_AT_ONCE).await
}

/// Deletes records without locks for which the filter holds then, each by itself.
async fn delete_each(table: &Table<'_>, keys: Vec<String>, filter: &WriteFilter<'_>) -> Result<u64, Error> {
    let tally = Tally::default();
    let outcomes = stream::iter(keys).take_while(|_| tally.goes_on()).map(|pk| async move {
        match delete::without_locks(table, &pk, filter).await {
            Ok(deleted) => (u64::from(deleted.is_some()), Ok(())),
            Err(error) => (0, Err(error)),
        }
    });
    tally.total(outcomes.buffer_unordered(WRITES_AT_ONCE)).await
}

/// What is done to each record.
enum BulkChange<'c> {
    Update(&'c Changing<'c>),
    /// If this holds for it.
    Delete(&'c Condition),
}

/// Whole records, in groups whose writes go into one transaction each.
#[derive(Default)]
struct Groups {
    groups: Vec<Group>,
    records: HashSet<String>,
}

impl Groups {
    /// A record that was found twice is there already.
    fn add(&mut self, record: String, once: Option<Once>, steps: Vec<Step<'static>>) {
        if !self.records.insert(record.clone()) {
            return;
        }
        match self.groups.last_mut() {
            Some(last) if last.takes(&steps) => last.add(record, once, steps),
            _ => {
                let mut group = Group::default();
                group.add(record, once, steps);
                self.groups.push(group);
            }
        }
    }

    /// Writes them, so many groups at once; after an error what is under way is finished, and nothing more begun.
    async fn write(self, table: &Table<'_>, change: &BulkChange<'_>, at_once: usize) -> Result<u64, Error> {
        let tally = Tally::default();
        let outcomes =
            stream::iter(self.groups).take_while(|_| tally.goes_on()).map(|group| group.write(table, change));
        tally.total(outcomes.buffered(at_once)).await
    }
}

/// Whole records whose writes go into one transaction.
#[derive(Default)]
struct Group {
    records: Vec<(String, Option<Once>)>,
    steps: Vec<Vec<Step<'static>>>,
    items: HashSet<String>,
    weight: Weight,
}

impl Group {
    /// Whether these steps fit too. A transaction cannot write one item twice.
    fn takes(&self, steps: &[Step<'_>]) -> bool {
        (self.weight + steps.iter().map(Step::weight).sum()).is_within(Weight::TRANSACTION)
            && steps.iter().all(|step| !self.items.contains(step.key()))
    }

    fn add(&mut self, record: String, once: Option<Once>, steps: Vec<Step<'static>>) {
        self.records.push((record, once));
        self.items.extend(steps.iter().map(|step| step.key().to_owned()));
        self.weight = self.weight + steps.iter().map(Step::weight).sum();
        self.steps.push(steps);
    }

    /// Commits the group; if one of its records was changed in between or collides, those that are not written yet
    /// each by itself. How many were written, whatever the outcome.
    async fn write(self, table: &Table<'_>, change: &BulkChange<'_>) -> (u64, Result<(), Error>) {
        let mut records = self.records;
        let (mut written, rest) = match commit(table, self.steps).await {
            Ok(Committed::Done) => return (records.len() as u64, Ok(())),
            Ok(Committed::Refused { written, has_lost_an_answer, .. }) => {
                let rest = records.split_off(written.min(records.len()));
                if let (true, BulkChange::Update(changing)) = (has_lost_an_answer, change) {
                    // A transaction was sent for all of them; otherwise those after the refused one were not.
                    let sent = if table.engine.has_transactions() { rest.len() } else { 1 };
                    let lost = rest.iter().take(sent).filter_map(|(_, once)| once.as_ref());
                    lost.for_each(|once| changing.note_lost(table, once));
                }
                (written as u64, rest)
            }
            Err(error) => {
                let written = error.written().unwrap_or(0);
                // Which of the group's records it was means nothing to the caller.
                return (written, Err(error.with_progress(None, written)));
            }
        };
        for (pk, once) in rest {
            let changed = match change {
                BulkChange::Update(changing) => {
                    let subject = Subject { pk: &pk, key: None, once: once.as_ref(), found: &[] };
                    change_one(table, changing, subject).await
                }
                BulkChange::Delete(filter) => delete::by_pk(table, &pk, filter).await,
            };
            match changed {
                Ok(changed) => written += u64::from(changed),
                Err(error) => return (written, Err(error)),
            }
        }
        (written, Ok(()))
    }
}
