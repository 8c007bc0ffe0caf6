//! Plans in words, with what they will send.

use orm::driver::{Context, DeleteMany, Find, FindGrouped, Planned, UpdateMany};
use orm::explain::{self, Method};
use orm::schema::ModelSchema;
use orm::{Comparison, Condition, Error, Order};

use crate::condition::one_of;
use crate::config::Config;
use crate::index_name::index_name;
use crate::limits::{MAX_ACTIONS, MAX_BATCH_GET, MAX_BATCH_WRITE};
use crate::plan::{Access, Branch, IndexAccess, Plan, Range, Sorting, advice, by_field};
use crate::scan_policy::{self, ScanPolicy};
use crate::write;

/// What a query would do to find its records.
///
/// # Errors
/// `InvalidQuery` for a consistent read of an index.
pub(crate) fn explain_query(query: Planned<'_>, context: &Context, config: &Config) -> Result<explain::Plan, Error> {
    let explain = |model, filter: &Condition, order: &[Order], kept| {
        let plan = Plan::of_some(model, filter.clone(), order, kept);
        plan.check_consistency(model, context)?;
        Ok::<_, Error>(explain(model, &plan, order, kept, context, config))
    };
    match query {
        Planned::Find(find) => explain(find.model, &find.filter, &find.order, wanted(find)),
        Planned::Grouped(FindGrouped { find, by, keys }) if keys.len() == 1 => {
            let filter = one_of(*by, keys.clone()).and(find.filter.clone());
            explain(find.model, &filter, &find.order, wanted(find))
        }
        Planned::Grouped(grouped) => explain_grouped(grouped, context, config),
        Planned::Count(count) => explain(count.model, &count.filter, &[], None),
        Planned::UpdateMany(update) => {
            let found = explain(update.model, &update.filter, &[], None)?;
            Ok(with_writes(found, updates(update)))
        }
        Planned::DeleteMany(delete) => {
            let found = explain(delete.model, &delete.filter, &[], None)?;
            Ok(with_writes(found, deletes(delete, config)))
        }
    }
}

/// How many records are read of a query in order: those that are skipped and those that are shown.
fn wanted(find: &Find) -> Option<usize> {
    find.take.map(|take| find.skip.saturating_add(take))
}

/// What a write of many sends for n records.
struct Writes {
    requests: String,
    /// Whether it finds the records first.
    finds_first: bool,
}

fn updates(query: &UpdateMany) -> Writes {
    let requests = match write::moved(query.model, &query.changes).count() {
        // What has no range is added here.
        0 if write::needs_values(query.model, &query.changes, None) => "n GetItem + n UpdateItem".to_owned(),
        0 => "n UpdateItem".to_owned(),
        // Each moved value is a lock taken and one freed.
        moved => transactions(1 + 2 * moved),
    };
    Writes { requests, finds_first: !write::reads_nothing_first(query) }
}

fn deletes(query: &DeleteMany, config: &Config) -> Writes {
    let requests = match config.locks(query.model) {
        0 if write::deletes_one(query) => return Writes { requests: "1 DeleteItem".to_owned(), finds_first: false },
        0 if query.checked && write::reads_each(query) => "n GetItem + n DeleteItem".to_owned(),
        0 if query.checked => "n DeleteItem".to_owned(),
        0 => format!("⌈n / {MAX_BATCH_WRITE}⌉ BatchWriteItem"),
        locks => transactions(1 + locks),
    };
    Writes { requests, finds_first: true }
}

/// Transactions of whole records.
fn transactions(actions: usize) -> String {
    format!("⌈n / {}⌉ TransactWriteItems", (MAX_ACTIONS / actions).max(1))
}

/// The plan of a write of many, from how it finds its records.
fn with_writes(mut plan: explain::Plan, writes: Writes) -> explain::Plan {
    if !writes.finds_first {
        plan.accesses.iter_mut().for_each(|access| access.requests.clear());
    }
    plan.writes = Some(writes.requests);
    plan
}

/// The plan of a query; `kept` is how many records it keeps at most while it puts them in order.
fn explain(
    model: &'static ModelSchema,
    plan: &Plan,
    order: &[Order],
    kept: Option<usize>,
    context: &Context,
    config: &Config,
) -> explain::Plan {
    let advice = advice(model, plan, order).map(|advice| advice.text);
    let is_refused = advice.is_some() && ScanPolicy::of(context, config) == ScanPolicy::Deny;
    let mut explained = explain::Plan::default();
    explained.accesses = plan.branches.iter().map(|branch| access(model, branch, context)).collect();
    explained.sorting = sorting(plan, kept);
    explained.notes = advice.into_iter().collect();
    explained.refused = is_refused.then(|| format!("`ScanPolicy::Deny` refuses it: {}", scan_policy::PERMISSION));
    explained
}

/// The plan for the records of each of n keys, which are not known yet.
fn explain_grouped(query: &FindGrouped, context: &Context, config: &Config) -> Result<explain::Plan, Error> {
    let FindGrouped { find, by, .. } = query;
    let model = find.model;
    let plan = by_field(model, *by, &find.filter, &find.order);
    plan.check_consistency(model, context)?;
    let name = model.field(*by).name();
    let is_apart = plan.is_of_group(*by);
    let access = |branch: &Branch| {
        // A value stands in for the keys in the conditions on their field.
        let shown = |conditions: &[Condition]| {
            let others: Vec<_> = conditions.iter().filter(|one| one.fields() != [*by]).cloned().collect();
            describe(model, &others)
        };
        let mut explained = access(model, branch, context);
        let of_each = |(fields, _): (&[usize], _)| fields.contains(by);
        explained.requests = match &branch.access {
            Access::Index(_) if is_apart => "n Query".to_owned(),
            _ if is_apart => format!("n × {}", explained.requests),
            access if access.keys(model).is_some_and(of_each) => {
                let steps = if matches!(access, Access::Locks(..)) { "2 × " } else { "" };
                let times = if access.count() > 1 { format!("{} × ", access.count()) } else { String::new() };
                format!("{steps}⌈{times}n / {MAX_BATCH_GET}⌉ BatchGetItem")
            }
            Access::Scan => "1 Scan per page for all n together".to_owned(),
            _ => format!("{} for all n together", explained.requests),
        };
        if let Access::Index(access) = &branch.access {
            let each = format!("{name} = each of n values");
            if access.index.hash() == *by {
                let range = range_condition(access).map(|range| format!(" and {}", range.describe(model)));
                explained.key_condition = Some(each + &range.unwrap_or_default());
            } else if access.has_one_value_of(*by) {
                explained.key_condition = Some(format!("{} and {each}", hash_condition(access).describe(model)));
            }
        }
        explained.filter = shown(&branch.filter);
        explained.evaluated_here = shown(&branch.residual);
        explained
    };
    let mut explained = explain(model, &plan, &find.order, wanted(find), context, config);
    explained.accesses = plan.branches.iter().map(access).collect();
    if !is_apart && plan.sorting != Sorting::Any {
        explained.sorting = explain::Sorting::Here { kept: None };
    }
    Ok(explained)
}

fn sorting(plan: &Plan, kept: Option<usize>) -> explain::Sorting {
    match plan.sorting {
        Sorting::Any => explain::Sorting::Any,
        Sorting::Native if plan.branches.len() > 1 => explain::Sorting::Merged,
        Sorting::Native => explain::Sorting::Store,
        Sorting::Begun => explain::Sorting::Begun,
        Sorting::Here if kept.is_some() && plan.is_merged() => explain::Sorting::Partly,
        Sorting::Here => explain::Sorting::Here { kept },
    }
}

fn access(model: &'static ModelSchema, branch: &Branch, context: &Context) -> explain::Access {
    let (method, key_condition, requests) = match &branch.access {
        Access::Ids(ids) => (Method::Ids, None, gets(1, ids.len())),
        Access::Locks(constraint, _) => {
            let fields = model.field_names(constraint.fields());
            (Method::Locks { fields }, None, gets(2, branch.access.count()))
        }
        Access::Index(access) => {
            let name = index_name(model, access.index);
            let condition =
                Condition::And([hash_condition(access)].into_iter().chain(range_condition(access)).collect());
            let method = Method::Index { name, descending: access.descending };
            (method, Some(condition.describe(model)), "1 Query per page".to_owned())
        }
        Access::Scan => {
            let segments = context.segments();
            let requests = match segments {
                1 => "1 Scan per page".to_owned(),
                several => format!("{several} × 1 Scan per page"),
            };
            (Method::Scan { segments }, None, requests)
        }
    };
    let mut explained = explain::Access::new(method, requests);
    explained.key_condition = key_condition;
    explained.filter = describe(model, &branch.filter);
    explained.evaluated_here = describe(model, &branch.residual);
    explained
}

/// Reads by key, in so many steps.
fn gets(steps: usize, keys: usize) -> String {
    match keys {
        1 => format!("{steps} GetItem"),
        several => format!("{} BatchGetItem", steps * several.div_ceil(MAX_BATCH_GET)),
    }
}

fn hash_condition(access: &IndexAccess) -> Condition {
    Condition::Compare(access.index.hash(), Comparison::Eq, access.hash.clone())
}

fn range_condition(access: &IndexAccess) -> Option<Condition> {
    let field = access.index.range()?;
    Some(match &access.range {
        Range::All => return None,
        Range::Compare(comparison, value) => Condition::Compare(field, *comparison, value.clone()),
        Range::Between(low, high) => Condition::And(vec![
            Condition::Compare(field, Comparison::Gte, low.clone()),
            Condition::Compare(field, Comparison::Lte, high.clone()),
        ]),
        Range::StartsWith(prefix) => Condition::StartsWith(field, prefix.clone()),
    })
}

fn describe(model: &'static ModelSchema, conditions: &[Condition]) -> Option<String> {
    (!conditions.is_empty()).then(|| Condition::And(conditions.to_vec()).describe(model))
}
