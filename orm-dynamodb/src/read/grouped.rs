//! The records of each of several keys, which relations are loaded with.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use orm::driver::{Find, FindGrouped, Groups};
use orm::{Condition, Error, Rows, Value};

use super::columns::Columns;
use super::{collect, keys, permit, planned};
use crate::operation::READS_AT_ONCE;
use crate::plan::{Branch, MAX_PRODUCT, Plan};
use crate::table::Table;

/// The records of a query for each of several values of one field.
pub(crate) async fn find_grouped(table: &Table<'_>, query: &FindGrouped) -> Result<Groups, Error> {
    let FindGrouped { find: inner, by, keys } = query;
    let is_key = inner.model.id() == *by || inner.model.uniques().iter().any(|constraint| constraint.fields() == [*by]);
    if is_key && keys.len() > 1 {
        return together(table, inner, *by, keys).await;
    }
    let Split { apart, rest, at_once } = split(table, query)?;
    if apart.is_empty() && rest.len() <= at_once {
        return together(table, inner, *by, keys).await;
    }
    let mut groups: Vec<Rows> = vec![Rows::default(); keys.len()];
    let mut place = |group: usize, rows: Rows| {
        if let Some(slot) = groups.get_mut(group) {
            *slot = rows;
        }
    };
    let mut found =
        stream::iter(apart)
            .map(|(group, plan, columns)| async move {
                planned(table, inner, &plan, &columns).await.map(|rows| (group, rows))
            })
            .buffer_unordered(READS_AT_ONCE);
    while let Some((group, rows)) = found.try_next().await? {
        place(group, rows);
    }
    let reads = rest.chunks(at_once).map(|some| async move {
        let keys = some.iter().filter_map(|group| keys.get(*group)).cloned().collect();
        together(table, inner, *by, &keys).await.map(|groups| some.iter().zip(groups.into_rows()))
    });
    let mut found = stream::iter(reads.collect::<Vec<_>>()).buffer_unordered(READS_AT_ONCE);
    while let Some(some) = found.try_next().await? {
        some.for_each(|(group, rows)| place(*group, rows));
    }
    Ok(groups.into_iter().collect())
}

/// Which groups have queries of their own.
struct Split {
    apart: Vec<(usize, Plan, Arc<Columns>)>,
    /// The others, whose records are looked up together, or scanned for.
    rest: Vec<usize>,
    /// How many of them at once: the lists of a filter are multiplied out to a limited number of keys.
    at_once: usize,
}

fn split(table: &Table<'_>, query: &FindGrouped) -> Result<Split, Error> {
    let FindGrouped { find: inner, by, keys } = query;
    let says_more_of_keys = inner.filter.fields().contains(by);
    let mut split = Split { apart: Vec::with_capacity(keys.len()), rest: Vec::new(), at_once: usize::MAX };
    let mut scans = false;
    for (group, key) in keys.iter().enumerate() {
        // Mostly they differ in their key alone.
        let like_the_first = split
            .apart
            .first()
            .filter(|_| !says_more_of_keys)
            .and_then(|(_, plan, columns)| Some((plan.for_another(inner.model, *by, key)?, Arc::clone(columns))));
        let (plan, columns) = like_the_first.unwrap_or_else(|| {
            let filter = Condition::Compare(*by, orm::Comparison::Eq, key.clone()).and(inner.filter.clone());
            let plan = match keys.len() {
                1 => Plan::of_some(inner.model, filter, &inner.order, inner.take),
                _ => Plan::of_group(inner.model, *by, filter, &inner.order),
            };
            let columns = Columns::new(inner.model, &inner.fields, &plan, &inner.order);
            (plan, Arc::new(columns))
        });
        if keys.len() == 1 || plan.is_of_group(*by) {
            permit(table, &plan, &inner.order)?;
            split.apart.push((group, plan, columns));
            continue;
        }
        scans |= plan.scans();
        for Branch { access, .. } in &plan.branches {
            if access.keys(inner.model).is_some_and(|(fields, _)| fields.contains(by)) {
                split.at_once = split.at_once.min(MAX_PRODUCT / access.count().clamp(1, MAX_PRODUCT));
            }
        }
        split.rest.push(group);
        if plan.is_by_key() && !says_more_of_keys {
            split.rest.extend(group + 1..keys.len());
            break;
        }
    }
    if scans {
        split.at_once = usize::MAX;
    }
    Ok(split)
}

/// All keys in one go, by id, by lock or in one scan; then each group by itself.
async fn together(table: &Table<'_>, inner: &Find, by: usize, keys: &Arc<[Value]>) -> Result<Groups, Error> {
    let Find { model, filter, order, skip, take, fields: asked } = inner;
    let plan = Plan::new(model, Condition::In(by, Arc::clone(keys)).and(filter.clone()), &[]);
    permit(table, &plan, &[])?;
    // Besides what was asked for: the key, to group by, and what each group is put in order by.
    let mut fields = asked.clone();
    for field in std::iter::once(by).chain(order.iter().map(|order| order.field)) {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    let columns = Columns::new(model, &fields, &plan, &[]);
    let (mut rows, group_of) = match plan.branches.as_slice() {
        // Whose record it is has been found out already where the keys are looked up as they are.
        [branch] if branch.access.keys(model).is_some_and(|(_, looked_up)| Arc::ptr_eq(looked_up, keys)) => {
            let keyed = keys::records(table, &columns, branch, 0..keys.len()).await?;
            (keyed.rows, keyed.places.into_iter().map(Some).collect())
        }
        _ => {
            let groups: HashMap<&Value, usize> = keys.iter().zip(0..).collect();
            let rows = collect(table, &columns, &plan, &[], None).await?;
            let group_of: Vec<_> = rows.iter().map(|row| groups.get(columns.value(row, by)).copied()).collect();
            (rows, group_of)
        }
    };
    let mut members: Vec<(usize, usize)> =
        group_of.into_iter().zip(0..).filter_map(|(group, row)| Some((group?, row))).collect();
    members.sort_by(|(a_group, a), (b_group, b)| {
        a_group.cmp(b_group).then_with(|| columns.compare(order, rows.get(*a), rows.get(*b)))
    });
    let shown = *skip..skip.saturating_add(take.unwrap_or(usize::MAX));
    let (mut kept, mut ends) = (Vec::with_capacity(members.len()), Vec::with_capacity(keys.len()));
    let mut members = members.into_iter().peekable();
    for group in 0..keys.len() {
        let in_group = std::iter::from_fn(|| members.next_if(|(of, _)| *of == group)).enumerate();
        kept.extend(in_group.filter(|(place, _)| shown.contains(place)).map(|(_, (_, row))| row));
        ends.push(kept.len());
    }
    rows.arrange(&kept);
    rows.keep_fields(asked.len());
    Ok(Groups::new(rows, ends))
}
