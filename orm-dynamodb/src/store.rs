//! The requests: each operation of the SDK stands here once, and every failure is classified here.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::error::ConditionalCheckFailedException;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure, Select,
    TransactWriteItem, WriteRequest,
};
use futures_util::future::FutureExt as _;
use futures_util::stream::{self, StreamExt};
use orm::driver::Segment;
use orm::schema::ModelSchema;
use orm::{Error, ErrorCode};

use crate::config::Config;
use crate::error::{about, classify, no_attributes};
use crate::expression::Expressions;
use crate::index::index_name;
use crate::key::PARTITION_KEY;
use crate::limits::{MAX_BATCH_GET, MAX_BATCH_WRITE};
use crate::operation::{Operation, WRITES_AT_ONCE};
use crate::plan::IndexAccess;
use crate::progress::Progress;
use crate::request::send;
use crate::retry::Tries;
use crate::sent::Attempts;
use crate::write::{Counts, Token, TransactionToken};

/// One item, by attribute.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The table of one model, on one client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table<'a> {
    pub(crate) client: &'a Client,
    pub(crate) config: &'a Config,
    pub(crate) model: &'static ModelSchema,
    pub(crate) name: &'a str,
    pub(crate) engine: &'a EngineFacts,
    pub(crate) counts: &'a Counts,
    pub(crate) operation: &'a Operation,
}

/// What has been learned of the engine behind a client.
#[derive(Debug, Default)]
pub(crate) struct EngineFacts {
    no_transactions: AtomicBool,
    no_document_conditions: AtomicBool,
    answers_refused_items: AtomicBool,
}

impl EngineFacts {
    /// Whether it has TransactWriteItems: assumed, until it says that it does not know the operation.
    pub(crate) fn has_transactions(&self) -> bool {
        !self.no_transactions.load(Ordering::Relaxed)
    }

    pub(crate) fn note_no_transactions(&self) {
        self.no_transactions.store(true, Ordering::Relaxed);
    }

    /// Whether a condition can compare documents: assumed, until one does not hold for what is there. The engines without
    /// transactions cannot.
    pub(crate) fn compares_documents(&self) -> bool {
        self.has_transactions() && !self.no_document_conditions.load(Ordering::Relaxed)
    }

    pub(crate) fn note_no_document_conditions(&self) {
        self.no_document_conditions.store(true, Ordering::Relaxed);
    }
}

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

/// One page of a query or scan.
#[derive(Debug, Default)]
pub(crate) struct ItemPage {
    pub(crate) items: Vec<Item>,
    pub(crate) count: u64,
    pub(crate) next: Option<Item>,
}

/// What to read of each item, and which.
#[derive(Debug)]
pub(crate) struct Reading<'e> {
    pub(crate) expressions: &'e Expressions,
    pub(crate) projection: Option<&'e str>,
    pub(crate) filter: Option<&'e str>,
    pub(crate) count_only: bool,
    /// Of a scan in several parts at once.
    pub(crate) segment: Option<Segment>,
    /// How many items to look at.
    pub(crate) limit: Option<usize>,
    /// The key after which to begin.
    pub(crate) start: Option<Item>,
}

/// One UpdateItem.
#[derive(Debug)]
pub(crate) struct UpdateRequest<'r> {
    pub(crate) pk: &'r str,
    pub(crate) expressions: &'r Expressions,
    pub(crate) update: &'r str,
    pub(crate) condition: &'r str,
    /// Whether the condition is only that the item exists.
    pub(crate) only_exists: bool,
    /// What the update makes the record remember, if anything.
    pub(crate) token: Option<&'r Token>,
    /// Whether the SDK may not send it again by itself.
    pub(crate) once: bool,
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

/// Sends a write of one item again while another transaction works on the item. The SDK does not, and nothing has
/// been applied then.
async fn past_conflicts<T, E, R, F>(
    table: &Table<'_>,
    attempts: &Attempts,
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
            let conflicts = output.as_ref().is_err_and(|error| error.code() == Some("TransactionConflictException"));
            if !conflicts || !tries.again().await {
                return output;
            }
        }
    };
    table.operation.sent.write(attempts, sending).await
}

/// A number as requests take it.
fn limit(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn is_own(token: Option<&Token>, item: Option<&Item>) -> bool {
    matches!((token, item), (Some(token), Some(item)) if token.is_in(item))
}

/// The key of the item that a request of a batch writes.
fn written_key(request: &WriteRequest) -> Option<&String> {
    let put = request.put_request.as_ref().map(|put| &put.item);
    let item = put.or_else(|| request.delete_request.as_ref().map(|delete| &delete.key))?;
    item.get(PARTITION_KEY)?.as_s().ok()
}

/// The key of an item.
pub(crate) fn key(value: impl Into<String>) -> Item {
    HashMap::from([(PARTITION_KEY.to_owned(), AttributeValue::S(value.into()))])
}

impl Table<'_> {
    /// GetItem, strongly consistent.
    pub(crate) async fn get(
        &self,
        pk: &str,
        expressions: &Expressions,
        projection: Option<&str>,
    ) -> Result<Option<Item>, Error> {
        let request = self
            .client
            .get_item()
            .table_name(self.name)
            .set_key(Some(key(pk)))
            .consistent_read(true)
            .set_projection_expression(projection.map(str::to_owned))
            .set_expression_attribute_names(projection.and_then(|_| expressions.names()));
        let output = send!(self, "GetItem", request).await;
        output.map(|output| output.item).map_err(|error| classify(error, self.model, self.name))
    }

    /// BatchGetItem, strongly consistent, for any number of distinct keys: items in no particular order.
    /// What DynamoDB leaves unprocessed is asked for again.
    pub(crate) async fn batch_get(
        &self,
        keys: Vec<String>,
        expressions: &Expressions,
        projection: Option<&str>,
    ) -> Result<Vec<Item>, Error> {
        let mut items = Vec::with_capacity(keys.len());
        let mut pending: Vec<Item> = keys.into_iter().map(key).collect();
        let mut tries = self.tries();
        while !pending.is_empty() {
            let rest = pending.split_off(pending.len().min(MAX_BATCH_GET));
            let asked = pending.len();
            let request = KeysAndAttributes::builder()
                .set_keys(Some(pending))
                .consistent_read(true)
                .set_projection_expression(projection.map(str::to_owned))
                .set_expression_attribute_names(projection.and_then(|_| expressions.names()))
                .build()
                .map_err(|error| self.unbuildable(error))?;
            let request = self.client.batch_get_item().request_items(self.name, request);
            let output = send!(self, "BatchGetItem", request).await;
            let output = output.map_err(|error| classify(error, self.model, self.name))?;
            for (_, found) in output.responses.unwrap_or_default() {
                items.extend(found);
            }
            let unprocessed: Vec<Item> =
                output.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys).collect();
            if unprocessed.len() == asked {
                if !tries.again().await {
                    return Err(self.throttled());
                }
            } else if !unprocessed.is_empty() {
                tries.after_progress().await;
            }
            pending = unprocessed;
            pending.extend(rest);
        }
        Ok(items)
    }

    /// BatchWriteItem for any number of requests on distinct keys, several at once. What DynamoDB leaves unprocessed is
    /// sent again. After an error what is under way is finished, and nothing more begun.
    ///
    /// # Errors
    /// With [`Error::written`], and [`Error::index`]: the place of the first request that failed.
    pub(crate) async fn batch_write(&self, requests: Vec<WriteRequest>) -> Result<(), Error> {
        let mut requests = requests.into_iter();
        let batches = std::iter::from_fn(|| {
            let batch: Vec<_> = requests.by_ref().take(MAX_BATCH_WRITE).collect();
            (!batch.is_empty()).then_some(batch)
        });
        let progress = Progress::default();
        let outcomes = stream::iter(batches.enumerate())
            .take_while(|_| progress.goes_on())
            .map(|(place, batch)| self.write_batch(place * MAX_BATCH_WRITE, batch));
        progress.total(outcomes.buffer_unordered(WRITES_AT_ONCE)).await.map(|_| ())
    }

    /// At most [`MAX_BATCH_WRITE`] requests, until all are processed; how many were. The error says which was not, with the
    /// place of the `first`.
    async fn write_batch(&self, first: usize, batch: Vec<WriteRequest>) -> (u64, Result<(), Error>) {
        let total = batch.len();
        let keys: Vec<Option<String>> = batch.iter().map(|request| written_key(request).cloned()).collect();
        let mut pending = batch;
        let mut failing = first;
        let mut tries = self.tries();
        while !pending.is_empty() {
            let asked = pending.len();
            let written = (total - asked) as u64;
            let attempts = Attempts::default();
            let request = self.client.batch_write_item().request_items(self.name, pending);
            let sending = send!(self, "BatchWriteItem", request, attempts);
            let output = match self.operation.sent.write(&attempts, sending).await {
                Ok(output) => output,
                Err(error) => {
                    let error = self.failed_write(error, &attempts);
                    return (written, Err(error.with_progress(Some(failing), written)));
                }
            };
            pending = output.unprocessed_items.unwrap_or_default().into_values().flatten().collect();
            let is_left = |key: &Option<String>| pending.iter().any(|request| written_key(request) == key.as_ref());
            failing = first + keys.iter().position(is_left).unwrap_or(0);
            if pending.len() == asked {
                if !tries.again().await {
                    return (written, Err(self.throttled().with_progress(Some(failing), written)));
                }
            } else if !pending.is_empty() {
                tries.after_progress().await;
            }
        }
        (total as u64, Ok(()))
    }

    /// One page of a Query.
    pub(crate) async fn query(
        &self,
        access: &IndexAccess,
        key_condition: &str,
        reading: Reading<'_>,
    ) -> Result<ItemPage, Error> {
        let request = self
            .client
            .query()
            .table_name(self.name)
            .index_name(index_name(self.model, access.index))
            .key_condition_expression(key_condition)
            .set_filter_expression(reading.filter.map(str::to_owned))
            .set_projection_expression(reading.projection.map(str::to_owned))
            .set_select(reading.count_only.then_some(Select::Count))
            .set_expression_attribute_names(reading.expressions.names())
            .set_expression_attribute_values(reading.expressions.values())
            .set_scan_index_forward(access.descending.then_some(false))
            .set_limit(reading.limit.map(limit))
            .set_exclusive_start_key(reading.start);
        let output = send!(self, "Query", request).await.map_err(|error| classify(error, self.model, self.name))?;
        Ok(ItemPage {
            count: u64::try_from(output.count).unwrap_or(0),
            items: output.items.unwrap_or_default(),
            next: output.last_evaluated_key,
        })
    }

    /// One page of a Scan.
    pub(crate) async fn scan(&self, reading: Reading<'_>) -> Result<ItemPage, Error> {
        let request = self
            .client
            .scan()
            .table_name(self.name)
            .set_consistent_read(self.operation.context.is_consistent().then_some(true))
            .set_filter_expression(reading.filter.map(str::to_owned))
            .set_projection_expression(reading.projection.map(str::to_owned))
            .set_select(reading.count_only.then_some(Select::Count))
            .set_expression_attribute_names(reading.expressions.names())
            .set_expression_attribute_values(reading.expressions.values())
            .set_segment(reading.segment.map(|segment| limit(segment.index)))
            .set_total_segments(reading.segment.map(|segment| limit(segment.total)))
            .set_limit(reading.limit.map(limit))
            .set_exclusive_start_key(reading.start);
        let output = send!(self, "Scan", request).await.map_err(|error| classify(error, self.model, self.name))?;
        Ok(ItemPage {
            count: u64::try_from(output.count).unwrap_or(0),
            items: output.items.unwrap_or_default(),
            next: output.last_evaluated_key,
        })
    }

    /// PutItem with a condition. An item with the token that is there already is our own: its answer was lost.
    pub(crate) async fn put(
        &self,
        pk: &str,
        item: impl Fn() -> Option<Item>,
        token: Option<&Token>,
        expressions: &Expressions,
        condition: &str,
        once: bool,
    ) -> Result<Result<(), Refused>, Error> {
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
        let send = || send!(self, "PutItem", request(), attempts, once);
        let output = past_conflicts(self, &attempts, send).await;
        match refusal(output, |error| match error {
            PutItemError::ConditionalCheckFailedException(refused) => Some(refused),
            _ => None,
        }) {
            Ok(Ok(_)) => Ok(Ok(())),
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
    async fn refused_item(&self, answered: Option<Item>, pk: &str) -> Result<Option<Item>, Error> {
        if answered.is_some() {
            self.engine.answers_refused_items.store(true, Ordering::Relaxed);
            return Ok(answered);
        }
        if self.engine.answers_refused_items.load(Ordering::Relaxed) {
            return Ok(None);
        }
        self.get(pk, &Expressions::new(self.model), None).await
    }

    /// UpdateItem with a condition: the item as it is afterwards. An item that has the token has had the update
    /// already: its answer was lost.
    pub(crate) async fn update(&self, update: UpdateRequest<'_>) -> Result<Result<Item, Refused>, Error> {
        let UpdateRequest { pk, expressions, update, condition, only_exists, token, once } = update;
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
        let send = || send!(self, "UpdateItem", request(), attempts, once);
        let output = past_conflicts(self, &attempts, send).await;
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

    /// DeleteItem: the item as it was, if there was one. With `once` a lost answer is an error, rather than that there was
    /// nothing to delete.
    pub(crate) async fn delete(
        &self,
        pk: &str,
        expressions: &Expressions,
        condition: &str,
        once: bool,
    ) -> Result<Result<Option<Item>, Refused>, Error> {
        let request = || {
            self.client
                .delete_item()
                .table_name(self.name)
                .set_key(Some(key(pk)))
                .condition_expression(condition)
                .set_expression_attribute_names(expressions.names())
                .set_expression_attribute_values(expressions.values())
                .return_values(ReturnValue::AllOld)
        };
        let attempts = Attempts::default();
        let send = || send!(self, "DeleteItem", request(), attempts, once);
        let output = past_conflicts(self, &attempts, send).await;
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
        let is_known = matches!((token, item), (Some(token), Some(item)) if !token.may_be_forgotten_by(item, None));
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

    /// The tries of one operation, as often as the driver's settings say.
    pub(crate) fn tries(&self) -> Tries {
        Tries::new(self.config.retries).counted(self.operation.context.meter())
    }

    pub(crate) fn unbuildable(&self, error: aws_sdk_dynamodb::error::BuildError) -> Error {
        about(self.model, ErrorCode::Backend, format!("a request about table `{}` could not be built", self.name))
            .with_source(error)
    }

    pub(crate) fn throttled(&self) -> Error {
        about(
            self.model,
            ErrorCode::Throttled,
            format!("DynamoDB kept leaving requests on table `{}` unprocessed: try again later", self.name),
        )
    }

    /// The same records were changed by others for as long as it was retried.
    pub(crate) fn conflict(&self) -> Error {
        let name = self.model.name();
        let message = format!("other writers kept changing the same `{name}` while it was written: try again");
        about(self.model, ErrorCode::TransactionConflict, message)
    }
}
