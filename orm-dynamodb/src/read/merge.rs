//! Records in an order that several queries give together, or that one begins.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError};

use futures_util::stream::{self, StreamExt, TryStreamExt};
use orm::driver::{Find, Keyset, Part};
use orm::{Error, Order, Rows, Value};

use super::columns::{Checks, Columns};
use super::keys::{self, BatchSizes};
use super::pages::Pages;
use super::top_n::TopN;
use crate::attribute::from_attribute;
use crate::item;
use crate::key::{PARTITION_KEY, record_key};
use crate::operation::READS_AT_ONCE;
use crate::plan::{Access, Branch, Ordered, Plan};
use crate::table::{Item, Table};

/// How many records a stream gets at once where several queries are merged for it, of all of them together, and how many
/// of each at least and at most.
const MERGED: usize = 4000;
const OF_EACH: RangeInclusive<usize> = 200..=1000;
/// How many more records are asked for, at first, where those that are equal in the order go on.
const MORE_EQUALS: usize = 16;

/// The first records of a query, found as this plan says: that of its filter, or of a narrower one.
pub(super) async fn first(table: &Table<'_>, find: &Find, plan: &Plan, size: usize) -> Result<Rows, Error> {
    let columns = columns(find, plan);
    let (order, enough) = (&find.order, Mutex::default());
    let merge = Merge { table, columns: &columns, order, after: None, size, goes_on: false, enough };
    let (mut found, _) = merge.all(plan).await?;
    found.truncate(size);
    Ok(rows(find, found))
}

fn columns(find: &Find, plan: &Plan) -> Columns {
    Columns::new(find.model, &find.fields, plan, &find.order).with_keys(plan, &find.order)
}

fn rows(find: &Find, found: Vec<Entry>) -> Rows {
    let mut rows = Rows::new(find.fields.len());
    rows.reserve(found.len());
    found.into_iter().for_each(|(_, values)| rows.push(values));
    rows
}

/// What the branches of a plan have after a position, in order.
pub(super) async fn merged(
    table: &Table<'_>,
    find: &Find,
    plan: &Plan,
    after: Option<&Keyset>,
    size: Option<usize>,
) -> Result<Part, Error> {
    let columns = columns(find, plan);
    let most = size.unwrap_or_else(|| (MERGED / plan.branches.len().max(1)).clamp(*OF_EACH.start(), *OF_EACH.end()));
    let (order, enough) = (&find.order, Mutex::default());
    let merge = Merge { table, columns: &columns, order, after, size: most, goes_on: true, enough };
    let (mut found, horizon) = merge.all(plan).await?;
    if let Some(horizon) = &horizon {
        found.retain(|(here, _)| here.compare(&find.order, horizon).is_le());
    }
    let more = horizon.is_some() || size.is_some_and(|size| found.len() > size);
    found.truncate(size.unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more).map(|(last, _)| last.position());
    Ok(Part { rows: rows(find, found), next })
}

/// What is merged: of each branch the first `size` records after a position, in the order of the query and, where that does
/// not tell, of their keys.
struct Merge<'m> {
    table: &'m Table<'m>,
    columns: &'m Columns,
    order: &'m [Order],
    after: Option<&'m Keyset>,
    size: usize,
    /// Whether a later part goes on after these: then it matters whether there is more, and which of those that are equal in
    /// the order come first. Without it any of them will do.
    goes_on: bool,
    /// The nearest place up to which one of the branches has as many by itself as are kept.
    enough: Mutex<Option<Keyset>>,
}

/// A record, by its place in the order.
type Entry = (Keyset, Vec<Value>);

impl Merge<'_> {
    /// The first records of all branches in order, each once, and the first place at which one of the branches has more, if
    /// one has: up to there all that there is has been read.
    async fn all(&self, plan: &Plan) -> Result<(Vec<Entry>, Option<Keyset>), Error> {
        let reads: Vec<_> = plan.branches.iter().map(|branch| self.first(branch)).collect();
        let mut branches = stream::iter(reads).buffered(READS_AT_ONCE);
        let (mut found, mut horizon): (Vec<Entry>, Option<Keyset>) = (Vec::new(), None);
        while let Some((records, more)) = branches.try_next().await? {
            if more && let Some((last, _)) = records.last() {
                let is_nearer = horizon.as_ref().is_none_or(|horizon| last.compare(self.order, horizon).is_lt());
                horizon = if is_nearer { Some(last.clone()) } else { horizon };
            }
            found.extend(records);
        }
        found.sort_by(|(a, _), (b, _)| a.compare(self.order, b));
        if plan.overlaps {
            let mut seen = HashSet::with_capacity(found.len());
            found.retain(|(here, _)| seen.insert(here.key.clone()));
        }
        Ok((found, horizon))
    }

    /// The first records of a branch, and whether there are more, if that is of interest.
    async fn first(&self, branch: &Branch) -> Result<(Vec<Entry>, bool), Error> {
        let in_order = |(a, _): &Entry, (b, _): &Entry| a.compare(self.order, b);
        let mut best = TopN::new(self.kept(), in_order);
        if branch.access.is_by_key() {
            self.by_key(branch, &mut best).await?;
        } else {
            self.page_by_page(branch, &mut best).await?;
        }
        let mut records = best.into_sorted();
        if let Some((last, _)) = records.last().filter(|_| records.len() == self.kept()) {
            self.has_enough_up_to(last);
        }
        let more = records.len() > self.size;
        records.truncate(self.size);
        Ok((records, more))
    }

    /// How many records are kept: one more than is wanted tells whether there is more.
    fn kept(&self) -> usize {
        self.size.saturating_add(usize::from(self.goes_on))
    }

    /// How many fields of the order a query in order tells apart: up to that of its index. Those before it are the same in
    /// all of its records.
    fn given_by(&self, branch: &Branch) -> usize {
        let range = match &branch.access {
            Access::Index(access) => access.index.range(),
            _ => None,
        };
        let place = self.order.iter().position(|order| Some(order.field) == range);
        place.map_or(self.order.len(), |place| place + 1)
    }

    async fn by_key<F>(&self, branch: &Branch, best: &mut TopN<Entry, F>) -> Result<(), Error>
    where
        F: Fn(&Entry, &Entry) -> Ordering,
    {
        let Self { table, columns, .. } = self;
        let keys = branch.access.count();
        let mut sizes = match branch.ordered {
            Ordered::Wholly => BatchSizes::wanting(self.kept(), std::slice::from_ref(branch), columns.model),
            Ordered::AtFirst | Ordered::Not => BatchSizes::all(),
        };
        let (mut start, mut found) = (0, 0);
        while start < keys && (branch.ordered != Ordered::Wholly || found < self.kept()) {
            let end = keys.min(start.saturating_add(sizes.next()));
            let keyed = keys::records(table, columns, branch, start..end).await?;
            start = end;
            for values in keyed.rows.iter() {
                let here = self.keyset(record_key(columns.value(values, columns.model.id())), values);
                if self.is_after(&here) {
                    found += 1;
                    best.push((here, values.to_vec()));
                }
            }
        }
        Ok(())
    }

    async fn page_by_page<F>(&self, branch: &Branch, best: &mut TopN<Entry, F>) -> Result<(), Error>
    where
        F: Fn(&Entry, &Entry) -> Ordering,
    {
        let Self { table, columns, .. } = self;
        let checks = Checks::new(branch);
        let mut pages = Pages::new(table, Some(columns), branch, None, None);
        let (in_order, given) = (branch.is_in_order(), self.given_by(branch));
        // Where nothing goes on after them, any of those that are equal will do.
        let tells_equals_apart = self.goes_on || branch.ordered != Ordered::Wholly;
        let (mut pushed, mut last): (usize, Option<Keyset>) = (0, None);
        // Besides those that are kept: the one that the position is of, and the one after them, which tells that there are
        // no more that are equal in the order. Of these there may be however many.
        let enough = self.kept().saturating_add(usize::from(tells_equals_apart));
        let mut wanted = enough.saturating_add(usize::from(self.after.is_some()));
        let mut more = MORE_EQUALS;
        while let Some(page) = pages.next(in_order.then_some(wanted)).await? {
            for item in page.items {
                let key = item::text(&item, PARTITION_KEY).unwrap_or_default().to_owned();
                let values = columns.decode(item)?;
                let here = self.keyset(key, &values);
                if !columns.pass(&checks, &values) || !self.is_after(&here) {
                    continue;
                }
                // Records with equal values come in no particular order: only what comes after them can be left out.
                if last.as_ref().is_some_and(|last| last.values.get(..given) != here.values.get(..given)) {
                    return Ok(());
                }
                pushed += 1;
                let is_enough = in_order && pushed == self.kept();
                if is_enough {
                    last = Some(here.clone());
                }
                best.push((here, values));
                if is_enough {
                    best.last().into_iter().for_each(|(place, _)| self.has_enough_up_to(place));
                    if !tells_equals_apart {
                        return Ok(());
                    }
                }
            }
            if in_order && pages.position().is_some_and(|last| self.is_beyond_enough(branch, last)) {
                return Ok(());
            }
            wanted = enough.saturating_sub(pushed).max(more);
            more = more.saturating_mul(4);
        }
        Ok(())
    }

    fn has_enough_up_to(&self, place: &Keyset) {
        let mut enough = self.enough.lock().unwrap_or_else(PoisonError::into_inner);
        if enough.as_ref().is_none_or(|enough| place.compare(self.order, enough).is_lt()) {
            *enough = Some(place.clone());
        }
    }

    /// Whether all that a query in order has after this item of its index comes after enough of another branch.
    fn is_beyond_enough(&self, branch: &Branch, last: &Item) -> bool {
        let enough = self.enough.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some(enough), Access::Index(access)) = (&*enough, &branch.access) else { return false };
        let model = self.columns.model;
        let value = |field| match field {
            _ if field == access.index.hash() => Some(access.hash.clone()),
            _ if Some(field) == access.index.range() => {
                let attribute = last.get(model.field(field).column())?.clone();
                from_attribute(model.field(field).kind(), attribute).ok()
            }
            _ => None,
        };
        for (order, enough) in self.order.iter().zip(&enough.values).take(self.given_by(branch)) {
            let Some(here) = value(order.field) else { return false };
            match Order::compare(&[*order], |_| &here, |_| enough) {
                Ordering::Equal => {}
                ordering => return ordering.is_gt(),
            }
        }
        false
    }

    fn keyset(&self, key: String, values: &[Value]) -> Keyset {
        let values = self.order.iter().map(|order| self.columns.value(values, order.field).clone()).collect();
        Keyset { values, key }
    }

    fn is_after(&self, here: &Keyset) -> bool {
        self.after.is_none_or(|after| here.compare(self.order, after) == Ordering::Greater)
    }
}
