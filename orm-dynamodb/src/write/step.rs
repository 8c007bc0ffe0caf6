//! The writes of a record and its locks, each with its condition.
//!
//! A step says what is written; the item itself is made anew for each request, which takes it and keeps it.

use std::borrow::Cow;

use aws_sdk_dynamodb::types::{Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use orm::{Error, Record};

use super::weight::Weight;
use crate::expression::{Conjunction, Expressions, check_expressions};
use crate::idempotency::{Token, is_newest, remembers_from_before};
use crate::item;
use crate::key::PARTITION_KEY;
use crate::limits::MAX_ITEM_BYTES;
use crate::table::{Item, ItemDelete, ItemPut, ItemUpdate, Refused, Table, key};
use crate::values::Values;

/// One write of a set.
#[derive(Debug)]
pub(super) struct Step<'r> {
    pub(super) role: Role,
    action: Action<'r>,
    condition: Cow<'static, str>,
    expressions: Expressions,
}

/// What a write is for, and so what it means when its condition does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The record itself.
    Record,
    /// The lock of a value that the record gets, of the constraint on these fields.
    TakeLock(&'static [usize]),
    /// The lock of a value that the record had.
    FreeLock,
}

/// What became of a write.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    Applied,
    NotApplied,
    Unknown,
}

#[derive(Debug)]
enum Action<'r> {
    /// Its token, if the record remembers it.
    Create {
        pk: String,
        record: &'r Record,
        token: Option<Token>,
    },
    /// Its stamp, once it has one.
    TakeLock {
        lock: String,
        record: String,
        stamp: Option<String>,
    },
    /// Its token, if the record remembers it.
    Update {
        pk: String,
        update: String,
        token: Option<Token>,
    },
    Delete {
        pk: String,
    },
}

impl<'r> Step<'r> {
    /// Stores a record that must not exist yet, and remembers the token.
    pub(super) fn create_record(table: &Table<'_>, pk: String, record: &'r Record, token: Option<Token>) -> Self {
        let mut expressions = Expressions::new(table.model);
        let condition = expressions.absent().into();
        Self { role: Role::Record, action: Action::Create { pk, record, token }, condition, expressions }
    }

    /// Changes a record.
    pub(super) fn update_record(
        pk: String,
        update: String,
        token: Option<Token>,
        condition: String,
        expressions: Expressions,
    ) -> Self {
        let action = Action::Update { pk, update, token };
        Self { role: Role::Record, action, condition: condition.into(), expressions }
    }

    /// Deletes a record.
    pub(super) fn delete_record(pk: String, condition: String, expressions: Expressions) -> Self {
        Self { role: Role::Record, action: Action::Delete { pk }, condition: condition.into(), expressions }
    }

    /// Takes the lock of a value for a record.
    pub(super) fn take_lock(table: &Table<'_>, constraint: &'static [usize], lock: String, record: &str) -> Self {
        let mut expressions = Expressions::new(table.model);
        let condition = expressions.absent().into();
        let action = Action::TakeLock { lock, record: record.to_owned(), stamp: None };
        Self { role: Role::TakeLock(constraint), action, condition, expressions }
    }

    /// The same, of a lock that the record may have.
    pub(super) fn take_or_keep_lock(
        table: &Table<'_>,
        constraint: &'static [usize],
        lock: String,
        record: &str,
    ) -> Self {
        let mut expressions = Expressions::new(table.model);
        let condition = expressions.free_or_targets(record).into();
        Self { condition, expressions, ..Self::take_lock(table, constraint, lock, record) }
    }

    /// Frees the lock of a value, unless another record has it by now.
    pub(super) fn free_lock(table: &Table<'_>, lock: String, record: &str) -> Self {
        let mut expressions = Expressions::new(table.model);
        let condition = expressions.free_or_targets(record).into();
        Self { role: Role::FreeLock, action: Action::Delete { pk: lock }, condition, expressions }
    }

    /// The key of the item that it writes.
    pub(super) fn key(&self) -> &str {
        match &self.action {
            Action::Create { pk, .. } | Action::Update { pk, .. } | Action::Delete { pk } => pk,
            Action::TakeLock { lock, .. } => lock,
        }
    }

    /// Whether it stores an item that must not be there yet.
    pub(super) const fn is_new(&self) -> bool {
        matches!(self.action, Action::Create { .. } | Action::TakeLock { .. })
    }

    /// Makes a step that takes a lock take it from the one that has it now, and from no other, if it is not free.
    ///
    /// The stamp changes with the holder, so that of several writers that find one orphan only one gets it.
    pub(super) fn take_over(&mut self, table: &Table<'_>, orphan: &Item) {
        self.take_from(table, orphan);
        self.stamp(table);
    }

    /// The same in a transaction, which needs no stamp.
    pub(super) fn take_from(&mut self, table: &Table<'_>, orphan: &Item) {
        let mut expressions = Expressions::new(table.model);
        self.condition = expressions.absent_or_lock(orphan).into();
        self.expressions = expressions;
    }

    /// Makes a step that has taken a lock take it once more, if nobody else has by now.
    pub(super) fn take_again(&mut self, table: &Table<'_>) {
        if let Action::TakeLock { lock, record, stamp } = &self.action {
            let own = item::of_lock(lock, record, stamp.as_deref());
            self.take_over(table, &own);
        }
    }

    /// Notes in a lock when it was taken, and in a new record who stored it: without a transaction nothing else tells
    /// one attempt from another.
    pub(super) fn stamp(&mut self, table: &Table<'_>) {
        match &mut self.action {
            Action::TakeLock { stamp, .. } => *stamp = Some(item::new_stamp()),
            Action::Create { pk, token, .. } => *token = Some(Token::of(table, pk)),
            Action::Update { .. } | Action::Delete { .. } => {}
        }
    }

    /// Notes a record that was just stored.
    pub(super) fn note_created(&self, table: &Table<'_>) {
        if let Action::Create { pk, token: Some(token), .. } = &self.action {
            table.counts.note_new(table.name, pk, token);
        }
    }

    /// Whether this is the very lock that the step takes, by its stamp.
    pub(super) fn is_same_lock(&self, lock: &Item) -> bool {
        matches!(&self.action, Action::TakeLock { lock: key, record, stamp: Some(stamp) }
            if item::of_lock(key, record, Some(stamp)) == *lock)
    }

    /// Whether the step writes the very record that holds this lock.
    pub(super) fn writes_target_of(&self, lock: Option<&Item>) -> bool {
        self.role == Role::Record && lock.and_then(item::lock_target) == Some(self.key())
    }

    /// Makes a step that frees a lock free this one and no other, or nothing if there is none.
    pub(super) fn free_only(&mut self, table: &Table<'_>, lock: Option<&Item>) {
        let mut expressions = Expressions::new(table.model);
        self.condition = match lock {
            Some(lock) => {
                expressions.is_lock(item::lock_target(lock).unwrap_or_default(), item::lock_stamp(lock)).into()
            }
            None => expressions.absent().into(),
        };
        self.expressions = expressions;
    }

    /// Whether the record, which is the lock's target, holds the value of the lock that the step takes.
    pub(super) fn is_held_by(&self, table: &Table<'_>, record: Option<&Item>) -> bool {
        let (Role::TakeLock(constraint), Action::TakeLock { lock, record: target, .. }, Some(record)) =
            (self.role, &self.action, record)
        else {
            return false;
        };
        let Ok(values) = Values::of_fields(table.model, constraint, record.clone()) else {
            return false;
        };
        // A record that was to be created belongs to somebody else, whose own locks it has.
        item::text(record, PARTITION_KEY) == Some(target) && values.hold(constraint, lock)
    }

    /// Undoes a lock that the step took, unless another writer has it by now.
    pub(super) async fn undo(&self, table: &Table<'_>) -> Result<(), Error> {
        let Action::TakeLock { lock, record, stamp } = &self.action else {
            return Ok(());
        };
        let mut expressions = Expressions::new(table.model);
        let condition = expressions.is_lock(record, stamp.as_deref());
        // Refused means that there is nothing to undo, or not any more. What still arrives finds another stamp.
        let delete = ItemDelete {
            pk: lock,
            expressions: &expressions,
            condition: &condition,
            without_sdk_retries: false,
            wants_refused: false,
        };
        let undone = table.delete(delete).await?;
        if undone.is_err_and(|refused| refused.in_doubt) {
            table.operation.sent.settle_one();
        }
        Ok(())
    }

    /// Refuses a write that names more than its expressions can hold.
    pub(super) fn check_size(&self, table: &Table<'_>) -> Result<(), Error> {
        let update = match &self.action {
            Action::Update { update, .. } => update.as_str(),
            Action::Create { .. } | Action::TakeLock { .. } | Action::Delete { .. } => "",
        };
        check_expressions(table.model, update, &self.condition)
    }

    /// What it takes of a transaction.
    pub(super) fn weight(&self) -> Weight {
        let item = match &self.action {
            Action::Create { pk, record, .. } => {
                let model = self.expressions.model;
                let stored = item::record_size(model, pk, record).unwrap_or(MAX_ITEM_BYTES);
                Weight::of_record(model, record.values(), stored)
            }
            Action::TakeLock { lock, record, .. } => Weight::of_lock(lock, record),
            // What an update sets is among its values.
            Action::Update { .. } | Action::Delete { .. } => Weight::of_action(),
        };
        item + Weight::of_values(&self.expressions)
    }

    /// The item that it stores, if it is one that does.
    fn item(&self, table: &Table<'_>) -> Option<Item> {
        match &self.action {
            Action::Create { pk, record, token } => Some(item::of_record(table.model, pk, record, token.as_ref())),
            Action::TakeLock { lock, record, stamp } => Some(item::of_lock(lock, record, stamp.as_deref())),
            Action::Update { .. } | Action::Delete { .. } => None,
        }
    }

    async fn put(
        &self,
        table: &Table<'_>,
        token: Option<&Token>,
        without_sdk_retries: bool,
    ) -> Result<Result<(), Refused>, Error> {
        let put = ItemPut {
            pk: self.key(),
            expressions: &self.expressions,
            condition: &self.condition,
            token,
            without_sdk_retries,
        };
        table.put(put, || self.item(table)).await
    }

    /// As an action of a transaction.
    pub(super) fn transact_item(&self, table: &Table<'_>) -> Result<TransactWriteItem, Error> {
        let Self { action, condition, expressions, .. } = self;
        let all_old = ReturnValuesOnConditionCheckFailure::AllOld;
        let item = TransactWriteItem::builder();
        Ok(match action {
            Action::Create { .. } | Action::TakeLock { .. } => item.put(
                Put::builder()
                    .table_name(table.name)
                    .set_item(self.item(table))
                    .condition_expression(&**condition)
                    .set_expression_attribute_names(expressions.names())
                    .set_expression_attribute_values(expressions.values())
                    .return_values_on_condition_check_failure(all_old)
                    .build()
                    .map_err(|error| table.unbuildable(error))?,
            ),
            Action::Update { pk, update, .. } => item.update(
                Update::builder()
                    .table_name(table.name)
                    .set_key(Some(key(pk)))
                    .update_expression(update)
                    .condition_expression(&**condition)
                    .set_expression_attribute_names(expressions.names())
                    .set_expression_attribute_values(expressions.values())
                    .return_values_on_condition_check_failure(all_old)
                    .build()
                    .map_err(|error| table.unbuildable(error))?,
            ),
            Action::Delete { pk } => item.delete(
                Delete::builder()
                    .table_name(table.name)
                    .set_key(Some(key(pk)))
                    .condition_expression(&**condition)
                    .set_expression_attribute_names(expressions.names())
                    .set_expression_attribute_values(expressions.values())
                    .return_values_on_condition_check_failure(all_old)
                    .build()
                    .map_err(|error| table.unbuildable(error))?,
            ),
        }
        .build())
    }

    /// As a request of its own. That of the record may not be sent again before it is known what became of it.
    pub(super) async fn send(&self, table: &Table<'_>) -> Result<Result<(), Refused>, Error> {
        let Self { action, condition, expressions, role } = self;
        let without_sdk_retries = *role == Role::Record;
        Ok(match action {
            Action::Create { token, .. } => self.put(table, token.as_ref(), without_sdk_retries).await?,
            Action::TakeLock { .. } => self.put(table, None, without_sdk_retries).await?,
            Action::Update { pk, update, token } => {
                let token = token.as_ref();
                let request =
                    ItemUpdate { pk, expressions, update, condition, only_exists: false, token, without_sdk_retries };
                table.update(request).await?.map(|_| ())
            }
            Action::Delete { pk } => {
                let delete = ItemDelete { pk, expressions, condition, without_sdk_retries, wants_refused: false };
                table.delete(delete).await?.map(|_| ())
            }
        })
    }

    /// What became of a write of the record whose answer was lost, from the record as it is now. The write was `started`
    /// so many milliseconds after 1970.
    pub(super) fn fate(&self, record: Option<&Item>, started: u128) -> Fate {
        match (&self.action, record) {
            (Action::Create { token: Some(token), .. } | Action::Update { token: Some(token), .. }, Some(record)) => {
                if token.is_in(record) {
                    Fate::Applied
                } else if token.is_left_open_by(record) {
                    Fate::Unknown
                } else {
                    Fate::NotApplied
                }
            }
            // If it was stored, somebody has deleted it since: it is stored as if after that.
            (Action::Create { .. }, None) => Fate::NotApplied,
            // Other writers choose ids as well, and leave no token.
            (Action::Delete { .. }, Some(record)) if remembers_from_before(record, started) => Fate::NotApplied,
            _ => Fate::Unknown,
        }
    }

    /// Makes a step that deletes the record delete no later one under the same key.
    pub(super) fn delete_only(&mut self, seen: &Item) {
        if matches!(self.action, Action::Delete { .. }) {
            let mut all = Conjunction::default();
            all.and().push_str(&self.condition);
            is_newest(seen, &mut self.expressions, &mut all);
            self.condition = all.into_text().into();
        }
    }
}
