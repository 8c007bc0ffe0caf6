//! What to do about a query that reads a whole table, in words.

use orm::schema::ModelSchema;
use orm::{Condition, Order, Value};

use super::search::MAX_ALTERNATIVES;
use super::{Access, Branch, Plan, can_be_in_index};
use crate::condition::{allowed, listed, only_field, parts};

/// What to do about an unplanned scan.
pub(crate) struct Advice {
    pub(crate) text: String,
    /// The field of an index that is asked for a value which no index has: then it is this value, and not the query, that takes
    /// a scan.
    pub(crate) asked_too_much: Option<usize>,
}

/// What to do about an unplanned scan, if the plan has one. Reading all records, in any order, is what a query without
/// a filter asks for and needs no permission.
pub(crate) fn advice(model: &'static ModelSchema, plan: &Plan, order: &[Order]) -> Option<Advice> {
    let branch = plan.branches.iter().find(|branch| branch.access == Access::Scan)?;
    if !plan.is_filtered && order.is_empty() {
        return None;
    }
    let (remedy, asked_too_much) = Scan { model, branch, order }.remedy();
    let text = format!("this query of `{}` reads the whole table: {remedy}", model.name());
    Some(Advice { text, asked_too_much })
}

/// An unplanned scan. Attributes that avoid it are written so that they can be copied.
struct Scan<'p> {
    model: &'static ModelSchema,
    branch: &'p Branch,
    order: &'p [Order],
}

impl<'p> Scan<'p> {
    /// Why it is needed, and what avoids it; and the field whose value is the reason, if one is.
    fn remedy(&self) -> (String, Option<usize>) {
        if let Some(remedy) = self.order_alone().or_else(|| self.all()).or_else(|| self.too_many_alternatives()) {
            return (remedy, None);
        }
        if let Some((field, remedy)) = self.a_value_that_no_index_has() {
            return (remedy, Some(field));
        }
        let equal = self.listed().map(|(field, _)| field).find(|field| self.can_be_indexed(*field));
        let remedy = match equal {
            Some(hash) => self.sparse_index(hash).unwrap_or_else(|| self.missing_index(hash)),
            None => self.alternative_without_index().unwrap_or_else(|| self.no_equality()),
        };
        (remedy, None)
    }

    /// Fields with the values, one of which the filter asks for.
    fn listed(&self) -> impl Iterator<Item = (usize, &'p [Value])> {
        self.branch.conditions().filter_map(listed)
    }

    /// A field by its name in queries.
    fn name(&self, field: usize) -> &'static str {
        self.model.field(field).name()
    }

    /// A field as attributes name it.
    fn in_struct(&self, field: usize) -> &'static str {
        self.model.field(field).name_in_struct()
    }

    fn can_be_indexed(&self, field: usize) -> bool {
        self.model.field(field).kind().can_be_indexed()
    }

    fn is_nullable(&self, field: usize) -> bool {
        self.model.field(field).is_nullable()
    }

    /// Whether an index begins with the field.
    fn is_hash(&self, field: usize) -> bool {
        self.model.indexes().iter().any(|index| index.hash() == field)
    }

    fn order_alone(&self) -> Option<String> {
        let first = self.order.first().filter(|_| self.branch.is_exact())?;
        let not_null = if self.is_nullable(first.field) { ", `is_not_null()` on this one" } else { "" };
        Some(format!(
            "it has an order and no filter that leaves out records, and DynamoDB sorts only within one value of an index's \
             first field; an equality on a field that the records have in common{not_null}, and \
             `#[orm(index(that_field, {}))]`, avoid it",
            self.in_struct(first.field)
        ))
    }

    /// What is left of the filter says nothing.
    fn all(&self) -> Option<String> {
        self.branch.is_exact().then(|| {
            "its filter holds for all records, as `all([])` and `not_in([])` do; a query without a filter asks for them".to_owned()
        })
    }

    fn too_many_alternatives(&self) -> Option<String> {
        let many = self.branch.conditions().find_map(|condition| too_many_alternatives(self.model, condition))?;
        Some(format!(
            "its filter has {many} alternatives, and no more than {MAX_ALTERNATIVES} are looked up one by one; queries of \
             fewer alternatives avoid it"
        ))
    }

    /// The value may stand in an alternative, if each of them leads somewhere by itself.
    fn a_value_that_no_index_has(&self) -> Option<(usize, String)> {
        let alternatives = self.branch.conditions().filter_map(|condition| match condition {
            Condition::Or(alternatives) => {
                Some(alternatives).filter(|all| all.iter().all(|one| leads(self.model, one)))
            }
            _ => None,
        });
        let in_alternatives = alternatives.flatten().flat_map(parts).filter_map(listed);
        let can_be_in_it =
            |field: usize, values: &[Value]| values.iter().all(|value| can_be_in_index(self.model, field, value));
        let is_out_of_it = |(field, values): &(usize, &[Value])| self.is_found(*field) && !can_be_in_it(*field, values);
        let (field, _) = self.listed().chain(in_alternatives).find(is_out_of_it)?;
        let remedy = format!(
            "the index on `{}` has no record with one of the values that its filter asks for, because DynamoDB's keys have \
             1 to 2,048 bytes; a filter without such values avoids it",
            self.name(field)
        );
        Some((field, remedy))
    }

    /// Whether an index finds all records with a value of the field, as far as the filter asks for them.
    fn is_found(&self, field: usize) -> bool {
        let excludes_null = |range: usize| {
            let is_about_it = |condition: &&Condition| only_field(condition) == Some(range);
            self.branch.conditions().filter(is_about_it).any(|condition| !condition.holds(&|_| &Value::Null))
        };
        let has_all = |range: usize| !self.is_nullable(range) || excludes_null(range);
        self.model.indexes().iter().any(|index| index.hash() == field && index.range().is_none_or(has_all))
    }

    /// The index that begins with the field lacks records.
    fn sparse_index(&self, hash: usize) -> Option<String> {
        let mut indexes = self.model.indexes().iter().filter(|index| index.hash() == hash);
        let range = indexes.find_map(|index| index.range().filter(|range| self.is_nullable(*range)))?;
        Some(format!(
            "the index on `{hash}` and `{range}` does not have the records whose `{range}` is null: `is_not_null()` on it in \
             the filter, or `#[orm(index({of}))]` on the model avoids it",
            of = self.in_struct(hash),
            hash = self.name(hash),
            range = self.name(range)
        ))
    }

    fn missing_index(&self, hash: usize) -> String {
        let with_values = |condition: &&Condition| !matches!(condition, Condition::CompareFields(..));
        let compared = self.branch.conditions().filter(with_values).flat_map(Condition::fields);
        let mut others = compared.chain(self.order.iter().map(|order| order.field));
        let range = others.find(|field| *field != hash && self.can_be_indexed(*field));
        let index = match range.filter(|range| !self.is_nullable(*range)) {
            Some(range) => format!("{}, {}", self.in_struct(hash), self.in_struct(range)),
            None => self.in_struct(hash).to_owned(),
        };
        format!("its filter names no key and no index; `#[orm(index({index}))]` on the model avoids it")
    }

    /// Of an `or` all of whose alternatives are equalities, the first that no index is for.
    fn alternative_without_index(&self) -> Option<String> {
        let indexed = |one: &Condition| {
            parts(one).iter().filter_map(listed).map(|(field, _)| field).find(|field| self.can_be_indexed(*field))
        };
        let hash = self.branch.conditions().find_map(|condition| {
            let Condition::Or(alternatives) = condition else { return None };
            let lacking = alternatives.iter().filter(|one| !leads(self.model, one));
            lacking.map(indexed).collect::<Option<Vec<usize>>>()?.first().copied()
        })?;
        Some(format!(
            "one of its alternatives names no key and no index; `#[orm(index({}))]` on the model avoids it",
            self.in_struct(hash)
        ))
    }

    fn no_equality(&self) -> String {
        let of_a_hash = |field: &usize| self.is_hash(*field);
        let of_a_key = |field: &usize| self.model.uniques().iter().any(|constraint| constraint.fields() == [*field]);
        // Also in a list.
        let asks_for_null = |condition: &&Condition| match condition {
            Condition::IsNull(_) => true,
            Condition::Or(_) => condition.holds(&|_| &Value::Null),
            _ => false,
        };
        let nulls = || self.branch.conditions().filter(asks_for_null).filter_map(only_field);
        if let Some(null) = nulls().find(of_a_hash) {
            return format!(
                "the index on `{}` does not have the records in which it is null, because DynamoDB's indexes hold no \
                 nulls; a value of its own for those records avoids it",
                self.name(null)
            );
        }
        let bounded = self.branch.conditions().find_map(|condition| match condition {
            Condition::Compare(field, ..) => Some(*field).filter(of_a_hash),
            _ => None,
        });
        if let Some(field) = bounded {
            return format!(
                "the index on `{}` finds equal values, and its filter asks for others; an equality on a field before \
                 it, and `#[orm(index(that_field, {}))]`, avoid it",
                self.name(field),
                self.in_struct(field)
            );
        }
        if let Some(null) = nulls().find(of_a_key) {
            return format!(
                "nothing leads to the records in which `{}` is null, because a null has no lock and is in no index; a value \
                 of its own for those records avoids it",
                self.name(null)
            );
        }
        "its filter names no key and no index, which need an equality: `#[orm(index(..))]` on such a field avoids it"
            .to_owned()
    }
}

/// How many alternatives there are, where each leads to records by itself and only their number is in the way.
fn too_many_alternatives(model: &ModelSchema, condition: &Condition) -> Option<usize> {
    let Condition::Or(alternatives) = condition else { return None };
    let all_lead = || alternatives.iter().all(|one| leads(model, one));
    (alternatives.len() > MAX_ALTERNATIVES && all_lead()).then_some(alternatives.len())
}

/// Whether an alternative names a key, or a value of an index's first field.
fn leads(model: &ModelSchema, alternative: &Condition) -> bool {
    let all = parts(alternative);
    let is_known = |field: usize| allowed(all, field).is_some();
    is_known(model.id())
        || model.uniques().iter().any(|constraint| constraint.fields().iter().all(|field| is_known(*field)))
        || model.indexes().iter().any(|index| is_known(index.hash()))
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
        done: bool,
        r#type: Option<String>,
        #[orm(index)]
        place: String,
        device: String,
        number: i64,
        group: String,
        note: Option<String>,
        #[orm(index)]
        parent: Option<String>,
        #[orm(unique)]
        code: Option<String>,
    }

    fn said(filter: impl IntoFilter<Session>) -> String {
        let condition = filter.into_filter().into_condition().unwrap();
        let plan = Plan::new(Session::schema(), condition, &[]);
        advice(Session::schema(), &plan, &[]).unwrap().text
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
        for filter in
            [Session::DONE.eq(true).and(Session::USER_ID.eq("u")), Session::USER_ID.eq("u").and(Session::DONE.eq(true))]
        {
            assert!(said(filter).contains("`#[orm(index(user_id))]`"));
        }
    }

    #[test]
    fn a_null_that_no_index_has_is_not_said_to_lack_an_index() {
        assert!(said(Session::PARENT.is_null()).contains("the index on `parent` does not have the records"));
        assert!(said(Session::TYPE.is_null()).contains("names no key and no index"));
        let either = said(Session::PARENT.is_in([None, Some("p".to_owned())]));
        assert!(either.contains("the index on `parent` does not have the records"), "{either}");
        let bound = said(Session::PLACE.gt("a"));
        assert!(
            bound.contains("the index on `place` finds equal values") && bound.contains("(that_field, place))"),
            "{bound}"
        );
        assert!(said(!Session::PLACE.eq("a")).contains("the index on `place` finds equal values"));
    }

    #[test]
    fn an_alternative_without_an_index_is_said_to_lack_it() {
        for filter in [
            Session::USER_ID.eq("u").or(Session::ID.eq("s")),
            any((
                Session::ID.eq("s"),
                Session::PLACE.eq("p"),
                Session::USER_ID.is_in(["u", "v"]).and(Session::DONE.eq(true)),
            )),
        ] {
            let said = said(filter);
            assert!(said.contains("one of its alternatives") && said.contains("`#[orm(index(user_id))]`"), "{said}");
        }
        let nothing = said(Session::EXPIRES_AT.gt(1).or(Session::ID.eq("s")));
        assert!(nothing.contains("which need an equality"), "{nothing}");
        for filter in [Session::CODE.is_null(), Session::CODE.is_in([None, Some("c".to_owned())])] {
            let said = said(filter);
            assert!(said.contains("in which `code` is null, because a null has no lock"), "{said}");
        }
    }

    #[test]
    fn an_order_alone_is_not_said_to_be_a_filter() {
        let order = [Order::from(Session::EXPIRES_AT.desc())];
        let plan = Plan::new(Session::schema(), Condition::always(), &order);
        let said = advice(Session::schema(), &plan, &order).unwrap().text;
        assert!(!said.contains("is_not_null"), "{said}");
        assert!(said.contains("an order and no filter") && said.contains("(that_field, expires_at))]`"), "{said}");
    }

    #[test]
    fn a_filter_of_too_many_alternatives_is_not_said_to_name_no_index() {
        let many = |one: fn(i64) -> Filter<Session>| any((0..120).map(one).collect::<Vec<_>>());
        let by_either = |n: i64| {
            if n % 2 == 0 {
                Session::PLACE.eq("p").and(Session::EXPIRES_AT.gt(n))
            } else {
                all((Session::DEVICE.eq("d"), Session::NUMBER.eq(n)))
            }
        };
        for filter in [many(by_either), many(by_either).and(Session::USER_ID.eq("u"))] {
            let said = said(filter);
            assert!(said.contains("120 alternatives, and no more than 100") && !said.contains("no index"), "{said}");
        }
        // Of which one alone would read the table as well.
        let others = [
            many(|n| Session::USER_ID.eq(n.to_string()).and(Session::EXPIRES_AT.gt(n))),
            many(by_either).or(Session::EXPIRES_AT.gt(1)),
            many(|n| Session::DEVICE.eq("d").and(Session::EXPIRES_AT.gt(n))),
        ];
        for filter in others {
            let said = said(filter);
            assert!(said.contains("names no key and no index"), "{said}");
        }
    }
}
