//! What one operation has sent that may have changed something: so that its error can say whether it did.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::config::interceptors::{BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use orm::{Error, ErrorCode};

use crate::DRIVER_KIND;
use crate::store::Table;

/// The writes of one operation.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    applied: AtomicUsize,
    in_doubt: AtomicUsize,
}

impl Sent {
    /// Sends a write. Until its answer says that it was refused, it may have been applied.
    pub(crate) async fn write<T, E>(
        &self,
        attempts: &Attempts,
        request: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.in_doubt.fetch_add(1, Ordering::Relaxed);
        let answer = request.await;
        if answer.is_ok() {
            self.applied.fetch_add(1, Ordering::Relaxed);
        }
        if answer.is_ok() || !attempts.are_in_doubt() {
            self.settled();
        }
        answer
    }

    /// It turned out what became of a write without an answer.
    pub(crate) fn settled(&self) {
        let fewer = |count: usize| count.checked_sub(1);
        // There is none only if it is settled already.
        let _ = self.in_doubt.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer);
    }

    fn is_in_doubt(&self) -> bool {
        self.in_doubt.load(Ordering::Relaxed) > 0
    }

    fn has_applied(&self) -> bool {
        self.applied.load(Ordering::Relaxed) > 0
    }
}

/// The attempts of one write, those of the SDK among them, that may have been applied: an interceptor of its requests.
///
/// What answers a second attempt says nothing of the first one. A refusal is one only if no attempt before it lost its
/// answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attempts(Arc<AtomicUsize>);

impl Attempts {
    /// Whether one of them may have been applied, as far as the answers say.
    pub(crate) fn are_in_doubt(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }

    /// It turned out that none of them was applied.
    pub(crate) fn settle(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "orm-dynamodb: attempts in doubt"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Not called for an attempt that took too long.
    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().is_some_and(|response| response.status().is_client_error()) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Carries out an operation within its time-out, if it has one.
pub(crate) async fn within<T>(
    table: &Table<'_>,
    operation: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let result = match table.config.timeout {
        None => operation.await,
        Some(limit) => match tokio::time::timeout(limit, operation).await {
            Ok(result) => result,
            Err(_) => return Err(timed_out(table, limit)),
        },
    };
    result.map_err(|error| {
        let unknown = error.is_outcome_unknown() || table.sent.is_in_doubt();
        error.with_outcome_unknown(unknown)
    })
}

fn timed_out(table: &Table<'_>, limit: Duration) -> Error {
    let (in_doubt, applied) = (table.sent.is_in_doubt(), table.sent.has_applied());
    let what: &dyn fmt::Display = match (in_doubt, applied) {
        (true, _) => &"a write was sent and not answered: it may or may not have been applied",
        (false, true) => &"a part of what was to be written has been applied",
        (false, false) => &"nothing was written",
    };
    Error::new(
        ErrorCode::Timeout,
        format!(
            "an operation on table `{}` was not finished within its time-out of {limit:?}: {what}; allow it more time or \
             try again",
            table.name
        ),
    )
    .with_backend(DRIVER_KIND)
    .with_model(table.model)
    .with_outcome_unknown(in_doubt || applied)
}
