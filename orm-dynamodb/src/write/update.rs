//! Changes to one record.

use std::borrow::Cow;

use orm::driver::{Change, Find, Update};
use orm::schema::ModelSchema;
use orm::{Condition, Error, Row, UniqueKey, Value};

use super::filter::WriteFilter;
use super::{Target, change};
use crate::error::outcome_unknown;
use crate::expression::{Conjunction, Expressions, check_expressions};
use crate::idempotency::{Once, same_history};
use crate::in_doubt::Doubt;
use crate::item;
use crate::read;
use crate::retry::Tries;
use crate::table::{Item, ItemUpdate, Refused, Table, goes_away};
use crate::values::Values;

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

/// What an update that got no answer comes to when there is no record to change any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gone {
    /// In doubt: others may have seen what it set, and have deleted the record since.
    InDoubt,
    /// As good as never made: the record is stored anew now, as if after that.
    Undone,
}

pub(crate) async fn update(table: &Table<'_>, query: &Update) -> Result<Option<Row>, Error> {
    update_or(table, query, Gone::InDoubt).await
}

pub(super) async fn update_or(table: &Table<'_>, query: &Update, gone: Gone) -> Result<Option<Row>, Error> {
    if query.changes.is_empty() {
        let find = Find {
            model: query.model,
            filter: Condition::And(vec![query.key.clone().into_condition(), query.filter.clone()]),
            order: Vec::new(),
            skip: 0,
            take: Some(1),
            fields: query.fields.clone(),
        };
        let found = read::find(table, &find).await?;
        return Ok(found.last().map(|values| Row::new(values.to_vec())));
    }
    change::check(query.model, &query.changes)?;
    let target = Target::of(query.model, &query.key);
    let filter = WriteFilter::new(query.model, &query.filter);
    if filter.is_never() {
        return Ok(None);
    }
    let change = Changing { gone, ..Changing::new(query.model, &query.changes, &query.fields, filter) };
    let mut tries = table.tries();
    let mut lost_to: Option<String> = None;
    let mut once: Option<Once> = None;
    loop {
        let pk = target.resolve(table).await?;
        if pk != lost_to && once.as_ref().is_some_and(Once::has_lost_an_answer) {
            // The key has left the record that an attempt without an answer may have changed, or may change still.
            return Err(outcome_unknown(table.model, "an update"));
        }
        let Some(pk) = pk else { return Ok(None) };
        if lost_to.as_ref() != Some(&pk) {
            once = change.once(table, &pk);
        }
        let key = matches!(target, Target::Lock(_)).then_some(&query.key);
        let subject = Subject { pk: &pk, key, once: once.as_ref(), found: &[] };
        match change.apply(table, subject, &mut tries).await? {
            Tried::Updated(values) => return Ok(Some(Row::new(values))),
            Tried::Missing if key.is_none() => return Ok(None),
            // The lock names a record that does not hold the value, and it has not moved since: an orphan.
            Tried::Missing if lost_to.as_ref() == Some(&pk) => return Ok(None),
            Tried::Missing if tries.second_look().await => lost_to = Some(pk),
            Tried::Excluded => return Ok(None),
            Tried::Raced if tries.race_again().await => lost_to = Some(pk),
            Tried::Missing | Tried::Raced => return Err(change.conflict(table, subject)),
        }
    }
}

/// Changes to apply to records.
pub(super) struct Changing<'q> {
    model: &'static ModelSchema,
    pub(super) changes: &'q [Change],
    /// The fields to return.
    pub(super) fields: &'q [usize],
    /// What must hold for a record.
    filter: WriteFilter<'q>,
    /// Whether the changes may take a record out of the filter.
    ends_filter: bool,
    /// The constraints whose locks may have to move.
    pub(super) moved: Vec<&'static [usize]>,
    gone: Gone,
}

/// A record to change.
#[derive(Clone, Copy)]
pub(super) struct Subject<'r> {
    pub(super) pk: &'r str,
    /// The unique key that it must still have.
    pub(super) key: Option<&'r UniqueKey>,
    /// What its tries have in common: see [`Changing::once`].
    pub(super) once: Option<&'r Once>,
    /// What was read of it when it was found: see [`Changing::to_find`].
    pub(super) found: &'r [(usize, Value)],
}

/// The expressions of an UpdateItem.
struct Written {
    expressions: Expressions,
    update: String,
    all: Conjunction,
    /// Whether nothing but that the record exists is asked for.
    only_exists: bool,
}

/// What a look at a record says of an update.
enum Look {
    /// It is to be changed, by these values of it.
    Change(Values),
    /// It is not to be changed, or is already.
    Settled(Tried),
}

impl<'q> Changing<'q> {
    /// Changes to records for which the filter holds.
    pub(super) fn new(
        model: &'static ModelSchema,
        changes: &'q [Change],
        fields: &'q [usize],
        filter: WriteFilter<'q>,
    ) -> Self {
        let ends_filter = change::touch(changes, filter.fields());
        let moved = change::moved(model, changes).collect();
        Self { model, changes, fields, filter, ends_filter, moved, gone: Gone::InDoubt }
    }

    /// What the tries of changing this record have in common, if it would matter that they are applied more than once.
    pub(super) fn once(&self, table: &Table<'_>, pk: &str) -> Option<Once> {
        // What takes itself out of its filter would find itself excluded when it is sent again after a lost answer.
        (change::adds(self.changes) || self.ends_filter).then(|| Once::new(table, pk))
    }

    /// The fields to read of a record when it is found, so that it need not be read once more to be changed: those of the
    /// filter that no expression holds. They have to be what they were.
    pub(super) fn to_find(&self, table: &Table<'_>) -> &[usize] {
        let left_over = self.filter.left_over();
        if left_over.iter().all(|field| change::is_comparable(table, *field)) { left_over } else { &[] }
    }

    /// Whether the record has to be read first, because locks may move with it.
    pub(super) fn moves_locks(&self) -> bool {
        !self.moved.is_empty()
    }

    /// Changes the record, if it still has the unique key and the filter holds for it. The tries are those of the caller:
    /// what is tried again here counts among them.
    pub(super) async fn apply(
        &self,
        table: &Table<'_>,
        subject: Subject<'_>,
        tries: &mut Tries,
    ) -> Result<Tried, Error> {
        let tried = if self.moves_locks() {
            self.move_locks(table, subject, tries).await
        } else {
            self.write(table, subject, &[], tries).await
        };
        match tried {
            Ok(Tried::Missing | Tried::Excluded) if self.may_still_arrive(subject) => {
                Err(outcome_unknown(table.model, "an update"))
            }
            Err(error) if error.written().is_none() && self.may_still_arrive(subject) => {
                Err(error.with_outcome_unknown(true))
            }
            tried => tried,
        }
    }

    /// Others got in between, again and again.
    pub(super) fn conflict(&self, table: &Table<'_>, subject: Subject<'_>) -> Error {
        table.conflict().with_outcome_unknown(self.may_still_arrive(subject))
    }

    /// Notes that a write with locks got no answer, of which it is known that it was not applied then. Without transactions
    /// it is conditional on the last write that the record remembers, so that it adds to a record later, or does nothing.
    pub(super) fn note_lost(&self, table: &Table<'_>, once: &Once) {
        if table.engine.has_transactions() || change::adds(self.changes) {
            once.note_lost();
        }
    }

    /// Whether what was sent before may add to the record later, when what refused it is no longer so.
    fn may_still_arrive(&self, subject: Subject<'_>) -> bool {
        subject.once.is_some_and(Once::has_lost_an_answer) && change::adds(self.changes)
    }

    /// One conditional UpdateItem, if these values of the record are still what was read. One that adds is made sure to
    /// be applied once: see [`crate::idempotency`].
    pub(super) async fn write(
        &self,
        table: &Table<'_>,
        subject: Subject<'_>,
        relied_on: &[(usize, Value)],
        tries: &mut Tries,
    ) -> Result<Tried, Error> {
        let Subject { pk, once, .. } = subject;
        let adds = change::adds(self.changes);
        let token = once.map(|once| &once.token);
        // What no expression holds is evaluated on the record as it was read, and must still be so.
        let mut seen: Option<Item> = None;
        let mut doubt = Doubt::new(&table.operation.sent);
        let is_checked = self.filter.is_checked() || !subject.found.is_empty();
        if change::needs_values(self.model, self.changes, None) || !is_checked {
            seen = table.get(pk).await?;
            if seen.is_none() {
                return self.gone(table, subject);
            }
        }
        loop {
            let values = match &seen {
                None => None,
                Some(item) => match self.look_at(table, subject, item)? {
                    Look::Change(values) => Some(values),
                    Look::Settled(tried) => {
                        if matches!(tried, Tried::Updated(_)) {
                            doubt.settle();
                        }
                        return Ok(tried);
                    }
                },
            };
            let written = self.written(table, subject, relied_on, seen.as_ref().zip(values.as_ref()))?;
            let request = ItemUpdate {
                pk,
                expressions: &written.expressions,
                update: &written.update,
                condition: written.all.text(),
                only_exists: written.only_exists,
                token,
                without_sdk_retries: adds,
            };
            let item = match table.update(request).await {
                Ok(Ok(item)) => {
                    doubt.settle();
                    self.filter.note_held(table, seen.as_ref());
                    return self.updated(table, subject, item);
                }
                Ok(Err(refused)) => {
                    if !self.goes_on(subject, seen.as_ref(), &refused, tries).await {
                        // What was relied on was read before, and may be what has changed.
                        let seen = seen.as_ref().filter(|_| relied_on.is_empty());
                        doubt.settle();
                        return self.why_refused(table, subject, seen, refused);
                    }
                    // Others that were at it have gone on in the pause.
                    if tries.have_paused() { table.get(pk).await? } else { refused.item }
                }
                Err(error) if adds && goes_away(&error) => {
                    if error.is_outcome_unknown() {
                        doubt.open();
                        once.into_iter().for_each(Once::note_lost);
                    }
                    if !once.is_some_and(Once::has_lost_an_answer) {
                        if tries.again().await {
                            continue;
                        }
                        return Err(error);
                    }
                    look_again(table, pk, error, tries).await?
                }
                Err(error) => return Err(error),
            };
            let Some(item) = item else { return self.gone(table, subject) };
            seen = Some(item);
        }
    }

    /// Whether an update that was refused is tried again, on the record as it is now.
    async fn goes_on(&self, subject: Subject<'_>, seen: Option<&Item>, refused: &Refused, tries: &mut Tries) -> bool {
        if refused.in_doubt {
            subject.once.into_iter().for_each(Once::note_lost);
        }
        let item = refused.item.as_ref();
        // What has no token cannot be told from what others wrote.
        let can_be_told = subject.once.is_some() || !refused.in_doubt;
        // There is something to add to, or to compare, that DynamoDB cannot: with the value known, it is set, or has to stay.
        let is_for_us = change::needs_values(self.model, self.changes, item)
            || item.is_some_and(|item| self.filter.may_hold_for_text(self.model, item));
        if seen.is_none() && is_for_us {
            return can_be_told;
        }
        let has_changed = seen.zip(item).is_some_and(|(seen, item)| !same_history(seen, item));
        has_changed && can_be_told && tries.race_again().await
    }

    /// The expressions of an UpdateItem, from the record as it was read, if it was.
    fn written(
        &self,
        table: &Table<'_>,
        subject: Subject<'_>,
        relied_on: &[(usize, Value)],
        seen: Option<(&Item, &Values)>,
    ) -> Result<Written, Error> {
        let model = table.model;
        let token = subject.once.map(|once| &once.token);
        let mut expressions = Expressions::new(model);
        let (changes, summed) = self.with_sums(model, seen)?;
        let update =
            change::expression(&changes, token, subject.once.is_some_and(Once::has_lost_an_answer), &mut expressions);
        let mut all = change::exists(&mut expressions);
        let exists = all.parts();
        let key = subject.key.into_iter().flat_map(UniqueKey::values);
        // A record that was read since counts as it is now.
        let found = if seen.is_none() { subject.found } else { &[] };
        for (field, value) in key.chain(relied_on).chain(found) {
            if change::is_comparable(table, *field) {
                expressions.equals(*field, value, all.and());
            }
        }
        self.filter.ask(table, seen.map(|(item, _)| item), &summed, &mut expressions, &mut all);
        change::in_range(model, &changes, &mut expressions, &mut all);
        if let Some(token) = token {
            token.not_applied(seen.map(|(item, _)| item), &mut expressions, &mut all);
        }
        check_expressions(model, &update, all.text())?;
        let only_exists = all.parts() == exists;
        Ok(Written { expressions, update, all, only_exists })
    }

    /// What was asked for of a record that has been changed.
    fn updated(&self, table: &Table<'_>, subject: Subject<'_>, item: Item) -> Result<Tried, Error> {
        if subject.once.is_some() {
            table.counts.note(table.name, subject.pk, &item);
        }
        self.answer(table.model, item)
    }

    /// The changes with the sums that are made here, from the record as it was read, and the fields that these rely on.
    fn with_sums(
        &self,
        model: &'static ModelSchema,
        seen: Option<(&Item, &Values)>,
    ) -> Result<(Cow<'q, [Change]>, Vec<usize>), Error> {
        match seen.filter(|(item, _)| change::needs_values(model, self.changes, Some(item))) {
            None => Ok((Cow::Borrowed(self.changes), Vec::new())),
            Some((item, values)) => {
                let (changes, fields) = change::with_sums(model, self.changes, Some(item), values)?;
                Ok((Cow::Owned(changes), fields))
            }
        }
    }

    fn look_at(&self, table: &Table<'_>, subject: Subject<'_>, item: &Item) -> Result<Look, Error> {
        if let Some(applied) = self.applied_before(table, subject, item)? {
            return Ok(Look::Settled(applied));
        }
        let values = self.values_to_judge_by(table.model, subject.key, item)?;
        Ok(match self.unmet(subject.key, &values) {
            Some(unmet) => Look::Settled(unmet),
            None => Look::Change(values),
        })
    }

    /// What an earlier try came to, if the record has had it.
    ///
    /// # Errors
    /// That it is not known, when the record may have forgotten it.
    pub(super) fn applied_before(
        &self,
        table: &Table<'_>,
        subject: Subject<'_>,
        item: &Item,
    ) -> Result<Option<Tried>, Error> {
        let Some(once @ Once { token, .. }) = subject.once else { return Ok(None) };
        if token.is_in(item) {
            return self.updated(table, subject, item.clone()).map(Some);
        }
        if once.has_lost_an_answer() && token.is_left_open_by(item) {
            return Err(outcome_unknown(table.model, "an update"));
        }
        Ok(None)
    }

    /// The values of a record that decide whether it is to be changed, and to what.
    fn values_to_judge_by(
        &self,
        model: &'static ModelSchema,
        key: Option<&UniqueKey>,
        item: &Item,
    ) -> Result<Values, Error> {
        Values::of_fields(model, &self.judged_by(key), item.clone())
    }

    /// The fields of the filter, of the key, and what is added to.
    pub(super) fn judged_by(&self, key: Option<&UniqueKey>) -> Vec<usize> {
        let added = self.changes.iter().filter(|change| change::is_increment(change));
        let mut fields = self.filter.fields().to_vec();
        fields.extend(key.into_iter().flat_map(UniqueKey::fields).chain(added.map(|change| change.field)));
        fields
    }

    /// Why a record with these values is not to be changed, if it is not.
    pub(super) fn unmet(&self, key: Option<&UniqueKey>, values: &Values) -> Option<Tried> {
        match key {
            Some(key) if !values.have(key) => Some(Tried::Missing),
            _ if !self.filter.holds(values) => Some(Tried::Excluded),
            _ => None,
        }
    }

    /// There is no record. An attempt without an answer may have changed it before it went.
    pub(super) fn gone(&self, table: &Table<'_>, subject: Subject<'_>) -> Result<Tried, Error> {
        if subject.once.is_some_and(Once::has_lost_an_answer) {
            return Err(outcome_unknown(table.model, "an update"));
        }
        Ok(Tried::Missing)
    }

    /// Why an update was refused, from the record as it was.
    fn why_refused(
        &self,
        table: &Table<'_>,
        subject: Subject<'_>,
        seen: Option<&Item>,
        refused: Refused,
    ) -> Result<Tried, Error> {
        let (model, key) = (table.model, subject.key);
        if refused.in_doubt && (refused.item.is_some() || self.gone == Gone::InDoubt) {
            return Err(outcome_unknown(model, "an update"));
        }
        let Some(item) = refused.item else {
            return self.gone(table, subject);
        };
        let moved = self.moved.iter().copied().flatten().copied();
        let named = key.into_iter().flat_map(UniqueKey::fields);
        item::check_form(model, named.chain(moved), &item)?;
        self.filter.check_form(model, &item)?;
        let is_as_seen = seen == Some(&item);
        let values = self.values_to_judge_by(model, key, &item)?;
        if let Some(unmet) = self.unmet(key, &values) {
            return Ok(unmet);
        }
        if let Some(overflow) = change::overflow(model, self.changes, &values) {
            return Err(overflow);
        }
        if is_as_seen {
            self.filter.note_refused_as_read(table);
        }
        Ok(Tried::Raced)
    }

    /// What was asked for of the record as it is now.
    fn answer(&self, model: &'static ModelSchema, item: Item) -> Result<Tried, Error> {
        item::values(model, self.fields, item).map(Tried::Updated).map_err(|error| error.after_write(1))
    }
}

/// The record after an update that failed for a cause that passes, when an answer was lost.
async fn look_again(table: &Table<'_>, pk: &str, error: Error, tries: &mut Tries) -> Result<Option<Item>, Error> {
    while tries.again().await {
        match table.get(pk).await {
            Err(error) if error.is_retryable() => {}
            found => return found,
        }
    }
    Err(error)
}
