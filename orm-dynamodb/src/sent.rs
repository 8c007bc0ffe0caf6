//! What one operation has sent that may have changed something: so that its error can say whether it did.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::config::interceptors::{BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

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

    pub(crate) fn is_in_doubt(&self) -> bool {
        self.in_doubt.load(Ordering::Relaxed) > 0
    }

    pub(crate) fn has_applied(&self) -> bool {
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
