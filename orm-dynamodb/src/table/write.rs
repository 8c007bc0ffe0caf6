//! Writes of items: PutItem, UpdateItem, DeleteItem, TransactWriteItems, BatchWriteItem; and what is known of one whose
//! answer was lost.

use std::sync::atomic::Ordering;

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::error::ConditionalCheckFailedException;
use aws_sdk_dynamodb::types::{
    CancellationReason, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, WriteRequest,
};
use futures_util::future::FutureExt as _;
use orm::{Error, ErrorCode};

use super::{Item, Table, key};
use crate::error::{classify, no_attributes};
use crate::expression::Expressions;
use crate::idempotency::{Token, TransactionToken};
use crate::in_doubt::Attempts;
use crate::item;
use crate::key::PARTITION_KEY;
use crate::request::send;

/// A condition that did not hold, and the item as it was.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) item: Option<Item>,
    /// Whether an earlier attempt got no answer, and may have been applied.
    pub(crate) in_doubt: bool,
}

/// What became of a transaction that was not an error.
#[derive(Debug)]
pub(crate) enum Transacted {
    Done,
    /// One entry per action; at least one says why.
    Cancelled {
        reasons: Vec<CancellationReason>,
        error: Box<SdkError<TransactWriteItemsError, HttpResponse>>,
    },
    /// DynamoDB still works on an earlier attempt under the same token.
    InProgress(Error),
    /// The engine does not know the operation.
    Unknown,
}

/// What a BatchWriteItem was answered.
#[derive(Debug)]
pub(crate) struct Batched {
    pub(crate) unprocessed: Vec<WriteRequest>,
    /// Whether an earlier attempt got no answer: what is unprocessed may have been applied by it.
    pub(crate) in_doubt: bool,
}

/// One PutItem.
#[derive(Debug)]
pub(crate) struct ItemPut<'r> {
    pub(crate) pk: &'r str,
    pub(crate) expressions: &'r Expressions,
    pub(crate) condition: &'r str,
    /// What the item remembers, if anything.
    pub(crate) token: Option<&'r Token>,
    /// Whether the SDK may not send it again by itself.
    pub(crate) without_sdk_retries: bool,
}

/// One UpdateItem.
#[derive(Debug)]
pub(crate) struct ItemUpdate<'r> {
    pub(crate) pk: &'r str,
    pub(crate) expressions: &'r Expressions,
    pub(crate) update: &'r str,
    pub(crate) condition: &'r str,
    /// Whether the condition is only that the item exists.
    pub(crate) only_exists: bool,
    /// What the update makes the record remember, if anything.
    pub(crate) token: Option<&'r Token>,
    /// Whether the SDK may not send it again by itself.
    pub(crate) without_sdk_retries: bool,
}

/// One DeleteItem.
#[derive(Debug)]
pub(crate) struct ItemDelete<'r> {
    pub(crate) pk: &'r str,
    pub(crate) expressions: &'r Expressions,
    pub(crate) condition: &'r str,
    /// Whether the SDK may not send it again by itself: then a lost answer is an error, rather than that there was nothing
    /// to delete.
    pub(crate) without_sdk_retries: bool,
    /// Whether the item is asked for when the condition does not hold.
    pub(crate) wants_refused: bool,
}

/// Tells a condition that did not hold, with the item as it was, from an error.
fn refusal<T, E, R>(
    output: Result<T, SdkError<E, R>>,
    refused: impl FnOnce(&E) -> Option<&ConditionalCheckFailedException>,
) -> Result<Result<T, Option<Item>>, SdkError<E, R>> {
    match output {
        Ok(output) => Ok(Ok(output)),
        Err(SdkError::ServiceError(service)) => match refused(service.err()) {
            Some(refused) => Ok(Err(refused.item.clone())),
            None => Err(SdkError::ServiceError(service)),
        },
        Err(error) => Err(error),
    }
}

/// Sends a write of one item again while another write works on the item, which the SDK does not: a transaction, or, for
/// what the SDK may send once only, a write in another region. Nothing has been applied then.
async fn past_conflicts<T, E, R, F>(
    table: &Table<'_>,
    attempts: &Attempts,
    without_sdk_retries: bool,
    send: impl Fn() -> F,
) -> Result<T, SdkError<E, R>>
where
    E: ProvideErrorMetadata,
    F: Future<Output = Result<T, SdkError<E, R>>>,
{
    let mut tries = table.tries();
    let sending = async {
        loop {
            let output = send().await;
            let conflicts = output.as_ref().is_err_and(|error| match error.code() {
                Some("TransactionConflictException") => true,
                Some("ReplicatedWriteConflictException") => without_sdk_retries,
                _ => false,
            });
            if !conflicts || !tries.again().await {
                return output;
            }
        }
    };
    table.operation.sent.write(attempts, sending).await
}

/// Whether a write of one item that failed may be sent again by its caller: conflicts have been waited out already.
pub(crate) fn goes_away(error: &Error) -> bool {
    error.is_retryable() && error.code() != ErrorCode::TransactionConflict
}

fn is_own(token: Option<&Token>, item: Option<&Item>) -> bool {
    matches!((token, item), (Some(token), Some(item)) if token.is_in(item))
}

/// The key of the item that a request of a batch writes.
pub(crate) fn written_key(request: &WriteRequest) -> Option<&str> {
    let put = request.put_request.as_ref().map(|put| &put.item);
    let item = put.or_else(|| request.delete_request.as_ref().map(|delete| &delete.key))?;
    item::text(item, PARTITION_KEY)
}

impl Table<'_> {
    /// PutItem with a condition. An item with the token that is there already is our own: its answer was lost.
    pub(crate) async fn put(
        &self,
        put: ItemPut<'_>,
        item: impl Fn() -> Option<Item>,
    ) -> Result<Result<(), Refused>, Error> {
        let ItemPut { pk, expressions, condition, token, without_sdk_retries } = put;
        let request = || {
            self.client
                .put_item()
                .table_name(self.name)
                .set_item(item())
                .condition_expression(condition)
                .set_expression_attribute_names(expressions.names())
                .set_expression_attribute_values(expressions.values())
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        };
        let attempts = Attempts::default();
        let send = || send!(self, "PutItem", request(), attempts, without_sdk_retries);
        let output = past_conflicts(self, &attempts, without_sdk_retries, send).await;
        match refusal(output, |error| match error {
            PutItemError::ConditionalCheckFailedException(refused) => Some(refused),
            _ => None,
        }) {
            Ok(Ok(_)) => {
                token.into_iter().for_each(|token| self.counts.note_new(self.name, pk, token));
                Ok(Ok(()))
            }
            Ok(Err(item)) => {
                let item = self.refused_item(item, pk).await?;
                if is_own(token, item.as_ref()) {
                    self.settle(&attempts);
                    return Ok(Ok(()));
                }
                let in_doubt = self.is_still_in_doubt(&attempts, token, item.as_ref());
                Ok(Err(Refused { item, in_doubt }))
            }
            Err(error) => Err(self.failed_write(error, &attempts)),
        }
    }

    /// The item whose condition did not hold. DynamoDB answers it with the refusal; of an engine that does not, and of
    /// one that has not been seen to, it is read.
    pub(crate) async fn refused_item(&self, answered: Option<Item>, pk: &str) -> Result<Option<Item>, Error> {
        if answered.is_some() {
            self.engine.answers_refused_items.store(true, Ordering::Relaxed);
            return Ok(answered);
        }
        if self.engine.answers_refused_items.load(Ordering::Relaxed) {
            return Ok(None);
        }
        self.get(pk).await
    }

    /// UpdateItem with a condition: the item as it is afterwards. An item that has the token has had the update
    /// already: its answer was lost.
    pub(crate) async fn update(&self, update: ItemUpdate<'_>) -> Result<Result<Item, Refused>, Error> {
        let ItemUpdate { pk, expressions, update, condition, only_exists, token, without_sdk_retries } = update;
        let request = || {
            self.client
                .update_item()
                .table_name(self.name)
                .set_key(Some(key(pk)))
                .update_expression(update)
                .condition_expression(condition)
                .set_expression_attribute_names(expressions.names())
                .set_expression_attribute_values(expressions.values())
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        };
        let attempts = Attempts::default();
        let send = || send!(self, "UpdateItem", request(), attempts, without_sdk_retries);
        let output = past_conflicts(self, &attempts, without_sdk_retries, send).await;
        match refusal(output, |error| match error {
            UpdateItemError::ConditionalCheckFailedException(refused) => Some(refused),
            _ => None,
        }) {
            // All attributes were asked for, and the key is one.
            Ok(Ok(output)) => output.attributes.map(Ok).ok_or_else(|| {
                self.operation.sent.lose_one();
                no_attributes(self.model, self.name)
            }),
            Ok(Err(None)) if only_exists => Ok(Err(Refused { item: None, in_doubt: attempts.are_in_doubt() })),
            Ok(Err(item)) => Ok(match self.refused_item(item, pk).await? {
                Some(item) if is_own(token, Some(&item)) => {
                    self.settle(&attempts);
                    Ok(item)
                }
                item => {
                    let in_doubt = self.is_still_in_doubt(&attempts, token, item.as_ref());
                    Err(Refused { item, in_doubt })
                }
            }),
            Err(error) => Err(self.failed_write(error, &attempts)),
        }
    }

    /// DeleteItem with a condition: the item as it was, if there was one.
    pub(crate) async fn delete(&self, delete: ItemDelete<'_>) -> Result<Result<Option<Item>, Refused>, Error> {
        let ItemDelete { pk, expressions, condition, without_sdk_retries, wants_refused } = delete;
        let request = || {
            self.client
                .delete_item()
                .table_name(self.name)
                .set_key(Some(key(pk)))
                .condition_expression(condition)
                .set_expression_attribute_names(expressions.names())
                .set_expression_attribute_values(expressions.values())
                .return_values(ReturnValue::AllOld)
                .set_return_values_on_condition_check_failure(
                    wants_refused.then_some(ReturnValuesOnConditionCheckFailure::AllOld),
                )
        };
        let attempts = Attempts::default();
        let send = || send!(self, "DeleteItem", request(), attempts, without_sdk_retries);
        let output = past_conflicts(self, &attempts, without_sdk_retries, send).await;
        match refusal(output, |error| match error {
            DeleteItemError::ConditionalCheckFailedException(refused) => Some(refused),
            _ => None,
        }) {
            Ok(Ok(output)) => Ok(Ok(output.attributes)),
            Ok(Err(item)) => Ok(Err(Refused { item, in_doubt: attempts.are_in_doubt() })),
            Err(error) => Err(self.failed_write(error, &attempts)),
        }
    }

    /// TransactWriteItems. However often one of these actions is sent with one token, by the SDK or by its caller, they
    /// are applied once.
    pub(crate) async fn transact(
        &self,
        actions: Vec<TransactWriteItem>,
        token: &TransactionToken,
    ) -> Result<Transacted, Error> {
        let attempts = token.attempts();
        let request = self.client.transact_write_items().set_transact_items(Some(actions));
        let request = request.client_request_token(token.as_str());
        let output = self.operation.sent.write(attempts, send!(self, "TransactWriteItems", request, attempts)).await;
        match output {
            Ok(_) => Ok(Transacted::Done),
            Err(SdkError::ServiceError(service)) => match service.err() {
                TransactWriteItemsError::TransactionCanceledException(cancelled) => {
                    let reasons = cancelled.cancellation_reasons().to_vec();
                    if reasons.is_empty() {
                        // Without reasons there is nothing to tell a duplicate from a lost race by.
                        return Err(self.failed_write(SdkError::ServiceError(service), attempts));
                    }
                    let refused = reasons.iter().any(|reason| reason.code() == Some("ConditionalCheckFailed"));
                    if refused && attempts.are_in_doubt() {
                        // Had an attempt been applied, this one would have been answered as that one was.
                        token.settle_refused();
                        self.operation.sent.settle_one();
                    }
                    Ok(Transacted::Cancelled { reasons, error: Box::new(SdkError::ServiceError(service)) })
                }
                TransactWriteItemsError::TransactionInProgressException(_) => {
                    let error = self.failed_write(SdkError::ServiceError(service), attempts);
                    Ok(Transacted::InProgress(error.with_outcome_unknown(true)))
                }
                error if error.code() == Some("UnknownOperationException") => Ok(Transacted::Unknown),
                _ => Err(self.failed_write(SdkError::ServiceError(service), attempts)),
            },
            Err(error) => Err(self.failed_write(error, attempts)),
        }
    }

    /// The error of a write, of which an attempt may have been applied.
    fn failed_write<E>(&self, error: SdkError<E, HttpResponse>, attempts: &Attempts) -> Error
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        classify(error, self.model, self.name).with_outcome_unknown(attempts.are_in_doubt())
    }

    /// Whether a write that was refused may have been applied before, when the item does not remember it: if it would,
    /// it was not, and is in doubt no more.
    fn is_still_in_doubt(&self, attempts: &Attempts, token: Option<&Token>, item: Option<&Item>) -> bool {
        let is_known = matches!((token, item), (Some(token), Some(item)) if !token.is_left_open_by(item));
        if is_known {
            self.settle(attempts);
        }
        !is_known && attempts.are_in_doubt()
    }

    /// It is known what became of a write.
    fn settle(&self, attempts: &Attempts) {
        if attempts.are_in_doubt() {
            self.operation.sent.settle_one();
        }
    }

    /// One BatchWriteItem, of requests on distinct keys.
    pub(crate) async fn batch_write(
        &self,
        requests: Vec<WriteRequest>,
        without_sdk_retries: bool,
    ) -> Result<Batched, Error> {
        let attempts = Attempts::default();
        let request = self.client.batch_write_item().request_items(self.name, requests);
        let sending = send!(self, "BatchWriteItem", request, attempts, without_sdk_retries);
        match self.operation.sent.write(&attempts, sending).await {
            Ok(output) => Ok(Batched {
                unprocessed: output.unprocessed_items.unwrap_or_default().into_values().flatten().collect(),
                in_doubt: attempts.are_in_doubt_but_for_one(),
            }),
            Err(error) => Err(self.failed_write(error, &attempts)),
        }
    }
}
