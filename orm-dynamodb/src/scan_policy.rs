//! What happens when a query can only be answered by reading the whole table.

use orm::driver::Context;
use orm::schema::ModelSchema;
use orm::{Condition, Error, ErrorCode, Order};

use crate::condition::listed;
use crate::config::Config;
use crate::error::about;
use crate::plan::{Access, Branch, MAX_ALTERNATIVES, Plan, can_be_in_index, too_many_alternatives};
use crate::table::Table;

/// What happens on an unplanned scan: one by a query whose filter names no key and no index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScanPolicy {
    /// A `tracing` warning that names the attribute which would avoid it.
    #[default]
    Warn,
    /// Nothing special.
    Allow,
    /// An `InvalidQuery` error that names the attribute which would avoid it.
    Deny,
}

impl ScanPolicy {
    /// The policy for one query, which may have permission.
    pub(crate) fn of(context: &Context, config: &Config) -> Self {
        if context.allows_scan() { Self::Allow } else { config.scan_policy }
    }
}

/// What permits a scan that the policy refuses.
pub(crate) const PERMISSION: &str = "`.allow_scan()` on the query permits it";

/// Applies the policy to the plan of a query.
pub(crate) fn check(table: &Table<'_>, plan: &Plan, order: &[Order]) -> Result<(), Error> {
    check_consistency(table.model, plan, &table.operation.context)?;
    if let Some(advice) = enforce(table, plan, order)? {
        tracing::warn!(model = table.model.name(), table = table.name, "{advice}");
    }
    Ok(())
}

/// The same for a part of the records that is not the first: it has been warned of.
pub(crate) fn check_again(table: &Table<'_>, plan: &Plan, order: &[Order]) -> Result<(), Error> {
    check_consistency(table.model, plan, &table.operation.context)?;
    enforce(table, plan, order).map(|_| ())
}

/// Refuses a consistent read where there is none.
pub(crate) fn check_consistency(model: &'static ModelSchema, plan: &Plan, context: &Context) -> Result<(), Error> {
    if context.is_consistent() && plan.reads_indexes() {
        return Err(refuse(
            model,
            format!(
                "this query of `{}` reads an index, and DynamoDB's indexes follow their table after a moment: they have \
                 no consistent reads. Leave `.consistent()` out, or find the records by id or unique key",
                model.name()
            ),
        ));
    }
    Ok(())
}

/// Refuses an unplanned scan, or says what there is to be warned of.
fn enforce(table: &Table<'_>, plan: &Plan, order: &[Order]) -> Result<Option<String>, Error> {
    let policy = ScanPolicy::of(&table.operation.context, table.config);
    if policy == ScanPolicy::Allow {
        return Ok(None);
    }
    match advice(table.model, plan, order) {
        Some(advice) if policy == ScanPolicy::Deny => Err(refuse(table.model, format!("{advice}; {PERMISSION}"))),
        advice => Ok(advice),
    }
}

fn refuse(model: &'static ModelSchema, message: String) -> Error {
    about(model, ErrorCode::InvalidQuery, message)
}

/// What to do about an unplanned scan, if the plan has one. Reading all records, in any order, is what a query without
/// a filter asks for and needs no permission.
pub(crate) fn advice(model: &'static ModelSchema, plan: &Plan, order: &[Order]) -> Option<String> {
    let scan = plan.branches.iter().find(|branch| branch.access == Access::Scan)?;
    if scan.is_exact() && order.is_empty() {
        return None;
    }
    let remedy = remedy(model, scan, order);
    Some(format!("this query of `{}` reads the whole table: {remedy}", model.name()))
}

/// Why a scan is needed, and what avoids it. Attributes are written so that they can be copied.
fn remedy(model: &'static ModelSchema, scan: &Branch, order: &[Order]) -> String {
    if let Some(many) = scan.conditions().find_map(|condition| too_many_alternatives(model, condition)) {
        return format!(
            "its filter has {many} alternatives, and no more than {MAX_ALTERNATIVES} are looked up one by one; queries of \
             fewer alternatives avoid it"
        );
    }
    let name = |field: usize| model.field(field).name();
    let in_struct = |field: usize| model.field(field).name_in_struct();
    let is_ordered = |field: &usize| model.field(*field).kind().is_ordered();
    let listed = scan.conditions().find_map(listed);
    if let Some((field, values)) = listed
        && model.indexes().iter().any(|index| index.hash() == field)
        && !values.iter().all(|value| can_be_in_index(model, field, value))
    {
        return format!(
            "the index on `{}` has no record with one of the values that its filter asks for, because DynamoDB's keys have \
             1 to 2,048 bytes; a filter without such values avoids it",
            name(field)
        );
    }
    let Some(hash) = listed.map(|(field, _)| field).filter(is_ordered) else {
        let is_hash = |field: &usize| model.indexes().iter().any(|index| index.hash() == *field);
        let null = scan.conditions().find_map(|condition| match condition {
            Condition::IsNull(field) => Some(*field).filter(is_hash),
            _ => None,
        });
        let bounded = scan.conditions().find_map(|condition| match condition {
            Condition::Compare(field, ..) => Some(*field).filter(is_hash),
            _ => None,
        });
        if let Some(null) = null.map(name) {
            return format!(
                "the index on `{null}` does not have the records in which it is null, because DynamoDB's indexes hold no \
                 nulls; a value of its own for those records avoids it"
            );
        }
        if let Some(field) = bounded {
            return format!(
                "the index on `{field}` finds equal values, and its filter asks for others; an equality on a field before \
                 it, and `#[orm(index(that_field, {of}))]`, avoid it",
                field = name(field),
                of = in_struct(field)
            );
        }
        return "its filter names no key and no index, which need an equality: `#[orm(index(..))]` on such a field avoids it"
            .to_owned();
    };
    let is_nullable = |field: &usize| model.field(*field).is_nullable();
    let sparse =
        model.indexes().iter().filter(|index| index.hash() == hash).find_map(|index| index.range().filter(is_nullable));
    if let Some(range) = sparse {
        return format!(
            "the index on `{hash}` and `{range}` does not have the records whose `{range}` is null: `is_not_null()` on it in \
             the filter, or `#[orm(index({of}))]` on the model avoids it",
            of = in_struct(hash),
            hash = name(hash),
            range = name(range)
        );
    }
    let compared = scan.conditions().flat_map(Condition::fields);
    let range = compared.chain(order.iter().map(|order| order.field)).find(|field| *field != hash && is_ordered(field));
    let index = match range.filter(|range| !is_nullable(range)) {
        Some(range) => format!("{}, {}", in_struct(hash), in_struct(range)),
        None => in_struct(hash).to_owned(),
    };
    format!("its filter names no key and no index; `#[orm(index({index}))]` on the model avoids it")
}

#[cfg(test)]
mod tests {
    use orm::prelude::*;
    use orm::{Filter, IntoFilter};

    use super::*;

    #[derive(Model)]
    #[orm(table = "sessions", rename_all = "camelCase")]
    #[orm(unique(device, number))]
    #[orm(index(group, note))]
    #[allow(dead_code, reason = "fields to ask for")]
    struct Session {
        #[orm(id)]
        id: String,
        user_id: String,
        expires_at: i64,
        r#type: Option<String>,
        #[orm(index)]
        place: String,
        device: String,
        number: i64,
        group: String,
        note: Option<String>,
        #[orm(index)]
        parent: Option<String>,
    }

    fn said(filter: impl IntoFilter<Session>) -> String {
        let condition = filter.into_filter().into_condition().unwrap();
        let plan = Plan::new(Session::schema(), condition, &[]);
        advice(Session::schema(), &plan, &[]).unwrap()
    }

    #[test]
    fn an_attribute_that_is_advised_is_one_to_be_copied() {
        for (filter, attribute) in [
            (Session::USER_ID.eq("u").and(Session::EXPIRES_AT.gt(1)), "`#[orm(index(user_id, expires_at))]`"),
            (Session::TYPE.eq("t").and(Session::EXPIRES_AT.gt(1)), "`#[orm(index(r#type, expires_at))]`"),
            (Session::EXPIRES_AT.eq(1), "`#[orm(index(expires_at))]`"),
            (Session::GROUP.eq("g"), "`#[orm(index(group))]`"),
        ] {
            let said = said(filter);
            assert!(said.contains(attribute), "{said}");
        }
        // What is read rather than copied has the names of queries.
        assert!(said(Session::GROUP.eq("g")).contains("the index on `group` and `note`"));
    }

    #[test]
    fn a_null_that_no_index_has_is_not_said_to_lack_an_index() {
        assert!(said(Session::PARENT.is_null()).contains("the index on `parent` does not have the records"));
        assert!(said(Session::TYPE.is_null()).contains("names no key and no index"));
        let bound = said(Session::PLACE.gt("a"));
        assert!(
            bound.contains("the index on `place` finds equal values") && bound.contains("(that_field, place))"),
            "{bound}"
        );
        assert!(said(!Session::PLACE.eq("a")).contains("the index on `place` finds equal values"));
    }

    #[test]
    fn a_filter_of_too_many_alternatives_is_not_said_to_name_no_index() {
        let many = |one: fn(i64) -> Filter<Session>| any((0..30).map(one).collect::<Vec<_>>());
        let by_index = |n: i64| Session::PLACE.eq(n.to_string()).and(Session::EXPIRES_AT.gt(n));
        let by_key = |n: i64| all((Session::DEVICE.eq("d"), Session::NUMBER.eq(n), Session::EXPIRES_AT.gt(n)));
        for filter in [many(by_index), many(by_key), many(by_index).and(Session::USER_ID.eq("u"))] {
            let said = said(filter);
            assert!(said.contains("30 alternatives, and no more than 25") && !said.contains("no index"), "{said}");
        }
        // Of which one alone would read the table as well.
        let others = [
            many(|n| Session::USER_ID.eq(n.to_string()).and(Session::EXPIRES_AT.gt(n))),
            many(by_index).or(Session::EXPIRES_AT.gt(1)),
            many(|n| Session::DEVICE.eq("d").and(Session::EXPIRES_AT.gt(n))),
        ];
        for filter in others {
            let said = said(filter);
            assert!(said.contains("names no key and no index"), "{said}");
        }
    }
}
