//! What one operation has sent that may have changed something: so that its error can say whether it did.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
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
    pub(crate) async fn write<T, E, R>(
        &self,
        request: impl Future<Output = Result<T, SdkError<E, R>>>,
    ) -> Result<T, SdkError<E, R>>
    where
        E: ProvideErrorMetadata,
    {
        self.in_doubt.fetch_add(1, Ordering::Relaxed);
        let answer = request.await;
        match &answer {
            Ok(_) => {
                self.settled();
                self.applied.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) if is_refusal(error) => self.settled(),
            Err(_) => {}
        }
        answer
    }

    /// It turned out what became of a write without an answer.
    pub(crate) fn settled(&self) {
        self.in_doubt.fetch_sub(1, Ordering::Relaxed);
    }

    fn is_in_doubt(&self) -> bool {
        self.in_doubt.load(Ordering::Relaxed) > 0
    }

    fn has_applied(&self) -> bool {
        self.applied.load(Ordering::Relaxed) > 0
    }
}

/// Whether a request was refused for good, and none of its attempts can have been applied. Throttling and conflicts can
/// be the answer to a second attempt while the first one, whose answer was lost, was applied.
fn is_refusal<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    match error {
        SdkError::ConstructionFailure(_) => true,
        SdkError::ServiceError(service) => matches!(
            service.err().code(),
            Some(
                "ConditionalCheckFailedException"
                    | "ValidationException"
                    | "SerializationException"
                    | "ResourceNotFoundException"
                    | "AccessDeniedException"
                    | "UnrecognizedClientException"
                    | "UnknownOperationException"
            )
        ),
        _ => false,
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
