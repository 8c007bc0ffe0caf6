//! Decides how to find records: by id, by lock, on an index, or by a scan.

use std::collections::HashSet;

use orm::schema::{IndexSchema, ModelSchema, UniqueSchema};
use orm::{Comparison, Condition, Order, Value};

use crate::expression::{fitting, simplify};

/// How the records of a query are found, and what remains to be done with them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) access: Access,
    /// What DynamoDB filters, after reading.
    pub(crate) filter: Vec<Condition>,
    /// What is evaluated here.
    pub(crate) residual: Vec<Condition>,
    /// Whether the records come in the order that was asked for.
    pub(crate) ordered: bool,
}

/// How records are found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Access {
    /// The condition holds for no record.
    Nothing,
    /// The records with these ids.
    Ids(Vec<Value>),
    /// The records that hold the locks of these values of a constraint.
    Locks(&'static UniqueSchema, Vec<Vec<Value>>),
    /// The records with one value in an index.
    Index(IndexAccess),
    /// All records of the table.
    Scan,
}

/// The records with one value of an index's hash field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IndexAccess {
    pub(crate) index: &'static IndexSchema,
    pub(crate) hash: Value,
    pub(crate) range: Range,
    pub(crate) descending: bool,
}

/// What of one hash value is read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Range {
    All,
    Compare(Comparison, Value),
    Between(Value, Value),
    StartsWith(String),
}

impl Plan {
    pub(crate) fn new(model: &'static ModelSchema, condition: Condition, order: &[Order]) -> Self {
        let conditions = match simplify(condition) {
            Condition::And(parts) => parts,
            Condition::Or(parts) if parts.is_empty() => {
                return Self { access: Access::Nothing, filter: Vec::new(), residual: Vec::new(), ordered: true };
            }
            one => vec![one],
        };
        if let Some(access) = by_id(model, &conditions).or_else(|| by_lock(model, &conditions)) {
            // A key read takes no filter. The key itself is compared with the record once more: a lock may be
            // orphaned, and the key of a long value is only its hash.
            return Self { access, filter: Vec::new(), residual: conditions, ordered: order.is_empty() };
        }
        if let Some(plan) = by_index(model, &conditions, order) {
            return plan;
        }
        let (filter, residual) = fitting(model, conditions);
        Self { access: Access::Scan, filter, residual, ordered: order.is_empty() }
    }

    /// Whether what is read is exactly what is wanted, so that a limit can be passed on.
    pub(crate) fn is_exact(&self) -> bool {
        self.filter.is_empty() && self.residual.is_empty()
    }
}

/// The values that a field must have one of, and the place of the condition that says so: the one with the fewest.
fn equal_to(conditions: &[Condition], field: usize) -> Option<(usize, Vec<Value>)> {
    conditions
        .iter()
        .enumerate()
        .filter_map(|(place, condition)| match condition {
            Condition::Compare(index, Comparison::Eq, value) if *index == field => Some((place, vec![value.clone()])),
            Condition::In(index, values) if *index == field => Some((place, distinct(values))),
            _ => None,
        })
        .min_by_key(|(_, values)| values.len())
}

fn distinct(values: &[Value]) -> Vec<Value> {
    let mut seen = HashSet::with_capacity(values.len());
    values.iter().filter(|value| seen.insert(*value)).cloned().collect()
}

fn by_id(model: &'static ModelSchema, conditions: &[Condition]) -> Option<Access> {
    equal_to(conditions, model.id()).map(|(_, ids)| Access::Ids(ids))
}

fn by_lock(model: &'static ModelSchema, conditions: &[Condition]) -> Option<Access> {
    model.uniques().iter().find_map(|constraint| {
        if let [field] = constraint.fields() {
            let (_, values) = equal_to(conditions, *field)?;
            return Some(Access::Locks(constraint, values.into_iter().map(|value| vec![value]).collect()));
        }
        let mut key = Vec::with_capacity(constraint.fields().len());
        for field in constraint.fields() {
            match equal_to(conditions, *field)?.1.as_slice() {
                [one] => key.push(one.clone()),
                _ => return None,
            }
        }
        Some(Access::Locks(constraint, vec![key]))
    })
}

fn by_index(model: &'static ModelSchema, conditions: &[Condition], order: &[Order]) -> Option<Plan> {
    model
        .indexes()
        .iter()
        .filter_map(|index| {
            let plan = on_index(model, index, conditions, order)?;
            let narrow = matches!(&plan.access, Access::Index(access) if access.range != Range::All);
            // The order saves reading everything before the first record; a narrow range saves reading at all.
            Some(((narrow, plan.ordered && !order.is_empty()), plan))
        })
        // The first of equally good ones.
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, plan)| plan)
}

fn on_index(
    model: &'static ModelSchema,
    index: &'static IndexSchema,
    conditions: &[Condition],
    order: &[Order],
) -> Option<Plan> {
    let (hash_place, hashes) = equal_to(conditions, index.hash())?;
    let [hash] = hashes.as_slice() else {
        return None;
    };
    if !can_be_in_index(model, index.hash(), hash) {
        return None;
    }
    let (range, used) = index.range().map_or((Range::All, Vec::new()), |field| range_of(model, conditions, field));
    // A record whose range field is null is not in the index at all.
    if range == Range::All && index.range().is_some_and(|field| model.field(field).is_nullable()) {
        return None;
    }
    let native = match order {
        [] => true,
        [one] => Some(one.field) == index.range() || one.field == index.hash(),
        _ => false,
    };
    let mut filter = Vec::new();
    let mut residual = Vec::new();
    for (place, condition) in conditions.iter().enumerate() {
        if place == hash_place || used.contains(&place) {
            continue;
        }
        // DynamoDB refuses a filter on the keys of the index that is queried.
        let fields = condition.fields();
        if fields.contains(&index.hash()) || index.range().is_some_and(|range| fields.contains(&range)) {
            residual.push(condition.clone());
        } else {
            filter.push(condition.clone());
        }
    }
    let (filter, left_over) = fitting(model, filter);
    residual.extend(left_over);
    let descending = native && order.first().is_some_and(|order| order.descending);
    Some(Plan {
        access: Access::Index(IndexAccess { index, hash: hash.clone(), range, descending }),
        filter,
        residual,
        ordered: native,
    })
}

/// The one condition on the range field that a query can have, and the places of the conditions that it covers.
fn range_of(model: &'static ModelSchema, conditions: &[Condition], range: usize) -> (Range, Vec<usize>) {
    let mut low: Option<(usize, Comparison, &Value)> = None;
    let mut high: Option<(usize, Comparison, &Value)> = None;
    for (place, condition) in conditions.iter().enumerate() {
        match condition {
            Condition::Compare(field, comparison, value) if *field == range && can_be_in_index(model, range, value) => {
                match comparison {
                    Comparison::Eq => return (Range::Compare(Comparison::Eq, value.clone()), vec![place]),
                    Comparison::Gt | Comparison::Gte if low.is_none() => low = Some((place, *comparison, value)),
                    Comparison::Lt | Comparison::Lte if high.is_none() => high = Some((place, *comparison, value)),
                    _ => {}
                }
            }
            Condition::StartsWith(field, prefix)
                if *field == range && can_be_in_index(model, range, &Value::Text(prefix.clone())) =>
            {
                return (Range::StartsWith(prefix.clone()), vec![place]);
            }
            _ => {}
        }
    }
    match (low, high) {
        (Some((a, at_least, low)), Some((b, at_most, high))) => {
            // Of two bounds only `BETWEEN` can be a key condition; it includes both, and wants them in order.
            let inclusive = at_least == Comparison::Gte && at_most == Comparison::Lte;
            if low.compare(high).is_some_and(std::cmp::Ordering::is_le) {
                (Range::Between(low.clone(), high.clone()), if inclusive { vec![a, b] } else { Vec::new() })
            } else {
                (Range::Compare(at_least, low.clone()), vec![a])
            }
        }
        (Some((place, comparison, value)), None) | (None, Some((place, comparison, value))) => {
            (Range::Compare(comparison, value.clone()), vec![place])
        }
        (None, None) => (Range::All, Vec::new()),
    }
}

/// DynamoDB refuses a key condition with a value that no key can have. A record may have it all the same, if it was
/// stored before there was the index; it is not in the index then.
fn can_be_in_index(model: &'static ModelSchema, field: usize, value: &Value) -> bool {
    model.check_portable_value(field, value).is_ok()
}

#[cfg(test)]
mod tests;
