//! Records by key: by id, or by the lock of a unique value, which names the record.

use std::collections::HashMap;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use orm::schema::ModelSchema;
use orm::{Condition, Error, Rows, Value};

use super::KEYS_HELD;
use super::columns::{Checks, Columns};
use crate::condition::listed;
use crate::expression::Expressions;
use crate::item;
use crate::key::{PARTITION_KEY, is_record_key, lock_key, record_key};
use crate::limits::MAX_BATCH_GET;
use crate::operation::READS_AT_ONCE;
use crate::plan::{Access, Branch};
use crate::table::{Item, Table};

/// Hands over the items with these distinct keys, those that there are, in no particular order: each answer's when it
/// comes, so that no more of them are held than were asked for at once.
async fn each_item(
    table: &Table<'_>,
    keys: Vec<String>,
    expressions: &Expressions,
    projection: Option<&str>,
    mut take: impl FnMut(Item) -> Result<(), Error>,
) -> Result<(), Error> {
    match keys.as_slice() {
        [] => Ok(()),
        [one] => table.get_projected(one, expressions, projection).await?.map_or(Ok(()), take),
        _ => {
            let mut keys = keys.into_iter();
            let batches = std::iter::from_fn(|| {
                let batch: Vec<String> = keys.by_ref().take(MAX_BATCH_GET).collect();
                (!batch.is_empty()).then_some(batch)
            });
            let mut answers = stream::iter(batches)
                .map(|batch| table.batch_get(batch, expressions, projection))
                .buffer_unordered(READS_AT_ONCE);
            while let Some(items) = answers.try_next().await? {
                items.into_iter().try_for_each(&mut take)?;
            }
            Ok(())
        }
    }
}

/// The keys of the records that hold these locks.
pub(crate) async fn lock_targets(table: &Table<'_>, locks: Vec<String>) -> Result<Vec<String>, Error> {
    let mut expressions = Expressions::new(table.model);
    let projection = expressions.lock_target();
    let mut targets = Vec::with_capacity(locks.len());
    each_item(table, locks, &expressions, Some(projection), |mut lock| {
        targets.extend(item::take_lock_target(&mut lock));
        Ok(())
    })
    .await?;
    Ok(targets)
}

/// How many keys to look up next, when so many records are wanted: not every key has one that passes.
#[derive(Debug)]
pub(super) struct BatchSizes(usize);

impl BatchSizes {
    /// As many as are wanted, then twice as many, and so on. Where more than the key is asked of a record, whole requests:
    /// nobody knows how many pass.
    pub(super) fn wanting(wanted: usize, branches: &[Branch], model: &'static ModelSchema) -> Self {
        let asks_for_more = |branch: &Branch| {
            let fields = branch.access.keys(model).map_or([].as_slice(), |(fields, _)| fields);
            branch.access.is_by_key() && branch.residual.iter().any(|condition| !lists_a_field(condition, fields))
        };
        let least = if branches.iter().any(asks_for_more) { MAX_BATCH_GET } else { 1 };
        Self(wanted.clamp(least, KEYS_HELD))
    }

    /// As many as are held.
    pub(super) const fn all() -> Self {
        Self(KEYS_HELD)
    }

    pub(super) fn next(&mut self) -> usize {
        let step = self.0;
        self.0 = step.saturating_mul(2).min(KEYS_HELD);
        step
    }
}

/// Records, and of each the place of its key.
pub(super) struct Keyed {
    pub(super) rows: Rows,
    pub(super) places: Vec<usize>,
}

impl Keyed {
    fn in_order(mut self) -> Self {
        if !self.places.is_sorted() {
            let mut order: Vec<usize> = (0..self.places.len()).collect();
            order.sort_unstable_by_key(|record| self.places.get(*record));
            self.rows.arrange(&order);
            self.places.sort_unstable();
        }
        self
    }
}

/// The places of the keys whose records have not been found yet.
enum Places<'k> {
    One(Option<(&'k [Value], usize)>),
    Several(HashMap<&'k [Value], usize>),
}

impl<'k> Places<'k> {
    fn of(mut keys: impl ExactSizeIterator<Item = (&'k [Value], usize)>) -> Self {
        if keys.len() <= 1 { Self::One(keys.next()) } else { Self::Several(keys.collect()) }
    }

    fn take(&mut self, key: &[Value]) -> Option<usize> {
        match self {
            Self::One(one) => one.take_if(|(of, _)| *of == key).map(|(_, place)| place),
            Self::Several(places) => places.remove(key),
        }
    }
}

/// The records for a part of the keys of a branch, in the order of the keys. A record stands with the key that it has,
/// wherever the lock came from: a lock may be orphaned, and the key of a long value is only its hash.
pub(super) async fn records(
    table: &Table<'_>,
    columns: &Columns,
    branch: &Branch,
    places: std::ops::Range<usize>,
) -> Result<Keyed, Error> {
    let model = table.model;
    let mut found = Keyed { rows: columns.rows(), places: Vec::new() };
    let Some((fields, keys)) = branch.access.keys(model) else { return Ok(found) };
    let keys = keys.chunks(fields.len().max(1)).skip(places.start).take(places.len());
    let by_id = matches!(branch.access, Access::Ids(_));
    let pks: Vec<String> = if by_id {
        keys.clone().flatten().map(record_key).collect()
    } else {
        let lock = |key: &[Value]| {
            let value = |field: usize| fields.iter().zip(key).find(|(one, _)| **one == field).map(|(_, value)| value);
            lock_key(model, fields, |field| value(field).unwrap_or(&Value::Null))
        };
        // Two locks may name one record, of which it has one at most.
        let mut pks = lock_targets(table, keys.clone().filter_map(lock).collect()).await?;
        pks.sort_unstable();
        pks.dedup();
        pks
    };
    let mut places = Places::of(keys.zip(places));
    let beyond_the_key = Checks::of(branch.residual.iter().filter(|condition| !lists_a_field(condition, fields)));
    let mut expressions = Expressions::new(model);
    let projection = columns.projection(&mut expressions);
    let several = pks.len() > 1;
    found.rows.reserve(pks.len());
    found.places.reserve(pks.len());
    each_item(table, pks, &expressions, projection.as_deref(), |mut item| {
        let pk = if several { item::take_text(&mut item, PARTITION_KEY) } else { None };
        if !columns.add(item, &beyond_the_key, &mut found.rows)? {
            return Ok(());
        }
        let values = found.rows.last().unwrap_or_default();
        let place = match fields {
            [field] => {
                let value = columns.value(values, *field);
                // Only the key of the id tells whether it is the one that was asked for.
                let is_other = by_id && pk.is_some_and(|pk| !is_record_key(&pk, value));
                if is_other { None } else { places.take(std::slice::from_ref(value)) }
            }
            several => {
                let key: Vec<Value> = several.iter().map(|field| columns.value(values, *field).clone()).collect();
                places.take(&key)
            }
        };
        match place {
            Some(place) => found.places.push(place),
            None => found.rows.truncate(found.places.len()),
        }
        Ok(())
    })
    .await?;
    Ok(found.in_order())
}

/// Whether a condition only lists values of a key's fields, of which the keys were made: a record that has its key
/// fulfils it, and a long list need not be gone through for each record.
fn lists_a_field(condition: &Condition, key: &[usize]) -> bool {
    listed(condition).is_some_and(|(field, _)| key.contains(&field))
}
