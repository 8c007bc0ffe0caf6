//! The end of one record.

use orm::driver::Delete;
use orm::{Condition, Error, Row};

use super::commit::{Committed, commit};
use super::filter::WriteFilter;
use super::step::Step;
use super::{Target, change, constraints, has_locks};
use crate::error::outcome_unknown;
use crate::expression::{Expressions, check_expressions};
use crate::idempotency::{Token, is_newest};
use crate::item;
use crate::retry::Tries;
use crate::table::{Item, ItemDelete, Table, goes_away};
use crate::values::{Values, distinct};

pub(crate) async fn delete(table: &Table<'_>, query: &Delete) -> Result<Option<Row>, Error> {
    let model = query.model;
    let (target, filter) = (Target::of(model, &query.key), WriteFilter::new(model, &query.filter));
    if filter.is_never() {
        return Ok(None);
    }
    if let (Target::Record(pk), false) = (&target, has_locks(table)) {
        let gone = without_locks(table, pk, &filter).await?;
        let answer = gone.map(|item| item::values(model, &query.fields, item).map(Row::new)).transpose();
        return answer.map_err(|error| error.after_write(1));
    }
    let key_fields: Vec<usize> = query.key.fields().collect();
    let fixed = fields_to_keep(table, query);
    let mut reading = fields_to_read(table, query, &filter);
    let mut tries = table.tries();
    loop {
        let Some(pk) = target.resolve(table).await? else {
            return gone(table).map(|()| None);
        };
        let (item, values) = if reading.is_empty() {
            (Item::new(), Values::new(model, query.key.values().iter().cloned()))
        } else {
            let Some(item) = table.get_fields(&pk, &reading).await? else {
                return gone(table).map(|()| None);
            };
            let values = Values::of_fields(model, &reading, item.clone())?;
            (item, values)
        };
        if !values.have(&query.key) && !matches!(target, Target::Record(_)) {
            // An orphaned lock, or one that has just moved: the record does not hold the value.
            return gone(table).map(|()| None);
        }
        filter.check_form(table.model, &item)?;
        if !filter.holds(&values) {
            return gone(table).map(|()| None);
        }
        let read = (!reading.is_empty()).then_some((fixed.as_slice(), &item));
        match commit(table, vec![steps(table, &pk, &key_fields, &values, read, Some(&filter))]).await? {
            Committed::Done => {
                filter.note_held(table, read.map(|(_, item)| item));
                return Ok(Some(Row::new(values.pick(&query.fields))));
            }
            Committed::Refused { found, .. } => {
                if found.is_some_and(|found| is_same(table, &reading, &found, &item)) {
                    filter.note_refused_as_read(table);
                }
                // If nothing was read, the lock may be an orphan: the record tells.
                let again = if reading.is_empty() { tries.second_look().await } else { tries.race_again().await };
                if !again {
                    return Err(table.conflict());
                }
                reading = all_fields(table, query, &filter);
            }
        }
    }
}

/// There is no record to delete. Without transactions it may have been this delete that deleted it: a try that was refused in
/// the end can have sent a request before that still arrived.
fn gone(table: &Table<'_>) -> Result<(), Error> {
    if !table.engine.has_transactions() && table.operation.sent.has_lost_an_answer() {
        return Err(outcome_unknown(table.model, "a delete"));
    }
    Ok(())
}

/// Deletes a record without locks, if the filter holds for it: one DeleteItem where its conditions say all of that. Otherwise
/// the record is judged by what is read of it, which must be the same then.
pub(super) async fn without_locks(
    table: &Table<'_>,
    pk: &str,
    filter: &WriteFilter<'_>,
) -> Result<Option<Item>, Error> {
    let mut tries = table.tries();
    let mut seen = None;
    if !filter.is_checked() {
        seen = table.get(pk).await?;
        if seen.is_none() {
            return Ok(None);
        }
    }
    loop {
        if let Some(item) = &seen
            && !filter.holds_for(table.model, item)?
        {
            return Ok(None);
        }
        let refused = match delete_item(table, pk, filter, seen.as_ref(), &mut tries).await? {
            DeletedItem::Done(deleted) => return Ok(deleted),
            DeletedItem::Refused(refused) => refused,
        };
        // An engine that does not say what is there is asked only where that may matter.
        if refused.is_none() && seen.is_none() && !filter.has_numbers() {
            return Ok(None);
        }
        let Some(item) = table.refused_item(refused, pk).await? else { return Ok(None) };
        if seen.as_ref() == Some(&item) {
            filter.note_refused_as_read(table);
        }
        if seen.is_some() && !tries.race_again().await {
            return Err(table.conflict());
        }
        // Others that were at it have gone on in the pause.
        seen = if tries.have_paused() { table.get(pk).await? } else { Some(item) };
        if seen.is_none() {
            return Ok(None);
        }
    }
}

/// What became of a DeleteItem.
enum DeletedItem {
    /// The record that was there.
    Done(Option<Item>),
    /// The record that is there, if there is one and the engine says it.
    Refused(Option<Item>),
}

/// One DeleteItem of a record for which the filter holds, judged by what was read of it where conditions do not say it. It is
/// not sent again before it is known that it was not applied: of several deletes one gets the record, and a new record under
/// the same key is not deleted by the delete of an old one. An attempt whose answer was lost can still arrive while the next
/// one is under way, so that it is never forgotten.
///
/// It asks for a record that exists, because DynamoDB Local answers a record to several deletes that ask for nothing.
async fn delete_item(
    table: &Table<'_>,
    pk: &str,
    filter: &WriteFilter<'_>,
    read: Option<&Item>,
    tries: &mut Tries,
) -> Result<DeletedItem, Error> {
    // Nothing remembers it; it tells the record that is there now from one that is stored later.
    let token = Token::of(table, pk);
    let wants_refused = !filter.fields().is_empty();
    let (mut seen, mut lost): (Option<Item>, Option<Error>) = (None, None);
    loop {
        let mut expressions = Expressions::new(table.model);
        let mut all = change::exists(&mut expressions);
        // A record that was read since counts as it is now.
        filter.ask(table, seen.as_ref().or(read), &[], &mut expressions, &mut all);
        if let Some(seen) = &seen {
            is_newest(seen, &mut expressions, &mut all);
        }
        check_expressions(table.model, "", all.text())?;
        let (expressions, condition) = (&expressions, all.text());
        match table.delete(ItemDelete { pk, expressions, condition, without_sdk_retries: true, wants_refused }).await {
            Ok(Ok(item)) => {
                filter.note_held(table, seen.as_ref().or(read));
                return Ok(DeletedItem::Done(item));
            }
            Ok(Err(refused)) if seen.is_none() => return Ok(DeletedItem::Refused(refused.item)),
            Ok(Err(_)) if tries.race_again().await => {}
            Ok(Err(_)) => return Err(lost.unwrap_or_else(|| table.conflict())),
            Err(error) if !goes_away(&error) || !tries.again().await => return Err(lost.unwrap_or(error)),
            Err(error) if error.is_outcome_unknown() => lost = Some(error),
            Err(_) => continue,
        }
        let found = match table.get(pk).await {
            Ok(found) => found,
            Err(error) => return Err(lost.unwrap_or(error)),
        };
        let still_there = found.filter(|item| !token.is_left_open_by(item));
        match still_there {
            Some(item) if filter.holds_for(table.model, &item)? => seen = Some(item),
            // It may have been this delete, or another. Or the record is not asked for now, and what was sent can still arrive
            // when it is again.
            _ => return Err(lost.unwrap_or_else(|| table.conflict())),
        }
    }
}

/// Deletes the record with this key if the filter holds for it.
pub(super) async fn by_pk(table: &Table<'_>, pk: &str, filter: &Condition) -> Result<bool, Error> {
    let unique = unique_fields(table);
    let read: Vec<usize> = unique.iter().copied().chain([table.model.id()]).chain(filter.fields()).collect();
    let filter = WriteFilter::of_found(table.model, filter);
    let mut tries = table.tries();
    loop {
        let Some(item) = table.get(pk).await? else {
            return gone(table).map(|()| false);
        };
        let values = Values::of_fields(table.model, &read, item.clone())?;
        filter.check_form(table.model, &item)?;
        if !filter.holds(&values) {
            return gone(table).map(|()| false);
        }
        match commit(table, vec![steps(table, pk, &[], &values, Some((&unique, &item)), Some(&filter))]).await? {
            Committed::Done => {
                filter.note_held(table, Some(&item));
                return Ok(true);
            }
            Committed::Refused { found, .. } => {
                if found.is_some_and(|found| found == item) {
                    filter.note_refused_as_read(table);
                }
                if !tries.race_again().await {
                    return Err(table.conflict());
                }
            }
        }
    }
}

/// The writes that delete a record with these values, and free its locks. Besides the unique values, what the caller
/// relied on must still be so, and the fields that were read of its item: a change in between is not lost. And the filter
/// must still hold.
pub(super) fn steps(
    table: &Table<'_>,
    pk: &str,
    relied_on: &[usize],
    values: &Values,
    read: Option<(&[usize], &Item)>,
    filter: Option<&WriteFilter<'_>>,
) -> Vec<Step<'static>> {
    let mut relied_on = distinct(constraints(table).flatten().copied().chain(relied_on.iter().copied()));
    let mut expressions = Expressions::new(table.model);
    let mut all = change::exists(&mut expressions);
    if let Some((fields, item)) = read {
        change::unchanged_item(table, fields, item, &mut expressions, &mut all);
        // Said once is enough, as in an update.
        relied_on.retain(|field| !(fields.contains(field) && change::is_comparable(table, *field)));
    }
    change::unchanged(table, &relied_on, values, &mut expressions, &mut all);
    if let Some(filter) = filter {
        filter.ask(table, read.map(|(_, item)| item), &[], &mut expressions, &mut all);
    }
    let record = Step::delete_record(pk.to_owned(), all.into_text(), expressions);
    let locks = constraints(table)
        .flat_map(|constraint| values.lock_key(constraint).into_iter().chain(values.lock_key_as_stored(constraint)))
        .map(|lock| Step::free_lock(table, lock, pk));
    std::iter::once(record).chain(locks).collect()
}

/// The fields whose values are returned, or whose locks are freed, or that name the record: they must stay the same.
fn fields_to_keep(table: &Table<'_>, query: &Delete) -> Vec<usize> {
    distinct(unique_fields(table).into_iter().chain(query.fields.iter().copied()).chain(query.key.fields()))
}

/// What has to be read of the record: these, and what the filter is about. Nothing, if the key says it all.
fn fields_to_read(table: &Table<'_>, query: &Delete, filter: &WriteFilter<'_>) -> Vec<usize> {
    let all = all_fields(table, query, filter);
    if all.iter().all(|field| query.key.value(*field).is_some()) { Vec::new() } else { all }
}

fn all_fields(table: &Table<'_>, query: &Delete, filter: &WriteFilter<'_>) -> Vec<usize> {
    distinct(fields_to_keep(table, query).into_iter().chain(filter.fields().iter().copied()))
}

/// Whether two items of a record have the same in these fields.
fn is_same(table: &Table<'_>, fields: &[usize], one: &Item, other: &Item) -> bool {
    let column = |field: &usize| table.model.field(*field).column();
    !fields.is_empty() && fields.iter().map(column).all(|column| one.get(column) == other.get(column))
}

fn unique_fields(table: &Table<'_>) -> Vec<usize> {
    constraints(table).flatten().copied().collect()
}
