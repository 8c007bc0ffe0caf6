//! Ways to records on an index: which indexes a filter can use, and how.

use std::collections::HashMap;
use std::sync::Arc;

use orm::schema::{IndexSchema, ModelSchema};
use orm::{Comparison, Condition, FieldKind, Order, Value};

use super::search::{Class, Found, Rank, better, filters, without};
use super::{Access, Branch, Ordered};
use crate::condition::{allowed, into_parts, leaves, listed, merge, one_of, only_field, parts, simplify};
use crate::limits::MAX_SORT_KEY_BYTES;

/// A list on the range field is multiplied out with that on the hash field up to so many queries.
const MAX_POINTS: usize = 16;
/// How many conditions the queries for the values that alternatives name may have in all: each has its own.
const MAX_OF_VALUES: usize = 500_000;

/// The records with one value of an index's hash field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IndexAccess {
    pub(crate) index: &'static IndexSchema,
    pub(crate) hash: Value,
    pub(crate) range: Range,
    pub(crate) descending: bool,
}

impl IndexAccess {
    /// Whether it reads the records with one value of this field, the second of the index.
    pub(crate) fn has_one_value_of(&self, field: usize) -> bool {
        self.index.range() == Some(field) && matches!(self.range, Range::Compare(Comparison::Eq, _))
    }
}

/// What of one hash value is read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Range {
    All,
    Compare(Comparison, Value),
    Between(Value, Value),
    StartsWith(String),
}

pub(super) fn candidates(
    model: &'static ModelSchema,
    conditions: &[Condition],
    order: &[Order],
) -> impl Iterator<Item = Found> {
    model.indexes().iter().filter_map(move |index| on_index(model, index, conditions, order))
}

/// The way for alternatives, in this place of the conditions, that all name values of an index's first field, however many they
/// are: for each value one query, with what the alternatives say of it. It may look at so many conditions.
pub(super) fn of_alternatives(
    model: &'static ModelSchema,
    conditions: &[Condition],
    place: usize,
    order: &[Order],
    left: &mut usize,
) -> Option<Found> {
    let mut hashes: Vec<usize> = model.indexes().iter().map(|index| index.hash()).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.into_iter().filter_map(|hash| by_each_value(model, conditions, place, order, hash, left)).reduce(better)
}

fn by_each_value(
    model: &'static ModelSchema,
    conditions: &[Condition],
    place: usize,
    order: &[Order],
    hash: usize,
    left: &mut usize,
) -> Option<Found> {
    let Some(Condition::Or(alternatives)) = conditions.get(place) else { return None };
    let mut places: HashMap<&Value, usize> = HashMap::new();
    let mut naming: Vec<(&Value, Vec<&Condition>)> = Vec::new();
    let mut named: usize = 0;
    for alternative in alternatives {
        for value in allowed(parts(alternative), hash)? {
            let place = *places.entry(value).or_insert_with(|| {
                naming.push((value, Vec::new()));
                naming.len() - 1
            });
            if let Some((_, naming)) = naming.get_mut(place) {
                naming.push(alternative);
            }
            named += 1;
            if naming.len().saturating_mul(conditions.len()).saturating_add(named) > *left {
                return None;
            }
        }
    }
    *left = left.saturating_sub(naming.len().saturating_mul(conditions.len()).saturating_add(named));
    let others = without(conditions, place);
    let of_each: usize = others.iter().map(leaves).sum();
    if naming.len().saturating_mul(of_each) > MAX_OF_VALUES {
        return None;
    }
    let mut all = Found::nothing();
    for (value, naming) in naming {
        let of_value = [one_of(hash, [value.clone()].into()), Condition::Or(naming.into_iter().cloned().collect())];
        let conditions = into_parts(simplify(Condition::And(others.iter().cloned().chain(of_value).collect())));
        let Some(conditions) = merge(conditions) else { continue };
        let on_index = |found: &Found| found.branches.iter().all(|branch| branch.access.is_on_index_of(hash));
        all.add(candidates(model, &conditions, order).filter(on_index).reduce(better)?);
    }
    Some(all)
}

fn on_index(
    model: &'static ModelSchema,
    index: &'static IndexSchema,
    conditions: &[Condition],
    order: &[Order],
) -> Option<Found> {
    let hashes = allowed(conditions, index.hash())?;
    let in_range = index.range().and_then(|range| Some((range, allowed(conditions, range)?)));
    // A record may have a value that no index can hold if it was stored before there was the index.
    let can_be_in_it =
        |(field, values): (usize, &[Value])| values.iter().all(|value| can_be_in_index(model, field, value));
    if !std::iter::once((index.hash(), hashes)).chain(in_range).all(can_be_in_it) {
        return None;
    }
    let (ranges, mut covered) = match index.range() {
        Some(field) => ranges(model, conditions, field, hashes.len()),
        None => (vec![Range::All], Vec::new()),
    };
    if let Some(field) = index.range().filter(|field| model.field(*field).is_nullable()) {
        // A record whose range field is null is not in the index at all.
        let excludes_null =
            |condition: &Condition| only_field(condition) == Some(field) && !condition.holds(&|_| &Value::Null);
        if !conditions.iter().any(excludes_null) {
            return None;
        }
        // And one that is has a value.
        let not_null = Condition::Not(Box::new(Condition::IsNull(field)));
        covered.extend(conditions.iter().position(|condition| *condition == not_null));
    }
    let ordered = gives(conditions, index, order);
    let descending =
        ordered != Ordered::Not && relevant(conditions, order).first().is_some_and(|order| order.descending);
    let points = hashes.iter().flat_map(|hash| ranges.iter().map(move |range| (hash.clone(), range.clone())));
    let (filter, residual) = rest(model, index, conditions, &covered);
    let branches: Vec<Branch> = points
        .map(|(hash, range)| {
            let access = Access::Index(IndexAccess { index, hash, range, descending });
            Branch { access, filter: Arc::clone(&filter), residual: Arc::clone(&residual), ordered }
        })
        .collect();
    let class = if ranges.contains(&Range::All) { Class::Index } else { Class::NarrowIndex };
    let rank = Rank::new(class, ordered, branches.len());
    Some(Found { branches, rank, overlaps: false })
}

/// Of the order of a query, what makes a difference.
pub(crate) fn relevant_order(filter: &Condition, order: &[Order]) -> Vec<Order> {
    match filter {
        Condition::And(conditions) => relevant(conditions, order),
        one => relevant(std::slice::from_ref(one), order),
    }
}

/// Of an order, what makes a difference: a field with one allowed value does not.
pub(super) fn relevant(conditions: &[Condition], order: &[Order]) -> Vec<Order> {
    let fixed = |field| matches!(allowed(conditions, field), Some([_]));
    order.iter().copied().filter(|order| !fixed(order.field)).collect()
}

/// How far each query of the index gives its records in this order.
fn gives(conditions: &[Condition], index: &IndexSchema, order: &[Order]) -> Ordered {
    match relevant(conditions, order).as_slice() {
        [] => Ordered::Wholly,
        [first, ..] if Some(first.field) != index.range() => Ordered::Not,
        [_] => Ordered::Wholly,
        _ => Ordered::AtFirst,
    }
}

/// What is left of the conditions on an index: for DynamoDB, which refuses a filter on the keys of the index that is
/// queried, and for here.
fn rest(
    model: &'static ModelSchema,
    index: &IndexSchema,
    conditions: &[Condition],
    covered: &[usize],
) -> (Arc<[Condition]>, Arc<[Condition]>) {
    let (mut filter, mut residual) = (Vec::with_capacity(conditions.len()), Vec::new());
    for (place, condition) in conditions.iter().enumerate() {
        // Conditions are merged: a list of values of the hash field is all that is said of it.
        if covered.contains(&place) || listed(condition).is_some_and(|(field, _)| field == index.hash()) {
            continue;
        }
        if condition.any_field(&mut |field| field == index.hash() || Some(field) == index.range()) {
            residual.push(condition.clone());
        } else {
            filter.push(condition.clone());
        }
    }
    let (filter, left_over) = filters(model, filter);
    residual.extend(left_over);
    (filter.into(), residual.into())
}

/// The parts of an index that the conditions on its range field leave, and the places of those that are covered by
/// reading just these parts.
fn ranges(
    model: &'static ModelSchema,
    conditions: &[Condition],
    field: usize,
    hashes: usize,
) -> (Vec<Range>, Vec<usize>) {
    if let Some(values) = allowed(conditions, field) {
        if values.len() > 1 && values.len().saturating_mul(hashes) > MAX_POINTS {
            return (vec![Range::All], Vec::new());
        }
        let place = conditions.iter().position(|condition| only_field(condition) == Some(field));
        let points = values.iter().map(|value| Range::Compare(Comparison::Eq, value.clone())).collect();
        return (points, place.into_iter().collect());
    }
    let (range, covered) = range(conditions, field, |value| can_be_in_index(model, field, value));
    (vec![range], covered)
}

/// The one condition on the range field that a query can have, and the places of the conditions that it covers.
fn range(conditions: &[Condition], range: usize, indexable: impl Fn(&Value) -> bool) -> (Range, Vec<usize>) {
    let mut low: Option<(usize, Comparison, &Value)> = None;
    let mut high: Option<(usize, Comparison, &Value)> = None;
    let mut prefix: Option<(usize, &str)> = None;
    for (place, condition) in conditions.iter().enumerate() {
        match condition {
            Condition::Compare(field, comparison, value) if *field == range && indexable(value) => match comparison {
                Comparison::Gt | Comparison::Gte => low = Some((place, *comparison, value)),
                Comparison::Lt | Comparison::Lte => high = Some((place, *comparison, value)),
                _ => {}
            },
            Condition::StartsWith(field, text) if *field == range && indexable(&Value::Text(text.clone())) => {
                prefix = Some((place, text));
            }
            _ => {}
        }
    }
    if let Some((place, prefix)) = prefix {
        return with_prefix(prefix, place, low, high);
    }
    match (low, high) {
        (Some((a, at_least, low)), Some((b, at_most, high))) => {
            // Of two bounds only `BETWEEN` can be a key condition; it includes both. Merged bounds are in order.
            let inclusive = at_least == Comparison::Gte && at_most == Comparison::Lte;
            (Range::Between(low.clone(), high.clone()), if inclusive { vec![a, b] } else { Vec::new() })
        }
        (Some((place, comparison, value)), None) | (None, Some((place, comparison, value))) => {
            (Range::Compare(comparison, value.clone()), vec![place])
        }
        (None, None) => (Range::All, Vec::new()),
    }
}

/// A text that begins with a prefix, of which a page in that order wants what comes after a bound, or before it: a query has
/// one condition on its range field, and whatever is between two texts with a prefix has it too.
fn with_prefix(
    prefix: &str,
    place: usize,
    low: Option<(usize, Comparison, &Value)>,
    high: Option<(usize, Comparison, &Value)>,
) -> (Range, Vec<usize>) {
    let within = |bound: Option<(usize, Comparison, &Value)>, inclusive: Comparison| match bound {
        Some((place, comparison, value @ Value::Text(text))) if comparison == inclusive && text.starts_with(prefix) => {
            Some((place, value.clone()))
        }
        _ => None,
    };
    let (low, high) = (within(low, Comparison::Gte), within(high, Comparison::Lte));
    if low.is_none() && high.is_none() {
        return (Range::StartsWith(prefix.to_owned()), vec![place]);
    }
    let covered = [Some(place), low.as_ref().map(|(a, _)| *a), high.as_ref().map(|(b, _)| *b)];
    let low = low.map_or_else(|| Value::Text(prefix.to_owned()), |(_, low)| low);
    let high = high.map_or_else(|| Value::Text(last_with(prefix)), |(_, high)| high);
    (Range::Between(low, high), covered.into_iter().flatten().collect())
}

/// The last text, byte by byte, with a prefix that a sort key can be.
fn last_with(prefix: &str) -> String {
    let mut text = prefix.to_owned();
    // The last characters of four bytes, of three, of two and of one.
    for last in [char::MAX, '\u{ffff}', '\u{7ff}', '\u{7f}'] {
        while text.len() + last.len_utf8() <= MAX_SORT_KEY_BYTES {
            text.push(last);
        }
    }
    text
}

/// DynamoDB refuses a key condition with a value that no key can have. A record may have it all the same, if it was
/// stored before there was the index; it is not in the index then.
pub(crate) fn can_be_in_index(model: &'static ModelSchema, field: usize, value: &Value) -> bool {
    model.check_portable_value(field, value).is_ok()
}

/// Some value that an index on the field can hold, where only its kind matters.
pub(super) fn some_key(model: &'static ModelSchema, field: usize) -> Value {
    match model.field(field).kind() {
        FieldKind::Integer | FieldKind::BigInt => Value::Integer(0),
        FieldKind::Decimal => Value::Decimal(rust_decimal::Decimal::ZERO),
        FieldKind::Bool => Value::Bool(false),
        FieldKind::Bytes => Value::Bytes(vec![0]),
        _ => Value::Text("?".to_owned()),
    }
}
