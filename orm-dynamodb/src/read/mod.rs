//! Reads: what a plan says, executed.

mod best;
mod columns;
mod grouped;
mod keys;
mod pages;
mod part;

pub(crate) use grouped::find_grouped;
pub(crate) use keys::lock_targets;
pub(crate) use part::find_part;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use orm::driver::{Count, Find, Segment};
use orm::{Condition, Error, Order, Rows};

use crate::limits::MAX_BATCH_GET;
use crate::operation::READS_AT_ONCE;
use crate::plan::{Access, Branch, Plan, Sorting};
use crate::scan_policy;
use crate::table::Table;
use columns::{Checks, Columns};
use pages::Pages;

/// The records of so many keys are held at once where only the first of them, in some order, are wanted.
const KEYS_HELD: usize = 16 * MAX_BATCH_GET;
/// So many records are sorted at once at least, where only the first of them are wanted.
const SORTED_AT_ONCE: usize = 64;

/// The plan of a query that may be carried out.
fn plan(table: &Table<'_>, filter: &Condition, order: &[Order]) -> Result<Plan, Error> {
    let plan = Plan::new(table.model, filter.clone(), order);
    scan_policy::check(table, &plan, order)?;
    Ok(plan)
}

/// The records of a query.
pub(crate) async fn find(table: &Table<'_>, query: &Find) -> Result<Rows, Error> {
    let plan = plan(table, &query.filter, &query.order)?;
    let columns = Columns::new(query.model, &query.fields, &plan, &query.order);
    planned(table, query, &plan, &columns).await
}

/// The records of a query, found as this plan says: that of its filter, or of a narrower one.
async fn planned(table: &Table<'_>, query: &Find, plan: &Plan, columns: &Columns) -> Result<Rows, Error> {
    let enough = query.take.map(|take| query.skip.saturating_add(take));
    let mut rows = collect(table, columns, plan, &query.order, enough).await?;
    rows.skip(query.skip);
    // Without what was read for our own use.
    rows.keep_fields(query.fields.len());
    Ok(rows)
}

/// The first `enough` records of a plan, in order.
async fn collect(
    table: &Table<'_>,
    columns: &Columns,
    plan: &Plan,
    order: &[Order],
    enough: Option<usize>,
) -> Result<Rows, Error> {
    let sources = sources(table, plan);
    let order_here = if plan.sorting == Sorting::Here { order } else { &[] };
    if let [source] = sources.as_slice() {
        return gather(table, columns, plan, *source, order_here, enough).await;
    }
    let mut rows = columns.rows();
    if let (Sorting::Any, Some(enough), None) = (plan.sorting, enough, sources.iter().find_map(|one| one.segment)) {
        // One after the other: the first may be enough.
        for source in sources {
            let wanted = enough - rows.len();
            rows.append(gather(table, columns, plan, source, &[], Some(wanted)).await?);
            if rows.len() >= enough {
                break;
            }
        }
        return Ok(rows);
    }
    let mut gathered = stream::iter(sources)
        .map(|source| gather(table, columns, plan, source, order_here, enough))
        .buffered(READS_AT_ONCE);
    while let Some(more) = gathered.try_next().await? {
        rows.append(more);
    }
    if plan.sorting != Sorting::Any {
        columns.sort(&mut rows, order);
    }
    rows.truncate(enough.unwrap_or(usize::MAX));
    Ok(rows)
}

/// A branch of a plan, or one of several parts of it that are read at once.
#[derive(Clone, Copy)]
struct Source {
    branch: usize,
    segment: Option<Segment>,
}

/// The branches of a plan; a scan in as many segments as was asked for.
fn sources(table: &Table<'_>, plan: &Plan) -> Vec<Source> {
    let total = table.operation.context.segments();
    let parts = |(branch, one): (usize, &Branch)| {
        let parts = if one.access == Access::Scan { total.max(1) } else { 1 };
        (0..parts).map(move |index| Source { branch, segment: (parts > 1).then_some(Segment { index, total: parts }) })
    };
    plan.branches.iter().enumerate().flat_map(parts).collect()
}

/// The first `enough` records of one branch: as they come, or if there is an order to be made, in order.
async fn gather(
    table: &Table<'_>,
    columns: &Columns,
    plan: &Plan,
    source: Source,
    order: &[Order],
    enough: Option<usize>,
) -> Result<Rows, Error> {
    let branch = plan.branch(source.branch);
    let enough = enough.unwrap_or(usize::MAX);
    let mut rows = columns.rows();
    let in_order = order.is_empty();
    // Of an order that is made here no more is kept than may be among the first.
    let cut = |rows: &mut Rows| {
        columns.sort(rows, order);
        rows.truncate(enough);
    };
    let cut_now_and_then = |rows: &mut Rows| {
        if !in_order && rows.len() >= enough.saturating_mul(2).max(SORTED_AT_ONCE) {
            cut(rows);
        }
    };
    if branch.access.is_by_key() {
        let keys = branch.access.count();
        // All at once, unless the first may be enough.
        let mut steps = if in_order && enough < keys {
            keys::BatchSizes::wanting(enough)
        } else {
            keys::BatchSizes::all(KEYS_HELD)
        };
        let mut start = 0;
        while start < keys && !(in_order && rows.len() >= enough) {
            let end = keys.min(start.saturating_add(steps.next()));
            rows.append(keys::records(table, columns, branch, start..end).await?.rows);
            cut_now_and_then(&mut rows);
            start = end;
        }
    } else {
        let checks = Checks::new(branch);
        let mut pages = Pages::new(table, Some(columns), branch, source.segment, None);
        while !(in_order && rows.len() >= enough) {
            let wanted = (in_order && enough != usize::MAX).then(|| enough - rows.len());
            let Some(page) = pages.next(wanted).await? else { break };
            rows.reserve(page.items.len());
            for item in page.items {
                columns.add(item, &checks, &mut rows)?;
            }
            cut_now_and_then(&mut rows);
        }
    }
    if in_order {
        rows.truncate(enough)
    } else {
        cut(&mut rows)
    }
    Ok(rows)
}

/// How many records a condition holds for.
pub(crate) async fn count(table: &Table<'_>, query: &Count) -> Result<u64, Error> {
    let plan = plan(table, &query.filter, &[])?;
    let columns = Columns::new(query.model, &[], &plan, &[]);
    stream::iter(sources(table, &plan))
        .map(|source| count_branch(table, &columns, &plan, source))
        .buffer_unordered(READS_AT_ONCE)
        .try_fold(0, |sum, count| std::future::ready(Ok(sum + count)))
        .await
}

async fn count_branch(table: &Table<'_>, columns: &Columns, plan: &Plan, source: Source) -> Result<u64, Error> {
    let branch = plan.branch(source.branch);
    if branch.access.is_by_key() {
        let (keys, mut count) = (branch.access.count(), 0);
        for start in (0..keys).step_by(KEYS_HELD) {
            count += keys::records(table, columns, branch, start..keys.min(start + KEYS_HELD)).await?.rows.len() as u64;
        }
        return Ok(count);
    }
    let checks = Checks::new(branch);
    let mut pages = Pages::new(table, (!branch.residual.is_empty()).then_some(columns), branch, source.segment, None);
    let mut count = 0;
    while let Some(page) = pages.next(None).await? {
        if branch.residual.is_empty() {
            count += page.count;
            continue;
        }
        for item in page.items {
            count += u64::from(columns.pass(&checks, &columns.decode(item)?));
        }
    }
    Ok(count)
}
