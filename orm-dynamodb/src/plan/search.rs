//! The search for the best way to the records of a filter, and below each `or` for the best to those of each alternative.

use std::cell::LazyCell;

use orm::schema::ModelSchema;
use orm::{Condition, Order, Value};

use super::{Access, Branch, Ordered, index, keys};
use crate::condition::{into_parts, listed, merge, only_field, parts, simplify};
use crate::expression::{Reserved, finds_more, fitting};

/// Under an `or`, so many alternatives are looked up one by one; of more, none.
pub(super) const MAX_ALTERNATIVES: usize = 100;
/// How deep alternatives within alternatives are followed.
const MAX_DEPTH: usize = 3;
/// How many conditions are looked at for one plan, over all combinations of alternatives; then it is what has been found so
/// far.
const MAX_CONDITIONS: usize = 10_000;

/// The best branches for a condition.
pub(super) fn best(
    model: &'static ModelSchema,
    condition: Condition,
    order: &[Order],
    group: Option<usize>,
    unions: Union,
) -> Found {
    let [left, lists, spare] = [MAX_CONDITIONS; 3];
    let mut search = Search { model, order, group, unions, left, lists, spare };
    search.conjunction(into_parts(simplify(condition)), Vec::new(), MAX_DEPTH)
}

/// What is looked for, and how much may still be looked at.
struct Search<'o> {
    model: &'static ModelSchema,
    order: &'o [Order],
    /// The field whose value tells the groups of records apart that are read like these, if there are others.
    group: Option<usize>,
    unions: Union,
    /// How many more conditions it may look at.
    left: usize,
    /// And how many for the lists that the alternatives of the filter itself may be, which is the best that they can be.
    lists: usize,
    /// And how many before it scans.
    spare: usize,
}

impl Search<'_> {
    /// For conditions all of which must hold. The exclusions must hold too, but no way is looked for among their own
    /// alternatives: they only leave out what another branch finds.
    fn conjunction(&mut self, conditions: Vec<Condition>, exclusions: Vec<Condition>, depth: usize) -> Found {
        let Self { model, order, group, .. } = *self;
        #[cfg(test)]
        super::tests::CONJUNCTIONS.with(|count| count.set(count.get() + 1));
        let mut all = conditions;
        all.extend_from_slice(&exclusions);
        self.left = self.left.saturating_sub(all.len().max(1));
        let Some(mut conditions) = merge(all) else { return Found::nothing() };
        let mut said = already_said(&conditions).into_iter();
        conditions.retain(|_| !said.next().unwrap_or(false));
        let on_indexes = || index::candidates(model, &conditions, order);
        let is_of = |found: &Found, field| found.branches.iter().all(|branch| branch.access.is_on_index_of(field));
        let group = group.filter(|field| on_indexes().any(|found| found.branches.len() == 1 && is_of(&found, *field)));
        let is_of_group = |found: &Found| group.is_none_or(|field| is_of(found, field));
        let mut best = keys::candidates(model, &conditions, order)
            .chain(on_indexes().filter(is_of_group))
            // The first of equally good ones.
            .reduce(better);
        let is_outermost = depth == MAX_DEPTH;
        let named = LazyCell::new(|| keys::Named::by(model, &conditions));
        for (place, condition) in conditions.iter().enumerate() {
            let Condition::Or(alternatives) = condition else { continue };
            // Of the filter itself, also when everything has been looked at: the other way is a scan.
            if exclusions.contains(condition) || self.left == 0 && !is_outermost {
                continue;
            }
            // One that is about no key leads nowhere that the other conditions do not lead to by themselves.
            let leads = |one: &Condition| one.any_field(&mut |field| is_in_a_key(model, field));
            let mut union = None;
            if depth > 0 && alternatives.len() <= MAX_ALTERNATIVES && alternatives.iter().all(leads) {
                union = self.union(&conditions, place, alternatives, &exclusions, depth);
            }
            best = best.into_iter().chain(union).reduce(better);
            let left = if is_outermost { &mut self.lists } else { &mut self.left };
            if best.is_none() || *left > 0 {
                let listed: Vec<Found> =
                    keys::of_alternatives(model, &conditions, &named, alternatives, order).collect();
                *left = left.saturating_sub(listed.len() * (alternatives.len() + conditions.len()));
                best = best.into_iter().chain(listed).reduce(better);
            }
        }
        if best.is_none() {
            // Instead of a scan: for each value of an index's first field that an `or` names.
            let left = if is_outermost { &mut self.spare } else { &mut self.left };
            let is_own = |place: &usize| conditions.get(*place).is_some_and(|one| !exclusions.contains(one));
            let mut places = (0..conditions.len()).filter(is_own);
            best = places.find_map(|place| index::of_alternatives(model, &conditions, place, order, left));
        }
        best.unwrap_or_else(|| scan(model, conditions, order))
    }

    /// Alternatives each of which leads to records by itself.
    fn union(
        &mut self,
        conditions: &[Condition],
        place: usize,
        alternatives: &[Condition],
        exclusions: &[Condition],
        depth: usize,
    ) -> Option<Found> {
        if self.left == 0 {
            return None;
        }
        let mut others = without(conditions, place);
        others.retain(|condition| !exclusions.contains(condition));
        let mut excluded = exclusions.to_vec();
        let overlaps = self.unions == Union::Overlapping;
        let mut union = Found { overlaps, ..Found::nothing() };
        for (place, alternative) in alternatives.iter().enumerate() {
            if self.left == 0 {
                return None;
            }
            if overlaps && is_part_of_another(alternatives, place) {
                continue;
            }
            let all = others.iter().chain([alternative]).cloned().collect();
            let found = self.conjunction(into_parts(simplify(Condition::And(all))), excluded.clone(), depth - 1);
            if found.rank.class == Class::Scan {
                return None;
            }
            union.add(found);
            if self.unions == Union::Disjoint {
                excluded.extend(into_parts(simplify(Condition::Not(Box::new(alternative.clone())))));
            }
        }
        Some(union)
    }
}

/// Whether the records of an alternative are among those of another one, because it says the same and more.
fn is_part_of_another(alternatives: &[Condition], place: usize) -> bool {
    let Some(own) = alternatives.get(place).map(parts) else { return false };
    alternatives.iter().map(parts).enumerate().any(|(other, others)| {
        let says_less = others.len() < own.len() || others.len() == own.len() && other < place;
        says_less && others.iter().all(|one| own.contains(one))
    })
}

pub(super) fn without(conditions: &[Condition], place: usize) -> Vec<Condition> {
    conditions.iter().take(place).chain(conditions.iter().skip(place + 1)).cloned().collect()
}

pub(super) fn better(best: Found, next: Found) -> Found {
    if next.rank < best.rank { next } else { best }
}

/// Of each condition whether it is an `Or` that says nothing new: one of its alternatives holds for the only value that the
/// conditions leave to its field. Exclusions of records with another value are such.
fn already_said(conditions: &[Condition]) -> Vec<bool> {
    let only = |one| if let Some((field, [value])) = listed(one) { Some((field, value)) } else { None };
    let fixed: Vec<(usize, &Value)> = conditions.iter().filter_map(only).collect();
    let holds = |one: &Condition| {
        let field = only_field(one);
        fixed.iter().any(|(of, value)| field == Some(*of) && one.holds(&|_| value))
    };
    conditions.iter().map(|one| matches!(one, Condition::Or(any) if any.iter().any(holds))).collect()
}

/// The branches for conditions that must all hold.
pub(super) struct Found {
    pub(super) branches: Vec<Branch>,
    pub(super) rank: Rank,
    pub(super) overlaps: bool,
}

impl Found {
    /// No record can match.
    pub(super) const fn nothing() -> Self {
        Self { branches: Vec::new(), rank: Rank::new(Class::Key, Ordered::Wholly, 0), overlaps: false }
    }

    /// These as well.
    pub(super) fn add(&mut self, other: Self) {
        if self.branches.is_empty() || other.branches.is_empty() {
            // The one that is something.
            self.rank = self.rank.max(other.rank);
        } else {
            let (all, one) = (self.rank, other.rank);
            self.rank = Rank {
                class: all.class.max(one.class).max(Class::Keys),
                unordered: all.unordered || one.unordered,
                requests: all.requests.saturating_add(one.requests),
                ordered: all.ordered.max(one.ordered),
            };
        }
        self.branches.extend(other.branches);
    }
}

/// What makes one way better than another, the most important first; less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    class: Class,
    unordered: bool,
    requests: usize,
    pub(super) ordered: Ordered,
}

impl Rank {
    pub(super) const fn new(class: Class, ordered: Ordered, requests: usize) -> Self {
        Self { class, unordered: !matches!(ordered, Ordered::Wholly), requests, ordered }
    }

    /// All keys have to be looked up in any case: an order makes no difference to what it takes.
    pub(super) const fn of_keys(class: Class, ordered: Ordered, requests: usize) -> Self {
        Self { ordered, ..Self::new(class, Ordered::Wholly, requests) }
    }
}

/// What becomes of records that two alternatives find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Union {
    /// The later one leaves them out.
    Disjoint,
    /// Both have them.
    Overlapping,
}

/// Ways to records, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// One record at most.
    Key,
    /// As many records as there are keys, at most.
    Keys,
    /// A part of what an index holds for one value.
    NarrowIndex,
    /// All that an index holds for one value.
    Index,
    /// The whole table.
    Scan,
}

/// Whether the field is the id or part of a unique constraint or of an index.
fn is_in_a_key(model: &ModelSchema, field: usize) -> bool {
    model.id() == field
        || model.uniques().iter().any(|constraint| constraint.fields().contains(&field))
        || model.indexes().iter().any(|index| index.hash() == field || index.range() == Some(field))
}

/// Splits conditions into what DynamoDB filters and what is evaluated here, which may be the same.
pub(super) fn filters(model: &'static ModelSchema, conditions: Vec<Condition>) -> (Vec<Condition>, Vec<Condition>) {
    let (filter, mut residual) = fitting(model, conditions, Reserved::FOR_A_READ);
    residual.extend(filter.iter().filter(|condition| finds_more(model, condition)).cloned());
    (filter, residual)
}

fn scan(model: &'static ModelSchema, conditions: Vec<Condition>, order: &[Order]) -> Found {
    let (filter, residual) = filters(model, conditions);
    let (filter, residual) = (filter.into(), residual.into());
    let ordered = if order.is_empty() { Ordered::Wholly } else { Ordered::Not };
    let rank = Rank::new(Class::Scan, ordered, usize::MAX);
    Found { branches: vec![Branch { access: Access::Scan, filter, residual, ordered }], rank, overlaps: false }
}
