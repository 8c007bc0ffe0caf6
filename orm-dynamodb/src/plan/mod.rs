//! Decides how to find records: by id, by lock, on an index, by several of these, or by a scan.

mod explain;
mod index;
#[cfg(test)]
mod tests;

pub(crate) use explain::explain_query;
pub(crate) use index::{IndexAccess, Range};

use orm::schema::{ModelSchema, UniqueSchema};
use orm::{Condition, Order, Value};

use crate::condition::{merge, one_of, simplify};
use crate::expression::fitting;

/// Under an `or`, so many alternatives are looked up one by one; of more, none.
const MAX_ALTERNATIVES: usize = 25;
/// How deep alternatives within alternatives are followed.
const MAX_DEPTH: usize = 3;
/// How many keys the lists of a filter may be multiplied out to.
const MAX_PRODUCT: usize = 1000;

/// How the records of a query are found, and what remains to be done with them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    /// The ways to the records. No record is found by two of them; with none, no record can match.
    pub(crate) branches: Vec<Branch>,
    pub(crate) sorting: Sorting,
}

/// One way to records.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Branch {
    pub(crate) access: Access,
    /// What DynamoDB filters, after reading.
    pub(crate) filter: Vec<Condition>,
    /// What is evaluated here.
    pub(crate) residual: Vec<Condition>,
}

/// How records are found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Access {
    /// The records with these ids.
    Ids(Vec<Value>),
    /// The records that hold the locks of these values of a constraint.
    Locks(&'static UniqueSchema, Vec<Vec<Value>>),
    /// The records with one value in an index.
    Index(IndexAccess),
    /// All records of the table.
    Scan,
}

/// Whether records come in the order of the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sorting {
    /// Any order will do.
    Any,
    /// Each branch gives them in order.
    Native,
    /// They are put in order here.
    Here,
}

impl Plan {
    pub(crate) fn new(model: &'static ModelSchema, condition: Condition, order: &[Order]) -> Self {
        let found = conjunction(model, parts(simplify(condition)), order, MAX_DEPTH);
        let sorting = match order {
            [] => Sorting::Any,
            // One record, or none, is in every order.
            _ if found.branches.len() <= 1 && found.branches.iter().all(|branch| branch.access.is_single()) => {
                Sorting::Any
            }
            _ if found.ordered => Sorting::Native,
            _ => Sorting::Here,
        };
        Self { branches: found.branches, sorting }
    }

    /// The branch at this place. There is one: places come from this plan. Otherwise it leads to no records.
    pub(crate) fn branch(&self, place: usize) -> &Branch {
        static NONE: Branch = Branch { access: Access::Ids(Vec::new()), filter: Vec::new(), residual: Vec::new() };
        self.branches.get(place).unwrap_or(&NONE)
    }

    pub(crate) fn scans(&self) -> bool {
        self.branches.iter().any(|branch| branch.access == Access::Scan)
    }

    pub(crate) fn reads_indexes(&self) -> bool {
        self.branches.iter().any(|branch| matches!(branch.access, Access::Index(_)))
    }
}

impl Branch {
    /// Whether what is read is exactly what is wanted, so that a limit can be passed on.
    pub(crate) fn is_exact(&self) -> bool {
        self.filter.is_empty() && self.residual.is_empty()
    }

    /// All that its records have to fulfil besides the access.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.filter.iter().chain(&self.residual)
    }
}

impl Access {
    /// Whether records are looked up by their keys.
    pub(crate) const fn is_by_key(&self) -> bool {
        matches!(self, Self::Ids(_) | Self::Locks(..))
    }

    /// Whether it leads to one record at most.
    fn is_single(&self) -> bool {
        match self {
            Self::Ids(keys) => keys.len() <= 1,
            Self::Locks(_, keys) => keys.len() <= 1,
            Self::Index(_) | Self::Scan => false,
        }
    }
}

/// The branches for conditions that must all hold.
struct Found {
    branches: Vec<Branch>,
    ordered: bool,
    rank: Rank,
}

/// What makes one way better than another, the most important first; less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    class: Class,
    unordered: bool,
    requests: usize,
}

/// Ways to records, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// As many records as there are keys, at most.
    Keys,
    /// A part of what an index holds for one value.
    NarrowIndex,
    /// All that an index holds for one value.
    Index,
    /// The whole table.
    Scan,
}

fn parts(condition: Condition) -> Vec<Condition> {
    match condition {
        Condition::And(parts) => parts,
        Condition::Or(parts) if parts.is_empty() => vec![Condition::Or(parts)],
        one => vec![one],
    }
}

fn conjunction(model: &'static ModelSchema, conditions: Vec<Condition>, order: &[Order], depth: usize) -> Found {
    let never = |condition: &Condition| matches!(condition, Condition::Or(any) if any.is_empty());
    let nothing =
        Found { branches: Vec::new(), ordered: true, rank: Rank { class: Class::Keys, unordered: false, requests: 0 } };
    if conditions.iter().any(never) {
        return nothing;
    }
    let Some(conditions) = merge(conditions) else { return nothing };
    let candidates = by_id(model, &conditions)
        .into_iter()
        .chain(by_locks(model, &conditions))
        .chain(index::candidates(model, &conditions, order))
        .chain(by_alternatives(model, &conditions, order, depth));
    // The first of equally good ones.
    let best = candidates.reduce(|best, next| if next.rank < best.rank { next } else { best });
    best.unwrap_or_else(|| scan(model, conditions, order))
}

/// The values that a field must have one of.
fn allowed(conditions: &[Condition], field: usize) -> Option<&[Value]> {
    conditions.iter().find_map(|condition| match condition {
        Condition::Compare(index, orm::Comparison::Eq, value) if *index == field => Some(std::slice::from_ref(value)),
        Condition::In(index, values) if *index == field => Some(values.as_slice()),
        _ => None,
    })
}

/// A way by keys takes no filter. The key itself is compared with the record once more: a lock may be orphaned, and
/// the key of a long value is only its hash.
fn by_keys(access: Access, conditions: &[Condition], requests: usize) -> Found {
    let ordered = access.is_single();
    let branch = Branch { access, filter: Vec::new(), residual: conditions.to_vec() };
    Found { branches: vec![branch], ordered, rank: Rank { class: Class::Keys, unordered: !ordered, requests } }
}

fn by_id(model: &'static ModelSchema, conditions: &[Condition]) -> Option<Found> {
    let ids = allowed(conditions, model.id())?;
    Some(by_keys(Access::Ids(ids.to_vec()), conditions, ids.len().div_ceil(100)))
}

fn by_locks(model: &'static ModelSchema, conditions: &[Condition]) -> impl Iterator<Item = Found> {
    model.uniques().iter().filter_map(move |constraint| {
        let lists: Option<Vec<&[Value]>> =
            constraint.fields().iter().map(|field| allowed(conditions, *field)).collect();
        let keys = product(&lists?)?;
        let requests = 2 * keys.len().div_ceil(100);
        Some(by_keys(Access::Locks(constraint, keys), conditions, requests))
    })
}

/// Every combination of a value of each list, if these are not too many; a single list may be of any length.
fn product(lists: &[&[Value]]) -> Option<Vec<Vec<Value>>> {
    let size = lists.iter().try_fold(1_usize, |size, list| size.checked_mul(list.len()))?;
    if size > MAX_PRODUCT && lists.len() > 1 {
        return None;
    }
    let mut keys: Vec<Vec<Value>> = vec![Vec::new()];
    for list in lists {
        keys = keys
            .iter()
            .flat_map(|key| list.iter().map(move |value| key.iter().chain([value]).cloned().collect()))
            .collect();
    }
    Some(keys)
}

/// Alternatives each of which leads to records by itself. What an earlier one finds, the later ones leave out.
fn by_alternatives(
    model: &'static ModelSchema,
    conditions: &[Condition],
    order: &[Order],
    depth: usize,
) -> impl Iterator<Item = Found> {
    let places = if depth == 0 { 0 } else { conditions.len() };
    conditions.iter().take(places).enumerate().filter_map(move |(place, condition)| {
        let Condition::Or(alternatives) = condition else { return None };
        // One that is about no key leads nowhere that the other conditions do not lead to by themselves.
        let leads = |one: &Condition| one.fields().iter().any(|field| is_in_a_key(model, *field));
        if alternatives.len() > MAX_ALTERNATIVES || !alternatives.iter().all(leads) {
            return None;
        }
        let others = || conditions.iter().enumerate().filter(move |(other, _)| *other != place).map(|(_, one)| one);
        let mut union = Found {
            branches: Vec::new(),
            ordered: true,
            rank: Rank { class: Class::Keys, unordered: false, requests: 0 },
        };
        for (number, alternative) in alternatives.iter().enumerate() {
            let earlier = alternatives.iter().take(number).cloned().map(|one| Condition::Not(Box::new(one)));
            let all = others().chain([alternative]).cloned().chain(earlier).collect();
            let found = conjunction(model, parts(simplify(Condition::And(all))), order, depth - 1);
            if found.rank.class == Class::Scan {
                return None;
            }
            union.ordered &= found.ordered;
            union.rank.class = union.rank.class.max(found.rank.class);
            union.rank.requests += found.rank.requests;
            union.branches.extend(found.branches);
        }
        union.rank.unordered = !union.ordered;
        Some(union)
    })
}

/// Whether the field is the id or part of a unique constraint or of an index.
fn is_in_a_key(model: &ModelSchema, field: usize) -> bool {
    model.id() == field
        || model.uniques().iter().any(|constraint| constraint.fields().contains(&field))
        || model.indexes().iter().any(|index| index.hash() == field || index.range() == Some(field))
}

fn scan(model: &'static ModelSchema, conditions: Vec<Condition>, order: &[Order]) -> Found {
    let (filter, residual) = fitting(model, conditions);
    let rank = Rank { class: Class::Scan, unordered: !order.is_empty(), requests: usize::MAX };
    Found { branches: vec![Branch { access: Access::Scan, filter, residual }], ordered: order.is_empty(), rank }
}

/// The plan for records by one field, whose values are not known yet.
pub(crate) fn by_field(model: &'static ModelSchema, field: usize, filter: &Condition, order: &[Order]) -> Plan {
    let key = index::some_key(model, field);
    Plan::new(model, one_of(field, vec![key]).and(filter.clone()), order)
}
