//! Decides how to find records: by id, by lock, on an index, by several of these, or by a scan.

mod advice;
mod index;
mod keys;
mod search;
#[cfg(test)]
mod tests;

pub(crate) use advice::{Advice, advice};
pub(crate) use index::{IndexAccess, Range, can_be_in_index, relevant_order};
pub(crate) use keys::MAX_PRODUCT;

use std::sync::Arc;

use orm::driver::Context;
use orm::schema::{ModelSchema, UniqueSchema};
use orm::{Condition, Error, ErrorCode, Order, Value};

use crate::condition::{into_parts, listed, one_of, only_field, simplify};
use crate::error::about;
use search::Union;

/// How the records of a query are found, and what remains to be done with them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    /// The ways to the records. With none, no record can match.
    pub(crate) branches: Vec<Branch>,
    pub(crate) sorting: Sorting,
    /// Whether the query has a filter, be it one that holds for all records.
    pub(crate) is_filtered: bool,
    /// Whether a record may be found by two of the branches. Only `read::merge` shows it once: such a plan is not to be
    /// collected or counted.
    pub(crate) overlaps: bool,
}

/// One way to records.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Branch {
    pub(crate) access: Access,
    /// What DynamoDB filters, after reading. Shared: there may be a branch for each of many values.
    pub(crate) filter: Arc<[Condition]>,
    /// What is evaluated here.
    pub(crate) residual: Arc<[Condition]>,
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

/// How far a branch is in the order of the query; less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ordered {
    Wholly,
    /// By the first field of the order that makes a difference.
    AtFirst,
    Not,
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
            let (filter, residual) = (Arc::default(), [condition].into());
            let branch = Branch { access, filter, residual, ordered: Ordered::Wholly };
            return Self { branches: vec![branch], sorting: Sorting::Any, is_filtered: true, overlaps: false };
        }
        let is_filtered = condition != Condition::always();
        let found = search::best(model, condition, order, group, unions);
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
        Self { branches: found.branches, sorting, is_filtered, overlaps: found.overlaps }
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
        Some(Self { branches: vec![branch], ..*self })
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

    /// Whether each of its branches is a query of an index for one place in it, in the order of which this one begins.
    pub(crate) fn is_at_one_place(&self, order: &[Order]) -> bool {
        self.branches.iter().all(|branch| branch.is_at_one_place(order))
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

    /// Whether it is a query of an index for one value of a field that this order begins with, besides such as are the same in
    /// all of its records.
    fn is_at_one_place(&self, order: &[Order]) -> bool {
        let Access::Index(access) = &self.access else { return false };
        let only = |field: usize| move |(of, values): (usize, &[Value])| of == field && values.len() == 1;
        let is_fixed =
            |field: usize| access.index.hash() == field || self.conditions().filter_map(listed).any(only(field));
        let mut fields = order.iter().map(|order| order.field);
        let first = fields.find(|field| access.has_one_value_of(*field) || !is_fixed(*field));
        first.is_some_and(|field| access.has_one_value_of(field))
    }

    /// All that its records have to fulfil besides the access.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.filter.iter().chain(&*self.residual)
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

/// The plan for records by one field, whose values are not known yet: nor is what the filter says of them.
pub(crate) fn by_field(model: &'static ModelSchema, field: usize, filter: &Condition, order: &[Order]) -> Plan {
    let key = one_of(field, [index::some_key(model, field)].into());
    let others = into_parts(simplify(filter.clone())).into_iter().filter(|part| only_field(part) != Some(field));
    Plan::of_group(model, field, Condition::And(std::iter::once(key).chain(others).collect()), order)
}
