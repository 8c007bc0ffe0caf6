//! Reads: what a plan says, executed.

use std::collections::HashMap;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use orm::driver::{Count, Find, FindGrouped};
use orm::schema::ModelSchema;
use orm::{Condition, Error, Order, Row, Value};

use crate::attribute::to_attribute;
use crate::expression::Expressions;
use crate::item;
use crate::key::{lock_key, record_key};
use crate::plan::{Access, IndexAccess, Plan, Range};
use crate::scan_policy;
use crate::store::{Item, ItemPage, Reading, Table};

/// How many requests of one operation are under way at once.
pub(crate) const CONCURRENCY: usize = 16;

/// The records of a query.
pub(crate) async fn find(table: &Table<'_>, query: &Find) -> Result<Vec<Row>, Error> {
    let plan = Plan::new(query.model, query.filter.clone(), &query.order);
    let columns = Columns::new(query.model, &query.fields, &plan, &query.order);
    // Records in the right order can be counted off while reading; others only when all are here.
    let enough = match query.take {
        Some(take) if plan.ordered => query.skip.saturating_add(take),
        _ => usize::MAX,
    };
    let mut records = match &plan.access {
        Access::Nothing => Vec::new(),
        Access::Ids(ids) => columns.keep(&plan, by_ids(table, &columns, ids).await?)?,
        Access::Locks(constraint, keys) => {
            columns.keep(&plan, by_locks(table, &columns, constraint.fields(), keys).await?)?
        }
        Access::Index(_) | Access::Scan => by_pages(table, &columns, &plan, &query.order, enough).await?,
    };
    if !plan.ordered {
        columns.sort(&mut records, &query.order);
    }
    Ok(records
        .into_iter()
        .skip(query.skip)
        .take(query.take.unwrap_or(usize::MAX))
        .map(|mut values| {
            values.truncate(query.fields.len());
            Row::new(values)
        })
        .collect())
}

/// The records of a query for each of several values of one field.
pub(crate) async fn find_grouped(table: &Table<'_>, query: &FindGrouped) -> Result<Vec<Vec<Row>>, Error> {
    let FindGrouped { find: inner, by, keys } = query;
    let for_key = |key: &Value| Find {
        filter: Condition::Compare(*by, orm::Comparison::Eq, key.clone()).and(inner.filter.clone()),
        ..inner.clone()
    };
    // One plan says how all of them are found: they differ in the value only.
    let on_index = keys.first().is_some_and(|key| {
        let one = for_key(key);
        matches!(Plan::new(one.model, one.filter, &one.order).access, Access::Index(_))
    });
    if on_index || keys.len() == 1 {
        let queries: Vec<Find> = keys.iter().map(for_key).collect();
        return stream::iter(queries)
            .map(|query| async move { find(table, &query).await })
            .buffered(CONCURRENCY)
            .try_collect()
            .await;
    }
    together(table, inner, *by, keys).await
}

/// All keys in one go, by id, by lock or in one scan; then each group by itself.
async fn together(table: &Table<'_>, inner: &Find, by: usize, keys: &[Value]) -> Result<Vec<Vec<Row>>, Error> {
    // Besides what was asked for: the key, to group by, and what each group is put in order by.
    let mut fields = inner.fields.clone();
    for field in std::iter::once(by).chain(inner.order.iter().map(|order| order.field)) {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    let all = Find {
        filter: Condition::In(by, keys.to_vec()).and(inner.filter.clone()),
        order: Vec::new(),
        skip: 0,
        take: None,
        fields,
        ..inner.clone()
    };
    let place_of = |field: usize| all.fields.iter().position(|one| *one == field).unwrap_or_default();
    let groups: HashMap<&Value, usize> = keys.iter().enumerate().map(|(group, key)| (key, group)).collect();
    let mut found: Vec<Vec<Row>> = vec![Vec::new(); keys.len()];
    for row in find(table, &all).await? {
        let group = row.values().get(place_of(by)).and_then(|key| groups.get(key));
        if let Some(group) = group.and_then(|group| found.get_mut(*group)) {
            group.push(row);
        }
    }
    for group in &mut found {
        if !inner.order.is_empty() {
            group.sort_by(|a, b| {
                Order::compare(
                    &inner.order,
                    |field| a.values().get(place_of(field)).unwrap_or(&Value::Null),
                    |field| b.values().get(place_of(field)).unwrap_or(&Value::Null),
                )
            });
        }
        group.drain(..inner.skip.min(group.len()));
        group.truncate(inner.take.unwrap_or(usize::MAX));
        for row in group.iter_mut() {
            row.truncate(inner.fields.len());
        }
    }
    Ok(found)
}

/// How many records a condition holds for.
pub(crate) async fn count(table: &Table<'_>, query: &Count) -> Result<u64, Error> {
    let plan = Plan::new(query.model, query.filter.clone(), &[]);
    let columns = Columns::new(query.model, &[], &plan, &[]);
    Ok(match &plan.access {
        Access::Nothing => 0,
        Access::Ids(ids) => columns.keep(&plan, by_ids(table, &columns, ids).await?)?.len() as u64,
        Access::Locks(constraint, keys) => {
            columns.keep(&plan, by_locks(table, &columns, constraint.fields(), keys).await?)?.len() as u64
        }
        Access::Index(_) | Access::Scan if plan.residual.is_empty() => {
            let mut pages = Pages::new(table, &columns, &plan, &[], true)?;
            let mut count = 0;
            while let Some(page) = pages.next(None).await? {
                count += page.count;
            }
            count
        }
        Access::Index(_) | Access::Scan => by_pages(table, &columns, &plan, &[], usize::MAX).await?.len() as u64,
    })
}

/// The fields to read, first those that were asked for, and where each of them is then.
struct Columns {
    model: &'static ModelSchema,
    fields: Vec<usize>,
    slots: Vec<Option<usize>>,
}

impl Columns {
    fn new(model: &'static ModelSchema, asked: &[usize], plan: &Plan, order: &[Order]) -> Self {
        let mut columns =
            Self { model, fields: Vec::with_capacity(asked.len()), slots: vec![None; model.fields().len()] };
        asked.iter().for_each(|field| columns.add(*field));
        for condition in &plan.residual {
            condition.fields().into_iter().for_each(|field| columns.add(field));
        }
        if !plan.ordered {
            order.iter().for_each(|order| columns.add(order.field));
        }
        columns
    }

    fn add(&mut self, field: usize) {
        if let Some(slot @ None) = self.slots.get_mut(field) {
            *slot = Some(self.fields.len());
            self.fields.push(field);
        }
    }

    /// The projection; `None` when everything is read anyway.
    fn projection(&self, expressions: &mut Expressions) -> Option<String> {
        if self.fields.len() >= self.model.fields().len() {
            return None;
        }
        // DynamoDB has no projection of nothing.
        let fields = if self.fields.is_empty() { vec![self.model.id()] } else { self.fields.clone() };
        Some(expressions.projection(&fields))
    }

    fn value<'v>(&self, values: &'v [Value], field: usize) -> &'v Value {
        match self.slots.get(field) {
            Some(Some(slot)) => values.get(*slot).unwrap_or(&Value::Null),
            _ => &Value::Null,
        }
    }

    /// Decodes items and keeps those for which the rest of the condition holds.
    fn keep(&self, plan: &Plan, items: Vec<Item>) -> Result<Vec<Vec<Value>>, Error> {
        let mut kept = Vec::with_capacity(items.len());
        for item in items {
            let values = item::values(self.model, &self.fields, item)?;
            if plan.residual.iter().all(|condition| condition.holds(&|field| self.value(&values, field))) {
                kept.push(values);
            }
        }
        Ok(kept)
    }

    fn sort(&self, records: &mut [Vec<Value>], order: &[Order]) {
        if !order.is_empty() {
            records.sort_by(|a, b| Order::compare(order, |field| self.value(a, field), |field| self.value(b, field)));
        }
    }
}

async fn by_ids(table: &Table<'_>, columns: &Columns, ids: &[Value]) -> Result<Vec<Item>, Error> {
    by_keys(table, columns, ids.iter().map(record_key).collect()).await
}

async fn by_keys(table: &Table<'_>, columns: &Columns, keys: Vec<String>) -> Result<Vec<Item>, Error> {
    let mut expressions = Expressions::new(table.model);
    let projection = columns.projection(&mut expressions);
    match keys.as_slice() {
        [one] => Ok(table.get(one, &expressions, projection.as_deref()).await?.into_iter().collect()),
        _ => table.batch_get(keys, &expressions, projection.as_deref()).await,
    }
}

async fn by_locks(
    table: &Table<'_>,
    columns: &Columns,
    constraint: &[usize],
    keys: &[Vec<Value>],
) -> Result<Vec<Item>, Error> {
    let locks = keys.iter().filter_map(|values| {
        lock_key(table.model, constraint, |field| {
            constraint.iter().position(|one| *one == field).and_then(|place| values.get(place)).unwrap_or(&Value::Null)
        })
    });
    let targets = lock_targets(table, locks.collect()).await?;
    if targets.is_empty() {
        return Ok(Vec::new());
    }
    by_keys(table, columns, targets).await
}

/// The records that hold these locks, each once.
pub(crate) async fn lock_targets(table: &Table<'_>, locks: Vec<String>) -> Result<Vec<String>, Error> {
    let mut expressions = Expressions::new(table.model);
    let projection = expressions.lock_target();
    let items = match locks.as_slice() {
        [one] => table.get(one, &expressions, Some(&projection)).await?.into_iter().collect(),
        _ => table.batch_get(locks, &expressions, Some(&projection)).await?,
    };
    let mut targets: Vec<String> = items.iter().filter_map(|lock| item::lock_target(lock).map(str::to_owned)).collect();
    targets.sort_unstable();
    targets.dedup();
    Ok(targets)
}

async fn by_pages(
    table: &Table<'_>,
    columns: &Columns,
    plan: &Plan,
    order: &[Order],
    enough: usize,
) -> Result<Vec<Vec<Value>>, Error> {
    let mut pages = Pages::new(table, columns, plan, order, false)?;
    let mut records: Vec<Vec<Value>> = Vec::new();
    loop {
        let limit = (plan.is_exact() && enough != usize::MAX).then(|| enough - records.len());
        let Some(page) = pages.next(limit).await? else {
            return Ok(records);
        };
        records.extend(columns.keep(plan, page.items)?);
        if records.len() >= enough {
            return Ok(records);
        }
    }
}

/// The pages of a query or a scan, one after the other.
struct Pages<'a> {
    table: &'a Table<'a>,
    index: Option<(&'a IndexAccess, String)>,
    expressions: Expressions,
    filter: Option<String>,
    projection: Option<String>,
    count_only: bool,
    start: Option<Item>,
    done: bool,
}

impl<'a> Pages<'a> {
    fn new(
        table: &'a Table<'a>,
        columns: &Columns,
        plan: &'a Plan,
        order: &[Order],
        count_only: bool,
    ) -> Result<Self, Error> {
        let mut expressions = Expressions::new(table.model);
        let mut conditions: Vec<String> = Vec::new();
        let index = match &plan.access {
            Access::Index(access) => Some((access, key_condition(access, &mut expressions))),
            _ => {
                scan_policy::check(table, plan, order)?;
                conditions.push(expressions.is_record());
                None
            }
        };
        match plan.filter.as_slice() {
            // The only condition stands without parentheses.
            [one] if conditions.is_empty() => conditions.push(expressions.condition(one)),
            several => conditions.extend(several.iter().map(|condition| expressions.operand(condition))),
        }
        let projection = if count_only { None } else { columns.projection(&mut expressions) };
        Ok(Self {
            table,
            index,
            expressions,
            filter: (!conditions.is_empty()).then(|| conditions.join(" AND ")),
            projection,
            count_only,
            start: None,
            done: false,
        })
    }

    async fn next(&mut self, limit: Option<usize>) -> Result<Option<ItemPage>, Error> {
        if self.done {
            return Ok(None);
        }
        let reading = Reading {
            expressions: &self.expressions,
            projection: self.projection.as_deref(),
            filter: self.filter.as_deref(),
            count_only: self.count_only,
        };
        let start = self.start.take();
        let mut page = match &self.index {
            Some((access, key_condition)) => self.table.query(access, key_condition, &reading, limit, start).await?,
            // The filter that leaves locks out is applied after the limit.
            None => self.table.scan(&reading, None, start).await?,
        };
        self.start = page.next.take();
        self.done = self.start.is_none();
        Ok(Some(page))
    }
}

fn key_condition(access: &IndexAccess, expressions: &mut Expressions) -> String {
    let hash = expressions.compare(access.index.hash(), orm::Comparison::Eq, &access.hash);
    let Some(field) = access.index.range() else {
        return hash;
    };
    let range = match &access.range {
        Range::All => return hash,
        Range::Compare(comparison, value) => expressions.compare(field, *comparison, value),
        Range::Between(low, high) => {
            let name = expressions.field(field);
            let bounds =
                [low, high].map(|bound| to_attribute(bound).map(|bound| expressions.value(bound)).unwrap_or_default());
            format!("{name} BETWEEN {}", bounds.join(" AND "))
        }
        Range::StartsWith(prefix) => expressions.condition(&Condition::StartsWith(field, prefix.clone())),
    };
    format!("{hash} AND {range}")
}
