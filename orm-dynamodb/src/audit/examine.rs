//! One page of a table: each item by itself, and with the locks or records that belong to it.

use std::collections::{HashMap, HashSet};

use orm::Error;

use super::report::Finding;
use crate::expression::Expressions;
use crate::item;
use crate::key::{ITEM_KIND, LOCK_TARGET, PARTITION_KEY, RECORD, UNIQUE, lock_prefix};
use crate::table::{Item, Table};
use crate::values::{Values, distinct};
use crate::write::{constraints, is_of_a_writer};

/// How often what looks wrong is read again while others write.
const LOOKS: usize = 5;

/// The items of a segment, counted and examined.
#[derive(Debug, Default)]
pub(super) struct Examined {
    pub(super) records: u64,
    pub(super) locks: u64,
    pub(super) others: u64,
    pub(super) under_way: u64,
    pub(super) findings: Vec<Finding>,
}

/// A record and the lock that it should have.
struct Expected {
    record: String,
    constraint: &'static [usize],
    lock: String,
}

/// A lock and the record that it names.
struct Held {
    lock: String,
    constraint: &'static [usize],
    record: String,
}

impl Examined {
    pub(super) async fn page(&mut self, table: &Table<'_>, items: Vec<Item>) -> Result<(), Error> {
        let (mut expected, mut held) = (Vec::new(), Vec::new());
        for item in items {
            let key = key_of(&item);
            match item::text(&item, ITEM_KIND).unwrap_or_default() {
                RECORD => {
                    self.records += 1;
                    self.record(table, key, item, &mut expected);
                }
                UNIQUE => {
                    self.locks += 1;
                    self.lock(table, key, &item, &mut held);
                }
                other => {
                    self.others += 1;
                    let why = format!("its `{ITEM_KIND}` is {other:?}, neither {RECORD:?} nor {UNIQUE:?}");
                    self.findings.push(Finding::Undecodable { key, why });
                }
            }
        }
        self.check_records(table, expected).await?;
        self.check_locks(table, held).await
    }

    fn record(&mut self, table: &Table<'_>, record: String, item: Item, expected: &mut Vec<Expected>) {
        let unique = constraints(table).flatten().copied();
        let in_form = item::check_form(table.model, unique, &item);
        let values = match in_form.and_then(|()| Values::of(table.model, item)) {
            Ok(values) => values,
            Err(error) => {
                self.findings.push(Finding::Undecodable { key: record, why: error.to_string() });
                return;
            }
        };
        // The others hold all the same, so that their locks are looked at.
        if let Err(error) = values.check_readable() {
            self.findings.push(Finding::Undecodable { key: record.clone(), why: error.to_string() });
        }
        if values.get(table.model.id()).is_null() {
            return;
        }
        let of_id = values.record_key();
        if of_id != record {
            self.findings.push(Finding::MisplacedRecord { record, expected: of_id });
            return;
        }
        for constraint in constraints(table) {
            let lock = values.lock_key(constraint);
            expected.extend(lock.map(|lock| Expected { record: record.clone(), constraint, lock }));
        }
    }

    fn lock(&mut self, table: &Table<'_>, lock: String, item: &Item, held: &mut Vec<Held>) {
        match (constraint_of(table, &lock), item::lock_target(item)) {
            (Some(constraint), Some(record)) => held.push(Held { lock, constraint, record: record.to_owned() }),
            (None, _) => {
                let why = format!("it is a lock of no constraint that `{}` has", table.model.name());
                self.findings.push(Finding::Undecodable { key: lock, why });
            }
            (_, None) => {
                let why = format!("it is a lock whose `{LOCK_TARGET}` names no record");
                self.findings.push(Finding::Undecodable { key: lock, why });
            }
        }
    }

    async fn check_records(&mut self, table: &Table<'_>, expected: Vec<Expected>) -> Result<(), Error> {
        let keys: HashSet<String> = expected.iter().map(|expected| expected.lock.clone()).collect();
        let mut expressions = Expressions::new(table.model);
        let projection = format!("{}, {}", expressions.partition_key(), expressions.lock_target());
        let locks = by_key(table.batch_get(keys.into_iter().collect(), &expressions, Some(&projection)).await?);
        for Expected { record, constraint, lock } in expected {
            let target = locks.get(&lock).and_then(item::lock_target);
            if target != Some(&record)
                && let Some(finding) = look_at_record(table, &record, constraint).await?
            {
                self.findings.push(finding.finding);
            }
        }
        Ok(())
    }

    async fn check_locks(&mut self, table: &Table<'_>, held: Vec<Held>) -> Result<(), Error> {
        let keys: HashSet<String> = held.iter().map(|held| held.record.clone()).collect();
        let fields = distinct(held.iter().flat_map(|held| held.constraint).copied());
        let mut expressions = Expressions::new(table.model);
        let projection = format!("{}, {}", expressions.partition_key(), expressions.projection(&fields));
        let records = by_key(table.batch_get(keys.into_iter().collect(), &expressions, Some(&projection)).await?);
        for Held { lock, constraint, record } in held {
            let item = records.get(&record).cloned();
            let values = item.and_then(|item| Values::of_fields(table.model, constraint, item).ok());
            if values.is_some_and(|values| values.hold(constraint, &lock)) {
                continue;
            }
            match look_at_lock(table, &lock, constraint).await? {
                None => {}
                Some(seen) if is_of_a_writer(&seen.lock) => self.under_way += 1,
                Some(seen) => self.findings.push(seen.finding),
            }
        }
        Ok(())
    }
}

/// A record that lacks a lock, as it was when it was looked at.
pub(super) struct SeenRecord {
    pub(super) finding: Finding,
    pub(super) values: Values,
    /// The lock that another has, if there is one, and that other record.
    pub(super) lock: Option<Item>,
    pub(super) target: Read,
}

/// A lock whose record does not hold its value, as they were when they were looked at.
pub(super) struct SeenLock {
    pub(super) finding: Finding,
    pub(super) lock: Item,
    pub(super) target: Option<Values>,
}

/// Whether a record lacks the lock of its values, seen at one moment: between two looks at the record, which agree.
pub(super) async fn look_at_record(
    table: &Table<'_>,
    record: &str,
    constraint: &'static [usize],
) -> Result<Option<SeenRecord>, Error> {
    let mut before: Option<Values> = None;
    let mut found: Option<(String, Option<Item>)> = None;
    for _ in 0..LOOKS {
        let Read::Record(values) = read(table, record, constraint).await? else { return Ok(None) };
        let Some(lock) = values.lock_key(constraint) else { return Ok(None) };
        if let (Some((same, item)), Some(before)) = (&found, &before)
            && *same == lock
            && constraint.iter().all(|field| values.get(*field) == before.get(*field))
        {
            let target = match item.as_ref().and_then(item::lock_target) {
                Some(target) => read(table, target, constraint).await?,
                None => Read::Nothing,
            };
            return Ok(Some(seen_record(table, record, constraint, lock, values, item.clone(), target)));
        }
        let item = table.get(&lock).await?;
        if item.as_ref().and_then(item::lock_target) == Some(record) {
            return Ok(None);
        }
        (before, found) = (Some(values), Some((lock, item)));
    }
    // It changes all the time, so there is a writer that keeps it right.
    Ok(None)
}

fn seen_record(
    table: &Table<'_>,
    record: &str,
    constraint: &'static [usize],
    lock: String,
    values: Values,
    item: Option<Item>,
    target: Read,
) -> SeenRecord {
    let fields = table.model.field_names(constraint);
    let held_by = item.as_ref().and_then(item::lock_target).map(str::to_owned);
    let shares = matches!(&target, Read::Record(values) if values.hold(constraint, &lock));
    let finding = match &held_by {
        Some(other) if shares => {
            let mut records = vec![record.to_owned(), other.clone()];
            records.sort_unstable();
            Finding::SharedValue { records, fields, lock }
        }
        _ => Finding::RecordWithoutLock { record: record.to_owned(), fields, lock, held_by },
    };
    SeenRecord { finding, values, lock: item, target }
}

/// Whether the record of a lock does not hold its value, seen at one moment: between two looks at the lock, which agree.
pub(super) async fn look_at_lock(
    table: &Table<'_>,
    lock: &str,
    constraint: &'static [usize],
) -> Result<Option<SeenLock>, Error> {
    let mut before: Option<(Item, Option<Values>)> = None;
    for _ in 0..LOOKS {
        let Some(item) = table.get(lock).await? else { return Ok(None) };
        let Some(record) = item::lock_target(&item).map(str::to_owned) else { return Ok(None) };
        if let Some((same, target)) = before.take()
            && same == item
        {
            let fields = table.model.field_names(constraint);
            let finding = match &target {
                None => Finding::LockWithoutRecord { lock: lock.to_owned(), fields, record },
                Some(values) => {
                    let holds = values.lock_key(constraint);
                    Finding::LockOfAnotherValue { lock: lock.to_owned(), fields, record, holds }
                }
            };
            return Ok(Some(SeenLock { finding, lock: item, target }));
        }
        let target = match read(table, &record, constraint).await? {
            Read::Record(values) if values.hold(constraint, lock) => return Ok(None),
            Read::Record(values) => Some(values),
            Read::Nothing => None,
            Read::Unreadable => return Ok(None),
        };
        before = Some((item, target));
    }
    Ok(None)
}

/// What there is under the key of a record.
pub(super) enum Read {
    Nothing,
    /// The values of the constraint's fields.
    Record(Values),
    /// A record whose values of the constraint cannot be read: a finding of its own.
    Unreadable,
}

/// Reads a constraint's fields only: a record holds its value even where another field cannot be read.
async fn read(table: &Table<'_>, record: &str, constraint: &[usize]) -> Result<Read, Error> {
    let values = |item: Item| {
        item::check_form(table.model, constraint.iter().copied(), &item)?;
        let values = Values::of_fields(table.model, constraint, item)?;
        // A value that has to be there and is not may be in the lock alone.
        let missing: Vec<usize> = constraint.iter().copied().filter(|field| values.get(*field).is_null()).collect();
        values.check_readable_of(&missing).map(|()| values)
    };
    Ok(match table.get_fields(record, constraint).await?.map(values) {
        None => Read::Nothing,
        Some(Ok(values)) => Read::Record(values),
        Some(Err(_)) => Read::Unreadable,
    })
}

/// The constraint that a lock is of, by its key. Locks of ids are known even where this driver does not keep them.
pub(super) fn constraint_of(table: &Table<'_>, lock: &str) -> Option<&'static [usize]> {
    let all = constraints(table).chain([table.model.id_constraint()]);
    all.into_iter().find(|constraint| lock.starts_with(&lock_prefix(table.model, constraint)))
}

fn by_key(items: Vec<Item>) -> HashMap<String, Item> {
    items.into_iter().map(|item| (key_of(&item), item)).collect()
}

fn key_of(item: &Item) -> String {
    item::text(item, PARTITION_KEY).unwrap_or_default().to_owned()
}
