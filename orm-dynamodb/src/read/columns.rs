//! Which columns a query reads, and where each of them is in a record that was read.

use std::cmp::Ordering;

use orm::driver::Matcher;
use orm::schema::ModelSchema;
use orm::{Condition, Error, Order, Rows, Value};

use crate::expression::Expressions;
use crate::item;
use crate::plan::{Access, Branch, Plan, Sorting};
use crate::table::Item;

/// What is checked here of each record of a branch.
pub(super) struct Checks<'b>(Vec<Matcher<'b>>);

impl<'b> Checks<'b> {
    pub(super) fn new(branch: &'b Branch) -> Self {
        Self::of(&*branch.residual)
    }

    pub(super) fn of(conditions: impl IntoIterator<Item = &'b Condition>) -> Self {
        Self(conditions.into_iter().map(Matcher::new).collect())
    }
}

/// The fields to read, first those that were asked for, and where each of them is then.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) model: &'static ModelSchema,
    fields: Vec<usize>,
    slots: Vec<Option<usize>>,
    /// Whether the keys of the items are read too.
    with_keys: bool,
}

impl Columns {
    pub(super) fn new(model: &'static ModelSchema, asked: &[usize], plan: &Plan, order: &[Order]) -> Self {
        let fields = Vec::with_capacity(asked.len());
        // Of several keys, the items say which is whose.
        let with_keys = plan.branches.iter().any(|branch| branch.access.count() > 1);
        let mut columns = Self { model, fields, slots: vec![None; model.fields().len()], with_keys };
        asked.iter().for_each(|field| columns.read(*field));
        for condition in plan.branches.iter().flat_map(|branch| &*branch.residual) {
            condition.fields().into_iter().for_each(|field| columns.read(field));
        }
        if plan.is_merged() || plan.sorting == Sorting::Here {
            columns.add_order(order);
        }
        columns
    }

    /// Reads what it takes to go on after any record, besides.
    pub(super) fn with_keys(mut self, plan: &Plan, order: &[Order]) -> Self {
        self.with_keys = true;
        self.read(self.model.id());
        for branch in &plan.branches {
            if let Access::Index(access) = &branch.access {
                self.read(access.index.hash());
                access.index.range().into_iter().for_each(|field| self.read(field));
            }
        }
        self.add_order(order);
        self
    }

    fn add_order(&mut self, order: &[Order]) {
        order.iter().for_each(|order| self.read(order.field));
    }

    fn read(&mut self, field: usize) {
        if let Some(slot @ None) = self.slots.get_mut(field) {
            *slot = Some(self.fields.len());
            self.fields.push(field);
        }
    }

    /// The projection; `None` when everything is read anyway.
    pub(super) fn projection(&self, expressions: &mut Expressions) -> Option<String> {
        if self.fields.len() >= self.model.fields().len() {
            return None;
        }
        // DynamoDB has no projection of nothing.
        let fields = if self.fields.is_empty() { vec![self.model.id()] } else { self.fields.clone() };
        let mut projection = expressions.projection(&fields);
        if self.with_keys {
            projection.push_str(", ");
            projection.push_str(expressions.partition_key());
        }
        Some(projection)
    }

    pub(super) fn value<'v>(&self, values: &'v [Value], field: usize) -> &'v Value {
        match self.slots.get(field) {
            Some(Some(slot)) => values.get(*slot).unwrap_or(&Value::Null),
            _ => &Value::Null,
        }
    }

    /// A list of records with these columns, which has none yet.
    pub(super) fn rows(&self) -> Rows {
        Rows::new(self.fields.len())
    }

    /// Adds the record of an item, if it passes; whether it does.
    ///
    /// # Errors
    /// `Decode`.
    pub(super) fn add(&self, item: Item, checks: &Checks<'_>, rows: &mut Rows) -> Result<bool, Error> {
        let values = rows.add();
        item::read(self.model, &self.fields, item, values)?;
        let passes = self.pass(checks, values);
        if !passes {
            rows.truncate(rows.len() - 1);
        }
        Ok(passes)
    }

    /// The values of an item.
    ///
    /// # Errors
    /// `Decode`.
    pub(super) fn decode(&self, item: Item) -> Result<Vec<Value>, Error> {
        item::values(self.model, &self.fields, item)
    }

    /// Whether what DynamoDB could not check holds for a record.
    pub(super) fn pass(&self, checks: &Checks<'_>, values: &[Value]) -> bool {
        checks.0.iter().all(|check| check.holds(&|field| self.value(values, field)))
    }

    pub(super) fn sort(&self, rows: &mut Rows, order: &[Order]) {
        let mut places: Vec<usize> = (0..rows.len()).collect();
        places.sort_by(|a, b| self.compare(order, rows.get(*a), rows.get(*b)));
        rows.arrange(&places);
    }

    pub(super) fn compare(&self, order: &[Order], a: Option<&[Value]>, b: Option<&[Value]>) -> Ordering {
        let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
        Order::compare(order, |field| self.value(a, field), |field| self.value(b, field))
    }
}
