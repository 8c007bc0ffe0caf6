//! Decides how to find records: by id, by lock, on an index, by several of these, or by a scan.

mod advice;
mod explain;
mod index;
mod keys;
#[cfg(test)]
mod tests;

pub(crate) use advice::advice;
pub(crate) use explain::explain_query;
pub(crate) use index::{IndexAccess, Range, can_be_in_index, relevant_order};
pub(crate) use keys::MAX_PRODUCT;

use std::sync::Arc;

use orm::driver::Context;
use orm::schema::{ModelSchema, UniqueSchema};
use orm::{Condition, Error, ErrorCode, Order, Value};

use crate::condition::{listed, merge, one_of, only_field, simplify};
use crate::error::about;
use crate::expression::{Reserved, finds_more, fitting};

/// Under an `or`, so many alternatives are looked up one by one; of more, none.
pub(crate) const MAX_ALTERNATIVES: usize = 100;
/// How deep alternatives within alternatives are followed.
const MAX_DEPTH: usize = 3;
/// How many conditions are looked at for one plan, over all combinations of alternatives; then it is what has been found so
/// far.
const MAX_CONDITIONS: usize = 10_000;
/// How the records of a query are found, and what remains to be done with them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    /// The ways to the records. With none, no record can match.
    pub(crate) branches: Vec<Branch>,
    pub(crate) sorting: Sorting,
    /// Whether a record may be found by two of the branches. Only `read::merge` shows it once: such a plan is not to be
    /// collected or counted.
    pub(crate) overlaps: bool,
}

/// One way to records.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Branch {
    pub(crate) access: Access,
    /// What DynamoDB filters, after reading.
    pub(crate) filter: Vec<Condition>,
    /// What is evaluated here.
    pub(crate) residual: Vec<Condition>,
    /// How far it gives its records in the order of the query.
    pub(crate) ordered: Ordered,
}

/// How records are found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Access {
    /// The records with these ids.
    Ids(Arc<[Value]>),
    /// The records that hold the locks of these values of a constraint: those of its fields, key after key.
    Locks(&'static UniqueSchema, Arc<[Value]>),
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
    /// Each branch gives them in this order; several are merged.
    Native,
    /// Each branch gives them in this order or in one that begins the same: what is equal in that is put in order here.
    Begun,
    /// At least one branch does not give them in order: its records are all read, and put in order here.
    Here,
}

impl Plan {
    /// The plan for all records of a query: none is found twice.
    pub(crate) fn new(model: &'static ModelSchema, condition: Condition, order: &[Order]) -> Self {
        Self::search(model, condition, order, None, Union::Disjoint)
    }

    /// The plan for as many records of a query as are wanted.
    pub(crate) fn of_some(
        model: &'static ModelSchema,
        condition: Condition,
        order: &[Order],
        take: Option<usize>,
    ) -> Self {
        match take {
            Some(_) => Self::of_first(model, condition, order),
            None => Self::new(model, condition, order),
        }
    }

    /// The plan for the first records of a query. A branch that is in order has them at its beginning, and what leaves out
    /// the records of another branch would be a filter over all that it reads: they may overlap.
    pub(crate) fn of_first(model: &'static ModelSchema, condition: Condition, order: &[Order]) -> Self {
        if order.is_empty() {
            return Self::new(model, condition, order);
        }
        let plan = Self::search(model, condition.clone(), order, None, Union::Overlapping);
        if !plan.overlaps || plan.branches.iter().any(Branch::is_in_order) {
            return plan;
        }
        Self::new(model, condition, order)
    }

    /// The plan for the records of one of many groups, each of which has its own value of this field. If they are one query of
    /// an index for that, other indexes are left alone: they would be read once more for each group.
    pub(crate) fn of_group(model: &'static ModelSchema, by: usize, condition: Condition, order: &[Order]) -> Self {
        Self::search(model, condition, order, Some(by), Union::Disjoint)
    }

    fn search(
        model: &'static ModelSchema,
        condition: Condition,
        order: &[Order],
        group: Option<usize>,
        unions: Union,
    ) -> Self {
        if let Some(access) = keys::by_one_value(model, &condition) {
            let branch = Branch { access, filter: Vec::new(), residual: vec![condition], ordered: Ordered::Wholly };
            return Self { branches: vec![branch], sorting: Sorting::Any, overlaps: false };
        }
        let found = Search { model, order, group, unions, left: MAX_CONDITIONS, spare: MAX_CONDITIONS }.conjunction(
            into_parts(simplify(condition)),
            Vec::new(),
            MAX_DEPTH,
        );
        let sorting = match order {
            [] => Sorting::Any,
            // One record, or none, is in every order.
            _ if found.branches.len() <= 1 && found.branches.iter().all(|branch| branch.access.is_single()) => {
                Sorting::Any
            }
            _ => match found.rank.ordered {
                Ordered::Wholly => Sorting::Native,
                Ordered::AtFirst => Sorting::Begun,
                Ordered::Not => Sorting::Here,
            },
        };
        Self { branches: found.branches, sorting, overlaps: found.overlaps }
    }

    /// The plan for another value of this field, of which the query says nothing else: if this one is a query of an index
    /// for the value, and the index can hold the other one too.
    pub(crate) fn for_another(&self, model: &'static ModelSchema, field: usize, value: &Value) -> Option<Self> {
        let [Branch { access: Access::Index(access), filter, residual, ordered }] = self.branches.as_slice() else {
            return None;
        };
        if access.index.hash() != field || !can_be_in_index(model, field, value) {
            return None;
        }
        let IndexAccess { index, range, descending, .. } = access;
        let access = IndexAccess { index, hash: value.clone(), range: range.clone(), descending: *descending };
        let (filter, residual) = (filter.clone(), residual.clone());
        let branch = Branch { access: Access::Index(access), filter, residual, ordered: *ordered };
        Some(Self { branches: vec![branch], sorting: self.sorting, overlaps: self.overlaps })
    }

    pub(crate) fn scans(&self) -> bool {
        self.branches.iter().any(|branch| branch.access == Access::Scan)
    }

    /// Whether the first records of the branches that are in order are merged, with all that others have: no more is read of
    /// these than it takes.
    pub(crate) fn is_merged(&self) -> bool {
        match self.sorting {
            Sorting::Any => false,
            Sorting::Native => self.branches.len() > 1,
            Sorting::Begun => true,
            Sorting::Here => self.branches.iter().any(Branch::is_in_order),
        }
    }

    /// Whether all of its records are looked up by key.
    pub(crate) fn is_by_key(&self) -> bool {
        self.branches.iter().all(|branch| branch.access.is_by_key())
    }

    /// Whether some of its records are read on an index, as those of one value of this field, or it has none at all.
    pub(crate) fn is_of_group(&self, field: usize) -> bool {
        self.branches.is_empty() || self.branches.iter().any(|branch| branch.access.is_on_index_of(field))
    }

    /// Refuses a consistent read where there is none.
    pub(crate) fn check_consistency(&self, model: &'static ModelSchema, context: &Context) -> Result<(), Error> {
        let is_index = |branch: &Branch| matches!(branch.access, Access::Index(_));
        if !context.is_consistent() || !self.branches.iter().any(is_index) {
            return Ok(());
        }
        let message = format!(
            "this query of `{}` reads an index, and DynamoDB's indexes follow their table after a moment: they have no \
             consistent reads. Leave `.consistent()` out, or find the records by id or unique key",
            model.name()
        );
        Err(about(model, ErrorCode::InvalidQuery, message))
    }
}

impl Branch {
    /// Whether what is read is exactly what is wanted, so that a limit can be passed on.
    pub(crate) fn is_exact(&self) -> bool {
        self.filter.is_empty() && self.residual.is_empty()
    }

    /// Whether it gives its records in the order of the query, or in one that begins the same.
    pub(crate) fn is_in_order(&self) -> bool {
        self.ordered != Ordered::Not
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

    /// The fields of its keys, and the keys, one after the other.
    pub(crate) fn keys(&self, model: &'static ModelSchema) -> Option<(&'static [usize], &Arc<[Value]>)> {
        match self {
            Self::Ids(ids) => Some((model.id_constraint(), ids)),
            Self::Locks(constraint, values) => Some((constraint.fields(), values)),
            Self::Index(_) | Self::Scan => None,
        }
    }

    /// Whether it is a query of an index for one value of this field.
    pub(crate) fn is_on_index_of(&self, field: usize) -> bool {
        matches!(self, Self::Index(access) if access.index.hash() == field || access.has_one_value_of(field))
    }

    /// How many keys it has.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::Ids(ids) => ids.len(),
            Self::Locks(constraint, values) => values.len() / constraint.fields().len().max(1),
            Self::Index(_) | Self::Scan => 0,
        }
    }

    /// Whether it leads to one record at most.
    fn is_single(&self) -> bool {
        self.is_by_key() && self.count() <= 1
    }
}

/// The branches for conditions that must all hold.
struct Found {
    branches: Vec<Branch>,
    rank: Rank,
    overlaps: bool,
}

impl Found {
    /// No record can match.
    const fn nothing() -> Self {
        Self { branches: Vec::new(), rank: Rank::new(Class::Keys, Ordered::Wholly, 0), overlaps: false }
    }

    /// These as well.
    fn add(&mut self, other: Self) {
        let (all, one) = (self.rank, other.rank);
        let requests = all.requests.saturating_add(one.requests);
        self.rank = Rank::new(all.class.max(one.class), all.ordered.max(one.ordered), requests);
        self.branches.extend(other.branches);
    }
}

/// What makes one way better than another, the most important first; less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    class: Class,
    unordered: bool,
    requests: usize,
    ordered: Ordered,
}

impl Rank {
    const fn new(class: Class, ordered: Ordered, requests: usize) -> Self {
        Self { class, unordered: !matches!(ordered, Ordered::Wholly), requests, ordered }
    }
}

/// How far a branch is in the order of the query; less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ordered {
    Wholly,
    /// By the first field of the order that makes a difference.
    AtFirst,
    Not,
}

/// What becomes of records that two alternatives find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Union {
    /// The later one leaves them out.
    Disjoint,
    /// Both have them.
    Overlapping,
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

/// The conditions all of which must hold.
fn parts(condition: &Condition) -> &[Condition] {
    if let Condition::And(parts) = condition { parts } else { std::slice::from_ref(condition) }
}

/// The same of one that is no longer needed.
fn into_parts(condition: Condition) -> Vec<Condition> {
    match condition {
        Condition::And(parts) => parts,
        Condition::Or(parts) if parts.is_empty() => vec![Condition::Or(parts)],
        one => vec![one],
    }
}

/// The search for the best branches.
struct Search<'o> {
    model: &'static ModelSchema,
    order: &'o [Order],
    /// The field whose value tells the groups of records apart that are read like these, if there are others.
    group: Option<usize>,
    unions: Union,
    /// How many more conditions it may look at.
    left: usize,
    /// And how many before it scans.
    spare: usize,
}

impl Search<'_> {
    /// For conditions all of which must hold. The exclusions must hold too, but no way is looked for among their own
    /// alternatives: they only leave out what another branch finds.
    fn conjunction(&mut self, conditions: Vec<Condition>, exclusions: Vec<Condition>, depth: usize) -> Found {
        let Self { model, order, group, .. } = *self;
        #[cfg(test)]
        tests::CONJUNCTIONS.with(|count| count.set(count.get() + 1));
        let never = |condition: &Condition| matches!(condition, Condition::Or(any) if any.is_empty());
        let mut all = conditions;
        all.extend_from_slice(&exclusions);
        self.left = self.left.saturating_sub(all.len().max(1));
        let merged = if all.iter().any(never) { None } else { merge(all) };
        let Some(mut conditions) = merged else { return Found::nothing() };
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
        for (place, condition) in conditions.iter().enumerate() {
            let Condition::Or(alternatives) = condition else { continue };
            // Of the filter itself, also when everything has been looked at: the other way is a scan.
            let is_outermost = depth == MAX_DEPTH;
            if exclusions.contains(condition) || self.left == 0 && !is_outermost {
                continue;
            }
            // One that is about no key leads nowhere that the other conditions do not lead to by themselves.
            let leads = |one: &Condition| one.any_field(&mut |field| is_in_a_key(model, field));
            let mut union = None;
            if depth > 0 && alternatives.len() <= MAX_ALTERNATIVES && alternatives.iter().all(leads) {
                union = self.union(&conditions, place, alternatives, &exclusions, depth);
            }
            let listed: Vec<Found> = keys::of_alternatives(model, &conditions, alternatives, order).collect();
            self.left = self.left.saturating_sub(listed.len() * alternatives.len());
            best = best.into_iter().chain(union).chain(listed).reduce(better);
            if best.is_none() {
                // Instead of a scan: for each value of an index's first field.
                let left = if is_outermost { &mut self.spare } else { &mut self.left };
                best = index::of_alternatives(model, &conditions, place, order, left);
            }
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

fn without(conditions: &[Condition], place: usize) -> Vec<Condition> {
    conditions.iter().take(place).chain(conditions.iter().skip(place + 1)).cloned().collect()
}

fn better(best: Found, next: Found) -> Found {
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

/// The values that a field must have one of.
fn allowed(conditions: &[Condition], field: usize) -> Option<&[Value]> {
    conditions.iter().filter_map(listed).find(|(of, _)| *of == field).map(|(_, values)| values)
}

/// The same as a list to keep.
fn allowed_list(conditions: &[Condition], field: usize) -> Option<Arc<[Value]>> {
    conditions.iter().find_map(|condition| match condition {
        Condition::Compare(index, orm::Comparison::Eq, value) if *index == field => Some([value.clone()].into()),
        Condition::In(index, values) if *index == field => Some(Arc::clone(values)),
        _ => None,
    })
}

/// Whether the field is the id or part of a unique constraint or of an index.
fn is_in_a_key(model: &ModelSchema, field: usize) -> bool {
    model.id() == field
        || model.uniques().iter().any(|constraint| constraint.fields().contains(&field))
        || model.indexes().iter().any(|index| index.hash() == field || index.range() == Some(field))
}

/// How many alternatives there are, where each leads to records by itself and only their number is in the way.
pub(crate) fn too_many_alternatives(model: &ModelSchema, condition: &Condition) -> Option<usize> {
    let Condition::Or(alternatives) = condition else { return None };
    let leads = |one: &Condition| {
        let all = parts(one);
        let is_known = |field: usize| allowed(all, field).is_some();
        is_known(model.id())
            || model.uniques().iter().any(|constraint| constraint.fields().iter().all(|field| is_known(*field)))
            || model.indexes().iter().any(|index| is_known(index.hash()))
    };
    (alternatives.len() > MAX_ALTERNATIVES && alternatives.iter().all(leads)).then_some(alternatives.len())
}

/// Splits conditions into what DynamoDB filters and what is evaluated here, which may be the same.
fn filters(model: &'static ModelSchema, conditions: Vec<Condition>) -> (Vec<Condition>, Vec<Condition>) {
    let (filter, mut residual) = fitting(model, conditions, Reserved::FOR_A_READ);
    residual.extend(filter.iter().filter(|condition| finds_more(model, condition)).cloned());
    (filter, residual)
}

fn scan(model: &'static ModelSchema, conditions: Vec<Condition>, order: &[Order]) -> Found {
    let (filter, residual) = filters(model, conditions);
    let ordered = if order.is_empty() { Ordered::Wholly } else { Ordered::Not };
    let rank = Rank::new(Class::Scan, ordered, usize::MAX);
    Found { branches: vec![Branch { access: Access::Scan, filter, residual, ordered }], rank, overlaps: false }
}

/// The plan for records by one field, whose values are not known yet: nor is what the filter says of them.
pub(crate) fn by_field(model: &'static ModelSchema, field: usize, filter: &Condition, order: &[Order]) -> Plan {
    let key = one_of(field, [index::some_key(model, field)].into());
    let others = into_parts(simplify(filter.clone())).into_iter().filter(|part| only_field(part) != Some(field));
    Plan::of_group(model, field, Condition::And(std::iter::once(key).chain(others).collect()), order)
}
