//! Several writes as one: all of them happen, or none.

use aws_sdk_dynamodb::types::{Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use orm::{Error, ErrorCode};

use crate::expression::Expressions;
use crate::item;
use crate::key::PARTITION_KEY;
use crate::retry::Tries;
use crate::store::{Item, Table, Transacted, key};

/// DynamoDB's limit of a transaction, in actions.
pub(super) const MAX_ACTIONS: usize = 100;
/// DynamoDB's limit of a transaction is 4 MB; keys and conditions take some of it.
pub(super) const MAX_BYTES: usize = 3_500_000;

/// One write of a set.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) role: Role,
    action: Action,
    condition: String,
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

#[derive(Debug)]
enum Action {
    Put(Item),
    Update { pk: String, update: String },
    Delete { pk: String },
}

impl Step {
    /// Stores a record that must not exist yet.
    pub(super) fn put_record(table: &Table<'_>, item: Item) -> Self {
        let mut expressions = Expressions::new(table.model);
        let condition = expressions.absent();
        Self { role: Role::Record, action: Action::Put(item), condition, expressions }
    }

    /// Changes a record.
    pub(super) fn update_record(pk: String, update: String, condition: String, expressions: Expressions) -> Self {
        Self { role: Role::Record, action: Action::Update { pk, update }, condition, expressions }
    }

    /// Deletes a record.
    pub(super) fn delete_record(pk: String, condition: String, expressions: Expressions) -> Self {
        Self { role: Role::Record, action: Action::Delete { pk }, condition, expressions }
    }

    /// Takes the lock of a value for a record.
    pub(super) fn take_lock(table: &Table<'_>, constraint: &'static [usize], lock: &str, record: &str) -> Self {
        let mut expressions = Expressions::new(table.model);
        let condition = expressions.absent();
        Self {
            role: Role::TakeLock(constraint),
            action: Action::Put(item::of_lock(lock, record)),
            condition,
            expressions,
        }
    }

    /// Frees the lock of a value, unless another record has it by now.
    pub(super) fn free_lock(table: &Table<'_>, lock: String, record: &str) -> Self {
        let mut expressions = Expressions::new(table.model);
        let condition = expressions.free_or_targets(record);
        Self { role: Role::FreeLock, action: Action::Delete { pk: lock }, condition, expressions }
    }

    /// The key of the item that it writes.
    pub(super) fn item(&self) -> Option<&str> {
        match &self.action {
            Action::Put(item) => item.get(PARTITION_KEY)?.as_s().ok().map(String::as_str),
            Action::Update { pk, .. } | Action::Delete { pk } => Some(pk),
        }
    }

    fn into_transact_item(self, table: &Table<'_>) -> Result<TransactWriteItem, Error> {
        let Self { action, condition, expressions, .. } = self;
        let all_old = ReturnValuesOnConditionCheckFailure::AllOld;
        let item = TransactWriteItem::builder();
        Ok(match action {
            Action::Put(values) => item.put(
                Put::builder()
                    .table_name(table.name)
                    .set_item(Some(values))
                    .condition_expression(condition)
                    .set_expression_attribute_names(expressions.names())
                    .set_expression_attribute_values(expressions.values())
                    .return_values_on_condition_check_failure(all_old)
                    .build()
                    .map_err(|error| table.unbuildable(error))?,
            ),
            Action::Update { pk, update } => item.update(
                Update::builder()
                    .table_name(table.name)
                    .set_key(Some(key(&pk)))
                    .update_expression(update)
                    .condition_expression(condition)
                    .set_expression_attribute_names(expressions.names())
                    .set_expression_attribute_values(expressions.values())
                    .return_values_on_condition_check_failure(all_old)
                    .build()
                    .map_err(|error| table.unbuildable(error))?,
            ),
            Action::Delete { pk } => item.delete(
                Delete::builder()
                    .table_name(table.name)
                    .set_key(Some(key(&pk)))
                    .condition_expression(condition)
                    .set_expression_attribute_names(expressions.names())
                    .set_expression_attribute_values(expressions.values())
                    .return_values_on_condition_check_failure(all_old)
                    .build()
                    .map_err(|error| table.unbuildable(error))?,
            ),
        }
        .build())
    }
}

/// What became of a set of writes.
#[derive(Debug)]
pub(super) enum Outcome {
    /// All of them happened.
    Done,
    /// None of them happened, because the conditions of these steps did not hold.
    Refused(Vec<usize>),
}

impl Outcome {
    /// The first step, in their order, whose condition did not hold.
    pub(super) fn refused(&self) -> Option<usize> {
        match self {
            Self::Done => None,
            Self::Refused(steps) => steps.first().copied(),
        }
    }
}

/// Carries out a set of writes of at most [`MAX_ACTIONS`] steps. Conflicts and throttling are waited out.
pub(super) async fn commit(table: &Table<'_>, steps: Vec<Step>) -> Result<Outcome, Error> {
    let actions: Vec<TransactWriteItem> =
        steps.into_iter().map(|step| step.into_transact_item(table)).collect::<Result<_, _>>()?;
    let mut tries = Tries::default();
    loop {
        let reasons = match table.transact(actions.clone()).await? {
            Transacted::Done => return Ok(Outcome::Done),
            Transacted::Cancelled(reasons) => reasons,
        };
        let (mut refused, mut throttled) = (Vec::new(), false);
        for (step, reason) in reasons.iter().enumerate() {
            match reason.code().unwrap_or("None") {
                "None" | "TransactionConflict" => {}
                "ConditionalCheckFailed" => refused.push(step),
                "ProvisionedThroughputExceeded" | "ThrottlingError" => throttled = true,
                other => return Err(lasting(table, other, reason.message().unwrap_or_default())),
            }
        }
        if !refused.is_empty() {
            return Ok(Outcome::Refused(refused));
        }
        if !tries.again().await {
            let error = table.conflict();
            return Err(if throttled {
                Error::new(ErrorCode::Throttled, "DynamoDB kept throttling the transaction: try again later")
                    .with_backend(crate::DRIVER_KIND)
                    .with_model(table.model)
            } else {
                error
            });
        }
    }
}

fn lasting(table: &Table<'_>, code: &str, message: &str) -> Error {
    let kind = if code == "ValidationError" { ErrorCode::InvalidQuery } else { ErrorCode::Backend };
    Error::new(kind, format!("DynamoDB refused the transaction on table `{}` ({code}: {message})", table.name))
        .with_backend(crate::DRIVER_KIND)
        .with_model(table.model)
}
