//! Reads: what a plan says, executed.

mod columns;
mod grouped;
mod keys;
mod merge;
mod pages;
mod part;
mod place;
mod top_n;

pub(crate) use grouped::find_grouped;
pub(crate) use keys::lock_targets;
pub(crate) use part::find_part;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use orm::driver::{Count, Find, Segment};
use orm::{Error, Order, Rows};

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

/// Refuses a plan that cannot be carried out as the query asks, or that reads a table which it may not.
fn permit(table: &Table<'_>, plan: &Plan, order: &[Order]) -> Result<(), Error> {
    plan.check_consistency(table.model, &table.operation.context)?;
    scan_policy::check(table, plan, order)
}

/// The records of a query.
pub(crate) async fn find(table: &Table<'_>, query: &Find) -> Result<Rows, Error> {
    let plan = Plan::of_some(query.model, query.filter.clone(), &query.order, query.take);
    permit(table, &plan, &query.order)?;
    let columns = Columns::new(query.model, &query.fields, &plan, &query.order);
    planned(table, query, &plan, &columns).await
}

/// The records of a query, found as this plan says: that of its filter, or of a narrower one.
async fn planned(table: &Table<'_>, query: &Find, plan: &Plan, columns: &Columns) -> Result<Rows, Error> {
    let enough = query.take.map(|take| query.skip.saturating_add(take));
    let mut rows = match enough {
        Some(enough) if plan.is_merged() => merge::first(table, query, plan, enough).await?,
        enough => collect(table, columns, plan, &query.order, enough).await?,
    };
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
    let order_here = if matches!(plan.sorting, Sorting::Begun | Sorting::Here) { order } else { &[] };
    if let [source] = sources.as_slice() {
        return gather(table, columns, plan, *source, order_here, enough).await;
    }
    // In any order the first may be enough: it is read alone, then twice as many at once, and so on.
    let may_be_enough =
        enough.filter(|_| plan.sorting == Sorting::Any && sources.iter().all(|one| one.segment.is_none()));
    let mut at_once = if may_be_enough.is_some() { 1 } else { sources.len() };
    let (mut rows, mut sources) = (columns.rows(), sources.into_iter().peekable());
    while sources.peek().is_some() && may_be_enough.is_none_or(|enough| rows.len() < enough) {
        let wanted = may_be_enough.map_or(enough, |enough| Some(enough - rows.len()));
        let round: Vec<Source> = sources.by_ref().take(at_once).collect();
        let mut gathered = stream::iter(round)
            .map(|source| gather(table, columns, plan, source, order_here, wanted))
            .buffered(READS_AT_ONCE);
        while let Some(more) = gathered.try_next().await? {
            rows.append(more);
        }
        at_once = (2 * at_once).min(READS_AT_ONCE);
    }
    if plan.sorting != Sorting::Any {
        columns.sort(&mut rows, order);
    }
    rows.truncate(enough.unwrap_or(usize::MAX));
    Ok(rows)
}

/// A branch of a plan, by its place, or one of several segments of it that are read at once.
#[derive(Clone, Copy)]
struct Source {
    // Not a reference: a closure over those would not be general enough for the compiler.
    branch: usize,
    segment: Option<Segment>,
}

/// The branches of a plan; a scan in as many segments as was asked for.
fn sources(table: &Table<'_>, plan: &Plan) -> Vec<Source> {
    let segments = table.operation.context.segments();
    let segments = |(branch, one): (usize, &Branch)| {
        let total = if one.access == Access::Scan { segments.max(1) } else { 1 };
        (0..total).map(move |index| Source { branch, segment: (total > 1).then_some(Segment { index, total }) })
    };
    plan.branches.iter().enumerate().flat_map(segments).collect()
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
    let mut kept = Kept { columns, order, enough: enough.unwrap_or(usize::MAX), rows: columns.rows() };
    let Some(branch) = plan.branches.get(source.branch) else { return Ok(kept.rows) };
    if branch.access.is_by_key() {
        let keys = branch.access.count();
        // All at once, unless the first may be enough.
        let mut sizes = match kept.missing() {
            Some(missing) if missing < keys => {
                keys::BatchSizes::wanting(missing, std::slice::from_ref(branch), table.model)
            }
            _ => keys::BatchSizes::all(),
        };
        let mut start = 0;
        while start < keys && !kept.is_full() {
            let end = keys.min(start.saturating_add(sizes.next()));
            kept.rows.append(keys::records(table, columns, branch, start..end).await?.rows);
            kept.cut_now_and_then();
            start = end;
        }
        return Ok(kept.finish());
    }
    let checks = Checks::new(branch);
    let mut pages = Pages::new(table, Some(columns), branch, source.segment, None);
    while !kept.is_full()
        && let Some(page) = pages.next(kept.missing()).await?
    {
        kept.rows.reserve(page.items.len());
        for item in page.items {
            columns.add(item, &checks, &mut kept.rows)?;
        }
        kept.cut_now_and_then();
    }
    Ok(kept.finish())
}

/// The first records of those that are read: as they come, or in an order that is made here.
struct Kept<'k> {
    columns: &'k Columns,
    order: &'k [Order],
    enough: usize,
    rows: Rows,
}

impl Kept<'_> {
    /// How many are missing; `None` if all have to be read.
    fn missing(&self) -> Option<usize> {
        let any_will_do = self.order.is_empty() && self.enough != usize::MAX;
        any_will_do.then(|| self.enough.saturating_sub(self.rows.len()))
    }

    fn is_full(&self) -> bool {
        self.missing() == Some(0)
    }

    /// Of an order that is made here no more is kept than may be among the first.
    fn cut_now_and_then(&mut self) {
        if !self.order.is_empty() && self.rows.len() >= self.enough.saturating_mul(2).max(SORTED_AT_ONCE) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if !self.order.is_empty() {
            self.columns.sort(&mut self.rows, self.order);
        }
        self.rows.truncate(self.enough);
    }

    fn finish(mut self) -> Rows {
        self.cut();
        self.rows
    }
}

/// How many records a condition holds for.
pub(crate) async fn count(table: &Table<'_>, query: &Count) -> Result<u64, Error> {
    let plan = Plan::new(query.model, query.filter.clone(), &[]);
    permit(table, &plan, &[])?;
    let columns = Columns::new(query.model, &[], &plan, &[]);
    stream::iter(sources(table, &plan))
        .map(|source| count_branch(table, &columns, &plan, source))
        .buffer_unordered(READS_AT_ONCE)
        .try_fold(0, |sum, count| std::future::ready(Ok(sum + count)))
        .await
}

async fn count_branch(table: &Table<'_>, columns: &Columns, plan: &Plan, source: Source) -> Result<u64, Error> {
    let Some(branch) = plan.branches.get(source.branch) else { return Ok(0) };
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
