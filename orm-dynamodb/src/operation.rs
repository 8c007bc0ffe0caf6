//! What belongs to one operation of the driver, however many requests it takes: what holds for them, how many of them
//! are under way, what they may have changed, and until when.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use orm::driver::Context;
use orm::{Error, ErrorCode};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::error::about;
use crate::in_doubt::Sent;
use crate::table::Table;

/// How many reads of one operation are under way at once, and how many requests in all.
pub(crate) const READS_AT_ONCE: usize = 32;
/// How many of its writes: a new table takes 12,000 read units a second, but 4,000 write units.
pub(crate) const WRITES_AT_ONCE: usize = 16;

/// One operation.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) context: Context,
    /// A permit per request that may be under way.
    pub(crate) in_flight: Semaphore,
    pub(crate) sent: Sent,
    writes: bool,
    /// Of a query with relations all operations have one.
    deadline: Option<Instant>,
}

impl Operation {
    pub(crate) fn new(context: &Context, timeout: Option<Duration>, writes: bool) -> Self {
        let begun = || Instant::from_std(context.begun(|| Instant::now().into_std()));
        // What is too far away to be a time is no limit.
        let deadline = timeout.and_then(|limit| begun().checked_add(limit));
        let (in_flight, sent) = (Semaphore::new(READS_AT_ONCE), Sent::default());
        Self { context: context.clone(), in_flight, sent, writes, deadline }
    }
}

impl Default for Operation {
    fn default() -> Self {
        Self::new(&Context::new(), None, false)
    }
}

/// Carries out an operation within its timeout, if it has one.
pub(crate) async fn within<T>(
    table: &Table<'_>,
    operation: Pin<&mut impl Future<Output = Result<T, Error>>>,
) -> Result<T, Error> {
    let result = match table.operation.deadline {
        None => operation.await,
        Some(deadline) => match tokio::time::timeout_at(deadline, operation).await {
            Ok(result) => result,
            Err(_) => return Err(timed_out(table)),
        },
    };
    result.map_err(|error| {
        let unknown = error.is_outcome_unknown() || table.operation.sent.is_in_doubt();
        error.with_outcome_unknown(unknown)
    })
}

fn timed_out(table: &Table<'_>) -> Error {
    let limit = table.config.timeout.unwrap_or_default();
    if !table.operation.writes {
        let message =
            format!("table `{}` was not read within the timeout of {limit:?}: allow it more time", table.name);
        return about(table.model, ErrorCode::Timeout, message);
    }
    let sent = &table.operation.sent;
    let applied = sent.has_applied();
    // What got no answer may have been found to be applied since.
    let in_doubt = sent.is_in_doubt() || !applied && sent.has_lost_an_answer();
    let what: &dyn fmt::Display = match (in_doubt, applied) {
        (true, _) => &"a write was sent and not answered: it may or may not have been applied",
        (false, true) => &"a part of what was to be written has been applied",
        (false, false) => &"nothing was written",
    };
    about(
        table.model,
        ErrorCode::Timeout,
        format!(
            "an operation on table `{}` was not finished within its timeout of {limit:?}: {what}; allow it more time \
             or try again",
            table.name
        ),
    )
    .with_outcome_unknown(in_doubt || applied)
}
