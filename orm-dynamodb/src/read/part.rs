//! Reads in parts, each of which begins where the one before it ended: pages and streams.

use orm::driver::{Find, FindPart, Keyset, Part, Position};
use orm::schema::ModelSchema;
use orm::{Comparison, Condition, Error, ErrorCode, Order, Rows};

use super::columns::{Checks, Columns};
use super::pages::Pages;
use super::place::{At, Place, key_of};
use super::{keys, merge};
use crate::error::about;
use crate::key::id_in_key;
use crate::limits::MAX_BATCH_GET;
use crate::plan::{Branch, Plan, Sorting, relevant_order};
use crate::scan_policy;
use crate::table::{Item, Table};

pub(crate) async fn find_part(table: &Table<'_>, query: &FindPart) -> Result<Part, Error> {
    let asked = &query.find.order;
    let order = relevant_order(&query.find.filter, asked);
    if order.len() == asked.len() {
        return find_ordered_part(table, query, asked).await;
    }
    // By what makes no difference it cannot be told where the next part begins.
    let find = Find { order, ..query.find.clone() };
    find_ordered_part(table, &FindPart { find, ..query.clone() }, asked).await
}

/// In the order of the query, which is as much of the order that was asked for as makes a difference.
async fn find_ordered_part(table: &Table<'_>, query: &FindPart, asked: &[Order]) -> Result<Part, Error> {
    let FindPart { find, after, size, segment } = query;
    let plan = Plan::of_first(find.model, find.filter.clone(), &find.order);
    plan.check_consistency(find.model, &table.operation.context)?;
    if after.is_none() && segment.is_none_or(|segment| segment.index == 0) {
        scan_policy::check(table, &plan, &find.order)?;
    } else {
        scan_policy::check_again(table, &plan, &find.order)?;
    }
    if segment.is_some_and(|segment| segment.index > 0) && !plan.scans() {
        return Ok(Part::default());
    }
    match (plan.sorting, size) {
        (Sorting::Here, None) if !plan.is_at_one_place(asked) => Err(unstreamable(find.model, asked)),
        (Sorting::Here, size) => sorted(table, find, &plan, after.as_ref(), *size).await,
        (_, size) if plan.is_merged() => sorted(table, find, &plan, after.as_ref(), *size).await,
        _ => as_stored(table, query, &plan).await,
    }
}

fn unstreamable(model: &'static ModelSchema, order: &[Order]) -> Error {
    let fields: Vec<usize> = order.iter().map(|order| order.field).collect();
    let names = model.field_names(&fields);
    about(
        model,
        ErrorCode::InvalidQuery,
        format!(
            "a stream of `{}` in the order of {} would have to hold all records before the first: give it a filter \
             that is an equality on the first field of an index whose second field is that order or its first field (with \
             `is_not_null()` on it where it may be null), or use `exec` or `page`",
            model.name(),
            names.join(", ")
        ),
    )
    .with_fields(names)
}

/// Branch after branch, each as it is stored.
async fn as_stored(table: &Table<'_>, query: &FindPart, plan: &Plan) -> Result<Part, Error> {
    let find = &query.find;
    let columns = Columns::new(find.model, &find.fields, plan, &find.order).with_keys(plan, &[]);
    let mut place = match &query.after {
        Some(after) => Some(Place::parse(after, plan, table).ok_or_else(Position::unreadable)?),
        None => Place::beginning(plan, 0),
    };
    // One more than is wanted tells whether there is more.
    let enough = query.size.map(|size| size.saturating_add(1));
    let mut steps = keys::BatchSizes::wanting(enough.unwrap_or(MAX_BATCH_GET), &plan.branches, find.model);
    let mut found = Found { rows: columns.rows(), size: query.size, next: None };
    while let Some(start) = place.take() {
        let Some(branch) = plan.branches.get(start.branch) else { break };
        let wanted = enough.map(|enough| enough - found.rows.len());
        let next = Place::beginning(plan, start.branch + 1);
        place = match start.at {
            At::Key(done) => {
                let keys = branch.access.count();
                let end = keys.min(done.saturating_add(steps.next()));
                let keyed = keys::records(table, &columns, branch, done..end).await?;
                if let Some(last) = found.missing().and_then(|missing| keyed.places.get(missing)) {
                    found.next = Some(Place { branch: start.branch, at: At::Key(last + 1) });
                }
                found.rows.append(keyed.rows);
                if end < keys { Some(Place { branch: start.branch, at: At::Key(end) }) } else { next }
            }
            At::Item(key) => {
                let mut pages = Pages::new(table, Some(&columns), branch, query.segment, key);
                let more = page(&mut pages, &columns, branch, start.branch, wanted, &mut found).await?;
                more.map(|key| Place { branch: start.branch, at: At::Item(Some(key)) }).or(next)
            }
        };
        match enough {
            // As much as one request brought.
            None => {
                found.rows.keep_fields(find.fields.len());
                return Ok(Part { rows: found.rows, next: place.map(|place| place.position(plan, table)) });
            }
            Some(enough) if found.rows.len() >= enough => break,
            Some(_) => {}
        }
    }
    let size = query.size.unwrap_or(usize::MAX);
    let next = found.next.filter(|_| found.rows.len() > size).map(|next| next.position(plan, table));
    found.rows.truncate(size);
    found.rows.keep_fields(find.fields.len());
    Ok(Part { rows: found.rows, next })
}

/// The records of a part, and one more if there is one.
struct Found {
    rows: Rows,
    size: Option<usize>,
    /// The place after the last record of the part.
    next: Option<Place>,
}

impl Found {
    /// How many records are missing before the last one of the part, whose place is needed; `None` if it is there.
    fn missing(&self) -> Option<usize> {
        self.size?.checked_sub(self.rows.len() + 1)
    }
}

/// Pages until there are as many records as wanted, or one page if it is not said; where the next one begins.
async fn page(
    pages: &mut Pages<'_>,
    columns: &Columns,
    branch: &Branch,
    number: usize,
    wanted: Option<usize>,
    found: &mut Found,
) -> Result<Option<Item>, Error> {
    let checks = Checks::new(branch);
    let mut missing = wanted;
    loop {
        let Some(page) = pages.next(missing).await? else { return Ok(None) };
        for item in page.items {
            let key = (found.missing() == Some(0)).then(|| key_of(branch, columns.model, &item));
            if columns.add(item, &checks, &mut found.rows)? {
                if let Some(key) = key {
                    found.next = Some(Place { branch: number, at: At::Item(Some(key)) });
                }
                missing = missing.map(|missing| missing.saturating_sub(1));
            }
        }
        if missing.is_none_or(|missing| missing == 0) {
            return Ok(pages.position().cloned());
        }
    }
}

/// In an order that no single query gives: each part reads everything anew, from where the last one ended if an index
/// can say so, and keeps as much as the part is large. Where each query of the plan is in order by itself, it is read no
/// further than it has to be.
async fn sorted(
    table: &Table<'_>,
    find: &Find,
    plan: &Plan,
    after: Option<&Position>,
    size: Option<usize>,
) -> Result<Part, Error> {
    let after = after.map(Keyset::parse).transpose()?;
    if after.as_ref().is_some_and(|after| id_in_key(&after.key).is_none()) {
        return Err(Position::unreadable());
    }
    let native = plan.sorting != Sorting::Here;
    // A consistent read must not end up on an index because of the bound.
    let bound = after.as_ref().filter(|_| native || !table.operation.context.is_consistent());
    // An index that gives the order has no nulls of it.
    let has_nulls = !native || plan.branches.iter().any(|branch| branch.access.is_by_key());
    let bound = bound.and_then(|after| beyond(find, after, has_nulls));
    let narrower = bound.map(|bound| Plan::of_first(find.model, find.filter.clone().and(bound), &find.order));
    merge::merged(table, find, narrower.as_ref().unwrap_or(plan), after.as_ref(), size).await
}

/// The condition on the first field of the order that every record after a position fulfils, for an index to begin
/// there.
fn beyond(find: &Find, after: &Keyset, has_nulls: bool) -> Option<Condition> {
    let (order, value) = (find.order.first()?, after.values.first()?);
    let comparison = match order.descending {
        _ if value.is_null() => return None,
        false => Comparison::Gte,
        // Nulls come last.
        true if has_nulls && find.model.field(order.field).is_nullable() => return None,
        true => Comparison::Lte,
    };
    Some(Condition::Compare(order.field, comparison, value.clone()))
}
