//! Records by key: by id, or by the lock of a unique value, which names the record.

use std::collections::HashMap;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use orm::schema::ModelSchema;
use orm::{Comparison, Condition, Error, Value};

use super::columns::Columns;
use super::{CONCURRENCY, KEYS_AT_ONCE};
use crate::expression::Expressions;
use crate::item;
use crate::key::{PARTITION_KEY, lock_key, record_key};
use crate::plan::{Access, Branch};
use crate::store::{Item, Table};

/// The items with these distinct keys, those that there are, in no particular order.
async fn items(
    table: &Table<'_>,
    keys: Vec<String>,
    expressions: &Expressions,
    projection: Option<&str>,
) -> Result<Vec<Item>, Error> {
    match keys.as_slice() {
        [] => Ok(Vec::new()),
        [one] => Ok(table.get(one, expressions, projection).await?.into_iter().collect()),
        _ if keys.len() <= KEYS_AT_ONCE => table.batch_get(keys, expressions, projection).await,
        _ => {
            let chunks: Vec<Vec<String>> = keys.chunks(KEYS_AT_ONCE).map(<[String]>::to_vec).collect();
            let batches = stream::iter(chunks).map(|keys| table.batch_get(keys, expressions, projection));
            batches.buffered(CONCURRENCY).try_concat().await
        }
    }
}

/// The records that hold these locks, by lock.
pub(crate) async fn lock_targets(table: &Table<'_>, locks: Vec<String>) -> Result<HashMap<String, String>, Error> {
    let mut expressions = Expressions::new(table.model);
    let projection = if locks.len() == 1 {
        expressions.lock_target()
    } else {
        format!("{}, {}", expressions.lock_target(), expressions.partition_key())
    };
    let only = if let [one] = locks.as_slice() { Some(one.clone()) } else { None };
    let found = items(table, locks, &expressions, Some(&projection)).await?;
    Ok(found
        .iter()
        .filter_map(|lock| {
            let key = only.clone().or_else(|| item::text(lock, PARTITION_KEY).map(str::to_owned))?;
            Some((key, item::lock_target(lock)?.to_owned()))
        })
        .collect())
}

/// How many keys an access has.
pub(super) fn count(access: &Access) -> usize {
    match access {
        Access::Ids(ids) => ids.len(),
        Access::Locks(_, keys) => keys.len(),
        Access::Index(_) | Access::Scan => 0,
    }
}

/// The records for a part of the keys of a branch, with the places of their keys, in the order of these. A record
/// stands with the key that it has, wherever the lock came from.
pub(super) async fn records(
    table: &Table<'_>,
    columns: &Columns,
    branch: &Branch,
    places: std::ops::Range<usize>,
) -> Result<Vec<(usize, Vec<Value>)>, Error> {
    let start = places.start;
    let wanted: Vec<(usize, String)> = match &branch.access {
        Access::Ids(ids) => {
            let ids = ids.get(places).unwrap_or_default();
            ids.iter().enumerate().map(|(place, id)| (start + place, record_key(id))).collect()
        }
        Access::Locks(constraint, keys) => {
            let keys = keys.get(places).unwrap_or_default();
            let fields = constraint.fields();
            let lock = |values: &Vec<Value>| {
                lock_key(table.model, fields, |field| {
                    fields
                        .iter()
                        .position(|one| *one == field)
                        .and_then(|place| values.get(place))
                        .unwrap_or(&Value::Null)
                })
            };
            let locks: Vec<(usize, String)> =
                keys.iter().enumerate().filter_map(|(place, key)| Some((start + place, lock(key)?))).collect();
            let targets = lock_targets(table, locks.iter().map(|(_, lock)| lock.clone()).collect()).await?;
            locks.into_iter().filter_map(|(place, lock)| Some((place, targets.get(&lock)?.clone()))).collect()
        }
        Access::Index(_) | Access::Scan => Vec::new(),
    };
    let mut expressions = Expressions::new(table.model);
    let projection = columns.projection(&mut expressions);
    let mut distinct: Vec<String> = wanted.iter().map(|(_, pk)| pk.clone()).collect();
    if matches!(branch.access, Access::Locks(..)) {
        // Two locks may name one record; ids are distinct as they are.
        distinct.sort_unstable();
        distinct.dedup();
    }
    let only = if let [one] = distinct.as_slice() { Some(one.clone()) } else { None };
    let mut found = HashMap::with_capacity(distinct.len());
    for mut item in items(table, distinct, &expressions, projection.as_deref()).await? {
        let key = match &only {
            Some(only) => only.clone(),
            None => item::take_text(&mut item, PARTITION_KEY).unwrap_or_default(),
        };
        found.insert(key, columns.decode(item)?);
    }
    let beyond_the_key: Vec<&Condition> =
        branch.residual.iter().filter(|condition| !says_the_key(table.model, &branch.access, condition)).collect();
    let mut records = Vec::with_capacity(found.len());
    for (place, pk) in wanted {
        // Two locks may name one record, of which it has one at most.
        let has_key =
            |values: &Vec<Value>| has_key(table.model, &branch.access, place, |field| columns.value(values, field));
        if found.get(&pk).is_some_and(has_key)
            && let Some(values) = found.remove(&pk)
            && beyond_the_key.iter().all(|condition| columns.holds(condition, &values))
        {
            records.push((place, values));
        }
    }
    Ok(records)
}

/// Whether a condition only lists the values that the keys were made of: then a record that has its key fulfils it, and
/// a long list need not be gone through for each of its records.
fn says_the_key(model: &ModelSchema, access: &Access, condition: &Condition) -> bool {
    let (Condition::Compare(field, Comparison::Eq, _) | Condition::In(field, _)) = condition else { return false };
    match access {
        Access::Ids(_) => model.id() == *field,
        Access::Locks(constraint, _) => constraint.fields().contains(field),
        Access::Index(_) | Access::Scan => false,
    }
}

/// Whether a record has the key at this place: a lock may be orphaned, and the key of a long value is only its hash.
fn has_key<'v>(model: &ModelSchema, access: &Access, place: usize, value: impl Fn(usize) -> &'v Value) -> bool {
    match access {
        Access::Ids(ids) => ids.get(place).is_some_and(|id| value(model.id()) == id),
        Access::Locks(constraint, keys) => keys
            .get(place)
            .is_some_and(|key| constraint.fields().iter().zip(key).all(|(field, expected)| value(*field) == expected)),
        Access::Index(_) | Access::Scan => true,
    }
}
