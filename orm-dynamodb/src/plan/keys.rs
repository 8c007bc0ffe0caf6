//! Ways to records by their keys: by id, or by the lock of a unique value.

use std::collections::HashSet;
use std::sync::Arc;

use orm::schema::{ModelSchema, UniqueSchema};
use orm::{Condition, Order, Value};

use super::index::relevant;
use super::search::{Class, Found, Rank};
use super::{Access, Branch, Ordered};
use crate::condition::{allowed, allowed_list, listed, parts};
use crate::limits::MAX_BATCH_GET;

/// How many keys the lists of a filter may be multiplied out to.
pub(crate) const MAX_PRODUCT: usize = 1000;

/// The way for one value of the id or of a unique field, which is most of all queries: there is no better one to be
/// looked for.
pub(super) fn by_one_value(model: &'static ModelSchema, condition: &Condition) -> Option<Access> {
    let Condition::Compare(field, orm::Comparison::Eq, value) = condition else { return None };
    if *field == model.id() {
        return Some(Access::Ids([value.clone()].into()));
    }
    let constraint = model.uniques().iter().find(|constraint| constraint.fields() == [*field])?;
    Some(Access::Locks(constraint, [value.clone()].into()))
}

/// The ways by keys that the conditions have lists of.
pub(super) fn candidates(
    model: &'static ModelSchema,
    conditions: &[Condition],
    order: &[Order],
) -> impl Iterator<Item = Found> {
    let ids = allowed_list(conditions, model.id()).map(|ids| by_ids(model, ids, conditions, order));
    let locks = model.uniques().iter().filter_map(move |constraint| {
        let keys = match constraint.fields() {
            [field] => allowed_list(conditions, *field)?,
            fields => {
                let lists: Option<Vec<&[Value]>> = fields.iter().map(|field| allowed(conditions, *field)).collect();
                product(&lists?)?.into_iter().flatten().cloned().collect()
            }
        };
        Some(by_locks(constraint, keys, conditions, order))
    });
    ids.into_iter().chain(locks)
}

/// The values that conditions leave to each field, where they name them.
pub(super) struct Named<'c>(Vec<Option<&'c [Value]>>);

impl<'c> Named<'c> {
    pub(super) fn by(model: &'static ModelSchema, conditions: &'c [Condition]) -> Self {
        let mut named = vec![None; model.fields().len()];
        for (field, values) in conditions.iter().filter_map(listed) {
            if let Some(slot @ None) = named.get_mut(field) {
                *slot = Some(values);
            }
        }
        Self(named)
    }

    fn of(&self, field: usize) -> Option<&'c [Value]> {
        self.0.get(field).copied().flatten()
    }
}

/// The ways for alternatives all of which name values of the same key, however many they are: what they name is a list.
pub(super) fn of_alternatives(
    model: &'static ModelSchema,
    conditions: &[Condition],
    named: &Named<'_>,
    alternatives: &[Condition],
    order: &[Order],
) -> impl Iterator<Item = Found> {
    let listed = move |fields: &[usize]| listed_by_all(named, alternatives, fields);
    let ids = listed(model.id_constraint()).map(|ids| by_ids(model, ids, conditions, order));
    let locks = model.uniques().iter().filter_map(move |constraint| {
        let keys = listed(constraint.fields())?;
        Some(by_locks(constraint, keys, conditions, order))
    });
    ids.into_iter().chain(locks)
}

/// The values of these fields that one of the alternatives names, each once, if all of them do. What they leave open the
/// other conditions may name; what these leave out is none.
fn listed_by_all(others: &Named<'_>, alternatives: &[Condition], fields: &[usize]) -> Option<Arc<[Value]>> {
    // Most lead nowhere, and there may be many.
    let first = alternatives.first().map(parts)?;
    if !fields.iter().any(|field| allowed(first, *field).is_some()) {
        return None;
    }
    let outer: Vec<Option<&[Value]>> = fields.iter().map(|field| others.of(*field)).collect();
    let sets: Vec<Option<HashSet<&Value>>> = outer.iter().map(|list| list.map(|list| list.iter().collect())).collect();
    let is_left =
        |key: &[&Value]| key.iter().zip(&sets).all(|(value, set)| set.as_ref().is_none_or(|set| set.contains(value)));
    // What is not multiplied out is as long as it was written.
    let mut left = if fields.len() == 1 { usize::MAX } else { MAX_PRODUCT.max(alternatives.len()) };
    let (mut seen, mut keys) = (HashSet::new(), Vec::new());
    for alternative in alternatives {
        let parts = parts(alternative);
        let lists = fields.iter().zip(&outer).map(|(field, outer)| allowed(parts, *field).or(*outer));
        let lists: Option<Vec<&[Value]>> = lists.collect();
        let combined = product(&lists?)?;
        left = left.checked_sub(combined.len())?;
        for key in combined {
            if is_left(&key) && seen.insert(key.clone()) {
                keys.extend(key.into_iter().cloned());
            }
        }
    }
    Some(keys.into())
}

/// In the order of the ids, if that is asked for.
fn by_ids(model: &'static ModelSchema, ids: Arc<[Value]>, conditions: &[Condition], order: &[Order]) -> Found {
    let requests = ids.len().div_ceil(MAX_BATCH_GET);
    let Some(by_id) = relevant(conditions, order).first().copied().filter(|order| order.field == model.id()) else {
        return by_keys(Access::Ids(ids), conditions, order, requests);
    };
    let mut ids = ids.to_vec();
    ids.sort_by(|a, b| Order::compare(&[by_id], |_| a, |_| b));
    by_keys(Access::Ids(ids.into()), conditions, &[], requests)
}

fn by_locks(constraint: &'static UniqueSchema, keys: Arc<[Value]>, conditions: &[Condition], order: &[Order]) -> Found {
    let access = Access::Locks(constraint, keys);
    let requests = 2 * access.count().div_ceil(MAX_BATCH_GET);
    by_keys(access, conditions, order, requests)
}

/// A way by keys, with what is left to be done of an order. It takes no filter. The key itself is compared with the record
/// once more: a lock may be orphaned, and the key of a long value is only its hash.
fn by_keys(access: Access, conditions: &[Condition], order: &[Order], requests: usize) -> Found {
    let ordered = if order.is_empty() || access.is_single() { Ordered::Wholly } else { Ordered::Not };
    if access.count() == 0 {
        return Found::nothing();
    }
    let class = if access.is_single() { Class::Key } else { Class::Keys };
    let branch = Branch { access, filter: Arc::default(), residual: conditions.into(), ordered };
    Found { branches: vec![branch], rank: Rank::of_keys(class, ordered, requests), overlaps: false }
}

/// Every combination of a value of each list, if these are not too many.
fn product<'v>(lists: &[&'v [Value]]) -> Option<Vec<Vec<&'v Value>>> {
    let size = lists.iter().try_fold(1_usize, |size, list| size.checked_mul(list.len()))?;
    if lists.len() > 1 && size > MAX_PRODUCT {
        return None;
    }
    let mut keys: Vec<Vec<&Value>> = vec![Vec::new()];
    for list in lists {
        keys = keys
            .iter()
            .flat_map(|key| list.iter().map(move |value| key.iter().copied().chain([value]).collect()))
            .collect();
    }
    Some(keys)
}
