//! Locks that are missing or left over, put right: on the condition that nothing has changed since. Audits find them, and
//! writers that meet an orphan.

use aws_sdk_dynamodb::types::{ConditionCheck, TransactWriteItem};
use orm::Error;

use super::change;
use super::commit::{Transaction, transact_actions};
use super::step::Step;
use crate::expression::Expressions;
use crate::idempotency::TransactionToken;
use crate::table::{Item, Table, key};
use crate::values::Values;

/// A lock, and what was read before it is put right.
#[derive(Debug)]
pub(crate) struct Mending<'m> {
    pub(crate) constraint: &'static [usize],
    /// The key of the lock.
    pub(crate) lock: &'m str,
    /// The lock as it is, if there is one.
    pub(crate) found: Option<&'m Item>,
    /// The key of the record that the lock names, and what it has of the constraint, if there is such a record.
    pub(crate) target: Option<(&'m str, Option<Seen<'m>>)>,
}

/// What was read of a record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seen<'m> {
    /// Its values by field, in forms that conditions find.
    Values(&'m Values),
    /// Attributes in any form.
    Item(&'m Item),
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mended {
    Done,
    /// Something is not as it was read any more; nothing was written.
    Changed,
}

impl Mending<'_> {
    /// Takes the lock for a record that has these values and lacks it.
    pub(crate) async fn take(&self, table: &Table<'_>, record: &str, values: &Values) -> Result<Mended, Error> {
        let mut step = Step::take_lock(table, self.constraint, self.lock.to_owned(), record);
        if let Some(orphan) = self.found {
            step.take_from(table, orphan);
        }
        let mut actions = vec![step.transact_item(table)?, self.still(table, record, Some(Seen::Values(values)))?];
        if let Some((target, seen)) = self.target {
            actions.push(self.still(table, target, seen)?);
        }
        match transact(table, actions).await? {
            Some(mended) => Ok(mended),
            None => self.take_first(table, record, step).await,
        }
    }

    /// Without transactions: the lock first, and back again if the record has another value by then.
    async fn take_first(&self, table: &Table<'_>, record: &str, mut step: Step<'_>) -> Result<Mended, Error> {
        step.stamp(table);
        if step.send(table).await?.is_err() {
            return Ok(Mended::Changed);
        }
        let item = table.get_fields(record, self.constraint).await?;
        let values = item.map(|item| Values::of_fields(table.model, self.constraint, item)).transpose()?;
        if values.is_some_and(|values| values.hold(self.constraint, self.lock)) {
            return Ok(Mended::Done);
        }
        step.undo(table).await?;
        Ok(Mended::Changed)
    }

    /// Removes the lock, whose target does not hold its value.
    pub(crate) async fn free(&self, table: &Table<'_>) -> Result<Mended, Error> {
        let (Some(lock), Some((target, seen))) = (self.found, self.target) else {
            return Ok(Mended::Changed);
        };
        let mut step = Step::free_lock(table, self.lock.to_owned(), target);
        step.free_only(table, Some(lock));
        let actions = vec![step.transact_item(table)?, self.still(table, target, seen)?];
        if let Some(mended) = transact(table, actions).await? {
            return Ok(mended);
        }
        // Whoever takes it in the meantime puts another stamp on it.
        Ok(if step.send(table).await?.is_ok() { Mended::Done } else { Mended::Changed })
    }

    /// The condition that a record still has of the constraint what was seen, or that there still is none.
    fn still(&self, table: &Table<'_>, record: &str, seen: Option<Seen<'_>>) -> Result<TransactWriteItem, Error> {
        let mut expressions = Expressions::new(table.model);
        let condition = match seen {
            None => expressions.absent().to_owned(),
            Some(seen) => {
                let mut all = change::exists(&mut expressions);
                match seen {
                    Seen::Values(values) => {
                        change::unchanged(table, self.constraint, values, &mut expressions, &mut all);
                    }
                    Seen::Item(item) => {
                        change::unchanged_item(table, self.constraint, item, &mut expressions, &mut all);
                    }
                }
                all.into_text()
            }
        };
        let check = ConditionCheck::builder()
            .table_name(table.name)
            .set_key(Some(key(record)))
            .condition_expression(condition)
            .set_expression_attribute_names(expressions.names())
            .set_expression_attribute_values(expressions.values())
            .build()
            .map_err(|error| table.unbuildable(error))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }
}

/// One transaction; `None` when the engine has none.
async fn transact(table: &Table<'_>, actions: Vec<TransactWriteItem>) -> Result<Option<Mended>, Error> {
    if !table.engine.has_transactions() {
        return Ok(None);
    }
    let token = TransactionToken::new();
    let transacted = transact_actions(table, &token, || Ok(actions.clone()), |_| None, &mut table.tries()).await?;
    Ok(match transacted {
        Transaction::Done => Some(Mended::Done),
        Transaction::Refused(_) => Some(Mended::Changed),
        Transaction::Unsupported => None,
    })
}
