//! Several writes as one: for each record all of them happen, or none.

use aws_sdk_dynamodb::types::TransactWriteItem;
use orm::{Error, ErrorCode};

use super::orphan::{Taken, take_over};
use super::sequential;
use super::step::{Role, Step};
use crate::error::{about, is_about_a_value};
use crate::idempotency::TransactionToken;
use crate::limits::MAX_ACTIONS;
use crate::retry::Tries;
use crate::table::{Item, Table, Transacted};

/// What became of sets of writes, one set per record.
#[derive(Debug)]
pub(super) enum Committed {
    /// All of them happened.
    Done,
    /// This record's conditions did not hold. Of the records before it, `written` were written; of it and of all
    /// after it, nothing; but what was sent before may still arrive if an answer was lost.
    Refused {
        record: usize,
        roles: Vec<Role>,
        /// The record as it was then, if its own condition did not hold and a transaction has answered it.
        found: Option<Item>,
        written: usize,
        has_lost_an_answer: bool,
    },
}

/// A step whose condition did not hold, and the item as it was.
pub(super) struct RefusedStep {
    pub(super) record: usize,
    pub(super) step: usize,
    pub(super) item: Option<Item>,
}

/// Carries out the writes of records: at most what fits into one transaction.
///
/// They are one transaction, where the engine has transactions; otherwise one record after the other. Conflicts and
/// throttling are waited out, and orphaned locks are taken over. Of several records, an error says which one it is
/// about, if it is about one.
pub(super) async fn commit(table: &Table<'_>, mut records: Vec<Vec<Step<'_>>>) -> Result<Committed, Error> {
    if records.iter().any(|steps| steps.len() > MAX_ACTIONS) {
        return Err(about(
            table.model,
            ErrorCode::Unsupported,
            format!(
                "this write of one `{}` and the locks of its unique values is more than the {MAX_ACTIONS} actions of a \
                 DynamoDB transaction: change fewer unique fields at once",
                table.model.name()
            ),
        ));
    }
    records.iter().flatten().try_for_each(|step| step.check_size(table))?;
    let (mut tries, mut token, mut has_lost_an_answer) = (table.tries(), TransactionToken::new(), false);
    loop {
        if !table.engine.has_transactions() {
            return sequential::commit(table, records).await;
        }
        let transacted = transact(table, &records, &token, &mut tries).await;
        let refused = match transacted.map_err(in_doubt_if(has_lost_an_answer))? {
            Transaction::Done => {
                records.iter().flatten().for_each(|step| step.note_created(table));
                return Ok(Committed::Done);
            }
            Transaction::Unsupported => continue,
            Transaction::Refused(refused) => refused,
        };
        has_lost_an_answer |= token.has_lost_an_answer();
        let steps = records.iter().flatten().count();
        let taken = take_over(table, &mut records, &refused).await.map_err(in_doubt_if(has_lost_an_answer))?;
        if records.iter().flatten().count() < steps {
            // It is another transaction from here on.
            token = TransactionToken::new();
        }
        match taken {
            Taken::No { record, roles } => {
                let step_of = |refused: &RefusedStep| records.get(refused.record)?.get(refused.step);
                let is_record = |refused: &RefusedStep| {
                    refused.record == record && step_of(refused).is_some_and(|step| step.role == Role::Record)
                };
                let found = refused.into_iter().find(is_record).and_then(|refused| refused.item);
                return Ok(Committed::Refused { record, roles, found, written: 0, has_lost_an_answer });
            }
            taken if taken.may_go_on(&mut tries).await => {}
            _ => return Err(in_doubt_if(has_lost_an_answer)(table.conflict())),
        }
    }
}

/// The error of a write of which an earlier try has lost an answer: what was sent then may still arrive.
pub(super) fn in_doubt_if(has_lost_an_answer: bool) -> impl Fn(Error) -> Error {
    move |error| {
        let unknown = has_lost_an_answer || error.is_outcome_unknown();
        error.with_outcome_unknown(unknown)
    }
}

/// What became of a transaction.
pub(super) enum Transaction<R> {
    Done,
    /// The conditions of these did not hold.
    Refused(Vec<R>),
    /// The engine has no transactions, which is noted.
    Unsupported,
}

/// One transaction, until it is done or refused.
async fn transact(
    table: &Table<'_>,
    records: &[Vec<Step<'_>>],
    token: &TransactionToken,
    tries: &mut Tries,
) -> Result<Transaction<RefusedStep>, Error> {
    let places: Vec<(usize, usize)> = records
        .iter()
        .enumerate()
        .flat_map(|(record, steps)| (0..steps.len()).map(move |step| (record, step)))
        .collect();
    let actions = || records.iter().flatten().map(|step| step.transact_item(table)).collect();
    let record_of = |place| places.get(place).filter(|_| records.len() > 1).map(|(record, _)| *record);
    let transacted = transact_actions(table, token, actions, record_of, tries).await?;
    let step_of = |RefusedAction { place, item }| {
        places.get(place).map(|(record, step)| RefusedStep { record: *record, step: *step, item })
    };
    Ok(match transacted {
        Transaction::Done => Transaction::Done,
        Transaction::Refused(refused) => Transaction::Refused(refused.into_iter().filter_map(step_of).collect()),
        Transaction::Unsupported => Transaction::Unsupported,
    })
}

/// An action whose condition did not hold, and the item as it was.
pub(super) struct RefusedAction {
    place: usize,
    item: Option<Item>,
}

/// Sends a transaction until it is done or refused: conflicts and throttling are waited out. An error that is about one
/// action has the index of its record.
///
/// A refusal or a conflict can be the answer to a second attempt while the first, whose answer was lost, was applied or still
/// is. Under the same token it is found out; under another the transaction would run into its own writes.
pub(super) async fn transact_actions(
    table: &Table<'_>,
    token: &TransactionToken,
    actions: impl Fn() -> Result<Vec<TransactWriteItem>, Error>,
    record_of: impl Fn(usize) -> Option<usize>,
    tries: &mut Tries,
) -> Result<Transaction<RefusedAction>, Error> {
    loop {
        let transacted = match table.transact(actions()?, token).await {
            // As a whole. Of one of its actions it is a reason for which the transaction was cancelled.
            Err(error) if error.code() == ErrorCode::Throttled && tries.again().await => {
                again_under(table, token);
                continue;
            }
            transacted => transacted?,
        };
        let (reasons, error) = match transacted {
            Transacted::Done => return Ok(Transaction::Done),
            Transacted::Unknown => {
                table.engine.note_no_transactions();
                return Ok(Transaction::Unsupported);
            }
            // What becomes of it is what the next attempt is answered.
            Transacted::InProgress(error) if !tries.again().await => return Err(error),
            Transacted::InProgress(_) => {
                again_under(table, token);
                continue;
            }
            Transacted::Cancelled { reasons, error } => (reasons, error),
        };
        let (mut refused, mut throttled) = (Vec::new(), false);
        for (place, reason) in reasons.into_iter().enumerate() {
            match reason.code.as_deref().unwrap_or("None") {
                "None" | "TransactionConflict" => {}
                "ConditionalCheckFailed" => refused.push(RefusedAction { place, item: reason.item }),
                "ProvisionedThroughputExceeded" | "ThrottlingError" => throttled = true,
                other => {
                    let message = reason.message.as_deref().unwrap_or_default();
                    return Err(at(lasting(table, other, message).with_source(*error), record_of(place)));
                }
            }
        }
        if !refused.is_empty() {
            return Ok(Transaction::Refused(refused));
        }
        if !tries.again().await {
            let lasting = if throttled { table.throttled() } else { table.conflict() };
            return Err(lasting.with_source(*error).with_outcome_unknown(token.attempts().are_in_doubt()));
        }
        again_under(table, token);
    }
}

/// What is sent again under the token is the same write.
fn again_under(table: &Table<'_>, token: &TransactionToken) {
    if token.attempts().are_in_doubt() {
        table.operation.sent.settle_one();
    }
}

/// The error, saying which of several records it is about.
pub(super) fn at(error: Error, record: Option<usize>) -> Error {
    if record.is_some() { error.with_progress(record, 0) } else { error }
}

fn lasting(table: &Table<'_>, code: &str, message: &str) -> Error {
    let kind = match code {
        "ValidationError" if is_about_a_value(message) => ErrorCode::InvalidValue,
        "ValidationError" => ErrorCode::InvalidQuery,
        _ => ErrorCode::Backend,
    };
    let message = format!(
        "DynamoDB refused the transaction on table `{}`: mend what it names, or try again if the service failed ({code}: \
         {message})",
        table.name
    );
    about(table.model, kind, message)
}
