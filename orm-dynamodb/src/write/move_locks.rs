//! Changes to one record that move its locks: the record and the locks in one transaction.

use orm::driver::Change;
use orm::{Error, UniqueKey, Value};

use super::change;
use super::commit::{Committed, commit};
use super::step::{Role, Step};
use super::update::{Changing, Subject, Tried};
use crate::error::unique_violation;
use crate::expression::Expressions;
use crate::idempotency::{Counted, Token, is_newest};
use crate::item;
use crate::retry::Tries;
use crate::table::{Item, Table};
use crate::values::{Values, distinct};

impl Changing<'_> {
    /// One GetItem, and one transaction of the record and the locks that move.
    pub(super) async fn move_locks(
        &self,
        table: &Table<'_>,
        subject: Subject<'_>,
        tries: &mut Tries,
    ) -> Result<Tried, Error> {
        let Subject { pk, key, once, .. } = subject;
        let model = table.model;
        let Some(item) = table.get(pk).await? else {
            return self.gone(table, subject);
        };
        if let Some(applied) = self.applied_before(table, subject, &item)? {
            return Ok(applied);
        }
        let before = Values::of(model, item.clone())?;
        if let Some(unmet) = self.unmet(key, &before) {
            return Ok(unmet);
        }
        let (steps, after) = self.steps(table, subject, &before, Some(&item))?;
        if steps.len() == 1 {
            // No lock moves after all: the new unique values are the old ones, if they still are what was read.
            let relied_on = self.moved.iter().copied().flatten().map(|field| (*field, before.get(*field).clone()));
            let relied_on: Vec<(usize, Value)> = relied_on.collect();
            return self.write(table, subject, &relied_on, tries).await;
        }
        match commit(table, vec![steps]).await? {
            Committed::Done => Ok(Tried::Updated(after.pick(self.fields))),
            Committed::Refused { roles, has_lost_an_answer, .. } => {
                once.filter(|_| has_lost_an_answer).into_iter().for_each(|once| self.note_lost(table, once));
                why_cancelled(table, &roles)
            }
        }
    }

    /// The writes for a record that has the values `before`, and its values afterwards.
    pub(super) fn steps(
        &self,
        table: &Table<'_>,
        subject: Subject<'_>,
        before: &Values,
        answered: Option<&Item>,
    ) -> Result<(Vec<Step<'static>>, Values), Error> {
        let Subject { pk, key, once, .. } = subject;
        let model = table.model;
        let mut after = before.clone();
        for change in self.changes {
            after.set(change.field, change::apply(model, change, after.get(change.field))?);
        }
        item::check_values(model, after.iter())?;

        let relied_on = self.relied_on(key);
        let mut expressions = Expressions::new(model);
        // A transaction is applied once without it, unless something is added: an earlier try may still arrive.
        let adding = once.filter(|_| change::adds(self.changes)).map(|once| once.token.clone());
        let known = || answered.map_or_else(|| table.counts.last(table.name, pk), Counted::of);
        let new_token = || (!table.engine.has_transactions()).then(|| Token::after(known(), pk));
        let remembered = adding.clone().or_else(new_token);
        let changes: Vec<Change> = self
            .changes
            .iter()
            .map(|change| change::set_sum(model, change, before.get(change.field)))
            .collect::<Result<_, _>>()?;
        let update = change::expression(&changes, remembered.as_ref(), false, &mut expressions);
        let mut all = change::exists(&mut expressions);
        match answered {
            Some(item) => {
                if !table.engine.has_transactions() {
                    // What arrives late must not make the change again, after others have undone it.
                    is_newest(item, &mut expressions, &mut all);
                }
                let fields = distinct(self.fields.iter().copied().chain(relied_on));
                change::unchanged_item(table, &fields, item, &mut expressions, &mut all);
            }
            None => change::unchanged(table, &relied_on, before, &mut expressions, &mut all),
        }
        if let Some(token) = adding {
            token.not_applied(None, &mut expressions, &mut all);
        }
        let mut steps = vec![Step::update_record(pk.to_owned(), update, remembered, all.into_text(), expressions)];
        for constraint in self.moved.iter().copied() {
            let (old, new) = (before.lock_key(constraint), after.lock_key(constraint));
            let as_stored = before.lock_key_as_stored(constraint);
            if old != new {
                steps.extend(new.map(|lock| Step::take_lock(table, constraint, lock, pk)));
                steps.extend(old.into_iter().chain(as_stored).map(|lock| Step::free_lock(table, lock, pk)));
            } else if as_stored.is_some() && self.changes.iter().any(|change| before.has_notation(change.field)) {
                // The same number, which is written as all others are from now on.
                steps.extend(new.map(|lock| Step::take_or_keep_lock(table, constraint, lock, pk)));
                steps.extend(as_stored.map(|lock| Step::free_lock(table, lock, pk)));
            }
        }
        Ok((steps, after))
    }

    /// What is read and acted on, and must still be so: besides what the record is judged by, the unique values. What is
    /// answered must be too.
    fn relied_on(&self, key: Option<&UniqueKey>) -> Vec<usize> {
        let unique = self.moved.iter().copied().flatten().copied();
        distinct(self.judged_by(key).into_iter().chain(unique))
    }
}

/// What refused steps of an update mean: a taken value, unless the record itself was changed in between.
fn why_cancelled(table: &Table<'_>, refused: &[Role]) -> Result<Tried, Error> {
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
