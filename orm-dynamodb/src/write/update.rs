//! Changes to one record.

use orm::driver::{Change, ChangeOperation, Find, Update};
use orm::{Condition, Error, Row, UniqueKey, Value};

use super::commit::{Outcome, commit};
use super::step::{Role, Step};
use super::{Target, change, constraints};
use crate::error::unique_violation;
use crate::expression::Expressions;
use crate::item;
use crate::key::lock_key;
use crate::read;
use crate::retry::Tries;
use crate::store::Table;

/// What one try of an update came to.
pub(super) enum Tried {
    /// The record as it is now.
    Updated(Vec<Value>),
    /// There is no such record, or it does not have the unique key.
    Missing,
    /// The filter does not hold for the record.
    Excluded,
    /// Another writer got in between the read and the write.
    Raced,
}

pub(crate) async fn update(table: &Table<'_>, query: &Update) -> Result<Option<Row>, Error> {
    if query.changes.is_empty() {
        let find = Find {
            model: query.model,
            filter: query.key.condition(),
            order: Vec::new(),
            skip: 0,
            take: Some(1),
            fields: query.fields.clone(),
        };
        return Ok(read::find(table, &find).await?.pop());
    }
    change::check(query.model, &query.changes)?;
    let target = Target::of(query.model, &query.key);
    let change = Changing::new(table, &query.changes, &query.fields);
    let mut tries = Tries::default();
    let mut lost_to: Option<String> = None;
    loop {
        let Some(pk) = target.resolve(table).await? else {
            return Ok(None);
        };
        let key = matches!(target, Target::Lock(_)).then_some(&query.key);
        match change.apply(table, &pk, key, &Condition::always()).await? {
            Tried::Updated(values) => return Ok(Some(Row::new(values))),
            Tried::Missing if key.is_none() => return Ok(None),
            // The lock names a record that does not hold the value, and it has not moved since: an orphan.
            Tried::Missing if lost_to.as_ref() == Some(&pk) => return Ok(None),
            Tried::Missing | Tried::Excluded | Tried::Raced => lost_to = Some(pk),
        }
        if !tries.race_again().await {
            return Err(table.conflict());
        }
    }
}

/// Changes to apply to records.
pub(super) struct Changing<'q> {
    changes: &'q [Change],
    /// The fields to return.
    fields: &'q [usize],
    /// The constraints whose locks may have to move.
    moved: Vec<&'static [usize]>,
}

impl<'q> Changing<'q> {
    pub(super) fn new(table: &Table<'_>, changes: &'q [Change], fields: &'q [usize]) -> Self {
        let touched = |field: &usize| changes.iter().any(|change| change.field == *field);
        let moved = constraints(table).filter(|constraint| constraint.iter().any(touched)).collect();
        Self { changes, fields, moved }
    }

    /// Whether the record has to be read first, because locks may move with it.
    pub(super) fn moves_locks(&self) -> bool {
        !self.moved.is_empty()
    }

    /// Changes the record with this key, if it still has the unique key and the filter holds for it.
    pub(super) async fn apply(
        &self,
        table: &Table<'_>,
        pk: &str,
        key: Option<&UniqueKey>,
        filter: &Condition,
    ) -> Result<Tried, Error> {
        if self.moves_locks() {
            self.move_locks(table, pk, key, filter).await
        } else {
            self.write(table, pk, key, filter).await
        }
    }

    /// One conditional UpdateItem.
    async fn write(
        &self,
        table: &Table<'_>,
        pk: &str,
        key: Option<&UniqueKey>,
        filter: &Condition,
    ) -> Result<Tried, Error> {
        let model = table.model;
        let mut expressions = Expressions::new(model);
        let update = change::expression(self.changes, &mut expressions);
        let mut conditions: Vec<String> = key
            .into_iter()
            .flat_map(UniqueKey::values)
            .map(|(field, value)| expressions.equals(*field, value))
            .collect();
        conditions.extend(change::still(model, filter, &mut expressions));
        conditions.extend(change::range_conditions(model, self.changes, &mut expressions)?);
        let condition = change::all(&mut expressions, conditions);
        let refused = match table.update(pk, &expressions, &update, &condition).await? {
            Ok(item) => return item::values(model, self.fields, item).map(Tried::Updated),
            Err(refused) => refused,
        };
        let Some(item) = refused.item else {
            return Ok(Tried::Missing);
        };
        let all: Vec<usize> = (0..model.fields().len()).collect();
        let values = item::values(model, &all, item)?;
        let value = |field: usize| values.get(field).unwrap_or(&Value::Null);
        if !key.is_none_or(|key| change::has_key(key, value)) {
            return Ok(Tried::Missing);
        }
        if !filter.holds(&value) {
            return Ok(Tried::Excluded);
        }
        change::overflow(model, self.changes, value).map_or(Ok(Tried::Raced), Err)
    }

    /// One GetItem, and one transaction of the record and the locks that move.
    async fn move_locks(
        &self,
        table: &Table<'_>,
        pk: &str,
        key: Option<&UniqueKey>,
        filter: &Condition,
    ) -> Result<Tried, Error> {
        let model = table.model;
        let Some(item) = table.get(pk, &Expressions::new(model), None).await? else {
            return Ok(Tried::Missing);
        };
        let all: Vec<usize> = (0..model.fields().len()).collect();
        let before = item::values(model, &all, item)?;
        let old = |field: usize| before.get(field).unwrap_or(&Value::Null);
        if !key.is_none_or(|key| change::has_key(key, old)) {
            return Ok(Tried::Missing);
        }
        if !filter.holds(&old) {
            return Ok(Tried::Excluded);
        }
        let (steps, after) = self.steps(table, pk, &before, key)?;
        if steps.len() == 1 {
            // No lock moves after all: the new unique values are the old ones.
            return self.write(table, pk, key, filter).await;
        }
        match commit(table, vec![steps]).await? {
            Outcome::Done => Ok(Tried::Updated(self.returned(&after))),
            Outcome::Refused { roles, .. } => judge(table, &roles),
        }
    }

    /// The writes for a record with these values, and its values afterwards.
    pub(super) fn steps(
        &self,
        table: &Table<'_>,
        pk: &str,
        before: &[Value],
        key: Option<&UniqueKey>,
    ) -> Result<(Vec<Step>, Vec<Value>), Error> {
        let model = table.model;
        let mut after = before.to_vec();
        for change in self.changes {
            if let Some(value) = after.get_mut(change.field) {
                *value = change::apply(model, change, value)?;
            }
        }
        let old = |field: usize| before.get(field).unwrap_or(&Value::Null);
        let new = |field: usize| after.get(field).unwrap_or(&Value::Null);

        // What was read and acted on must still be so: the unique values, the key, and what was added to.
        let mut relied_on: Vec<usize> = self.moved.iter().copied().flatten().copied().collect();
        relied_on.extend(key.into_iter().flat_map(UniqueKey::values).map(|(field, _)| *field));
        relied_on.extend(
            self.changes
                .iter()
                .filter_map(|change| matches!(change.operation, ChangeOperation::Increment(_)).then_some(change.field)),
        );
        relied_on.sort_unstable();
        relied_on.dedup();

        let mut expressions = Expressions::new(model);
        let update = change::expression(self.changes, &mut expressions);
        let conditions = change::unchanged(&relied_on, old, &mut expressions);
        let condition = change::all(&mut expressions, conditions);
        let mut steps = vec![Step::update_record(pk.to_owned(), update, condition, expressions)];
        for constraint in self.moved.iter().copied() {
            let (old, new) = (lock_key(model, constraint, old), lock_key(model, constraint, new));
            if old != new {
                steps.extend(new.map(|lock| Step::take_lock(table, constraint, &lock, pk)));
                steps.extend(old.map(|lock| Step::free_lock(table, lock, pk)));
            }
        }
        Ok((steps, after))
    }

    fn returned(&self, values: &[Value]) -> Vec<Value> {
        self.fields.iter().map(|field| values.get(*field).cloned().unwrap_or(Value::Null)).collect()
    }
}

/// What refused steps of an update mean: a taken value, unless the record itself was changed in between.
fn judge(table: &Table<'_>, refused: &[Role]) -> Result<Tried, Error> {
    let constraints: Option<Vec<_>> = refused
        .iter()
        .map(|role| match role {
            Role::TakeLock(constraint) => Some(*constraint),
            Role::Record | Role::FreeLock => None,
        })
        .collect();
    match constraints.as_deref() {
        Some([constraint, ..]) => Err(unique_violation(table.model, constraint)),
        _ => Ok(Tried::Raced),
    }
}
