//! Every failure of the SDK as one `orm::Error`.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ConnectorError, ProvideErrorMetadata, SdkError};
use orm::schema::ModelSchema;
use orm::{Error, ErrorCode, ValueError};

use crate::DRIVER_KIND;

/// What an error is, whether the same call may succeed later, and what to tell people.
struct Description {
    code: ErrorCode,
    retryable: bool,
    message: String,
}

/// An error that the same call would have again.
const fn lasting(code: ErrorCode, message: String) -> Description {
    Description { code, retryable: false, message }
}

/// An error that the same call may not have later.
const fn passing(code: ErrorCode, message: String) -> Description {
    Description { code, retryable: true, message }
}

impl Description {
    fn into_error(self, model: &'static ModelSchema) -> Error {
        about(model, self.code, self.message).with_retryable(self.retryable)
    }
}

/// An error of this driver about a model.
pub(crate) fn about(model: &'static ModelSchema, code: ErrorCode, message: impl Into<String>) -> Error {
    Error::new(code, message).with_backend(DRIVER_KIND).with_model(model)
}

/// The error of a request about a model's table.
pub(crate) fn classify<E>(error: SdkError<E, HttpResponse>, model: &'static ModelSchema, table: &str) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    describe(&error, table).into_error(model).with_source(error)
}

fn describe<E>(error: &SdkError<E, HttpResponse>, table: &str) -> Description
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    match error {
        SdkError::ConstructionFailure(_) => lasting(
            ErrorCode::Backend,
            format!(
                "the request about table `{table}` could not be built: check the client's configuration ({})",
                root_cause(error)
            ),
        ),
        SdkError::TimeoutError(_) => no_answer_in_time(table),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => no_answer_in_time(table),
        SdkError::DispatchFailure(failure) => not_sent(failure.as_connector_error(), root_cause(error), table),
        SdkError::ResponseError(_) => unreadable(root_cause(error), table),
        // An answer that is cut off is no answer of another kind to the SDK, but one without a code.
        SdkError::ServiceError(service)
            if service.err().code().is_none() && (service.raw().status().is_success() || is_cut_off(service.raw())) =>
        {
            unreadable(root_cause(error), table)
        }
        SdkError::ServiceError(service) => {
            let (code, text) = (service.err().code().unwrap_or_default(), service.err().message().unwrap_or_default());
            service_error(code, text, service.raw().status().as_u16(), table)
        }
        _ => lasting(
            ErrorCode::Backend,
            format!("the request about table `{table}` failed in a way that is new to this driver: see its source"),
        ),
    }
}

/// Whether what was to say which error it is ends in the middle.
fn is_cut_off(answer: &HttpResponse) -> bool {
    let body = answer.body().bytes().unwrap_or_default();
    answer.status().is_client_error()
        && serde_json::from_slice::<serde_json::Value>(body).is_err_and(|error| error.is_eof())
        && !body.is_empty()
}

fn no_answer_in_time(table: &str) -> Description {
    passing(
        ErrorCode::Timeout,
        format!(
            "no answer from DynamoDB about table `{table}` in time: try again; a write may or may not have been applied"
        ),
    )
}

fn unreadable(cause: String, table: &str) -> Description {
    passing(
        ErrorCode::Connection,
        format!(
            "DynamoDB's answer about table `{table}` could not be read: try again, and check what else may answer at \
             the endpoint; a write may or may not have been applied ({cause})"
        ),
    )
}

/// A request that did not get through: the connection broke, or there was nothing to sign it with or to send it to.
fn not_sent(error: Option<&ConnectorError>, cause: String, table: &str) -> Description {
    if let Some(credentials) = error.and_then(find_source::<CredentialsError>) {
        let message = format!(
            "there are no credentials for table `{table}`: set them in the environment, in a profile or on the client \
             ({cause})"
        );
        let retryable = matches!(credentials, CredentialsError::ProviderTimedOut(_));
        return Description { code: ErrorCode::AccessDenied, retryable, message };
    }
    // Other causes that the SDK would not try again for are settings: the region, the endpoint, the signing.
    let retryable = error.is_none_or(|error| error.is_io() || error.as_other().is_some());
    let advice = if retryable {
        "try again, and check the endpoint and the network; a write may or may not have been applied"
    } else {
        "check the client's region, endpoint and credentials"
    };
    let message = format!("DynamoDB could not be reached for table `{table}`: {advice} ({cause})");
    Description { code: ErrorCode::Connection, retryable, message }
}

fn service_error(code: &str, text: &str, status: u16, table: &str) -> Description {
    let said = match (code, text) {
        ("", "") => format!("HTTP status {status}"),
        (code, "") => code.to_owned(),
        (code, text) => format!("{code}: {text}"),
    };
    match code {
        "ResourceNotFoundException" | "TableNotFoundException" => lasting(
            ErrorCode::MissingTable,
            format!(
                "the table `{table}` does not exist or is still being created: `orm.push_schema().await?` creates it and \
                 waits until it can be used"
            ),
        ),
        "ValidationException" if text.contains("does not have the specified index") => lasting(
            ErrorCode::MissingTable,
            format!("the table `{table}` lacks an index of its model: `orm.push_schema().await?` creates it ({said})"),
        ),
        // As long as DynamoDB fills a new index from its table.
        "ValidationException" if text.contains("backfilling global secondary index") => passing(
            ErrorCode::Backend,
            format!("an index of the table `{table}` is still being filled: try again later ({said})"),
        ),
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "Throttling"
        | "ThrottlingError"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "SlowDown"
        | "LimitExceededException" => throttled(&said, table),
        "TransactionConflictException" | "TransactionInProgressException" | "ReplicatedWriteConflictException" => {
            passing(
                ErrorCode::TransactionConflict,
                format!("another write works on the same records of table `{table}`: try again ({said})"),
            )
        }
        "ResourceInUseException" | "TableInUseException" => passing(
            ErrorCode::Backend,
            format!("the table `{table}` is being created, changed or deleted by somebody else: try again ({said})"),
        ),
        "AccessDeniedException"
        | "AccessDenied"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "ExpiredTokenException"
        | "ExpiredToken"
        | "RequestExpired"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "MissingAuthenticationTokenException"
        | "MissingAuthenticationToken"
        | "OptInRequired"
        | "NotAuthorized" => lasting(
            ErrorCode::AccessDenied,
            format!(
                "the credentials do not allow this on table `{table}`: check the policy and that they have not expired ({said})"
            ),
        ),
        "ValidationException" if is_about_a_value(text) => lasting(
            ErrorCode::InvalidValue,
            format!("DynamoDB does not take a value for table `{table}`: give it another ({said})"),
        ),
        "ValidationException" | "SerializationException" => lasting(
            ErrorCode::InvalidQuery,
            format!("DynamoDB refused the request about table `{table}` as invalid: mend what it names ({said})"),
        ),
        "UnknownOperationException" => lasting(
            ErrorCode::Unsupported,
            format!("this engine does not have an operation that table `{table}` needs: use another engine ({said})"),
        ),
        "RequestTimeout" | "RequestTimeoutException" => no_answer_in_time(table),
        "InternalServerError"
        | "InternalServerErrorException"
        | "InternalFailure"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => failed(&said, table),
        _ if status >= 500 => failed(&said, table),
        _ if status == 429 => throttled(&said, table),
        _ => lasting(
            ErrorCode::Backend,
            format!("DynamoDB returned an error for table `{table}`: look it up by its code ({said})"),
        ),
    }
}

fn throttled(said: &str, table: &str) -> Description {
    passing(
        ErrorCode::Throttled,
        format!("DynamoDB asks for fewer requests on table `{table}`: try again later ({said})"),
    )
}

fn failed(said: &str, table: &str) -> Description {
    passing(
        ErrorCode::Backend,
        format!("DynamoDB failed on table `{table}`: try again; a write may or may not have been applied ({said})"),
    )
}

/// Whether a `ValidationException` is about a value that was to be stored.
pub(crate) fn is_about_a_value(text: &str) -> bool {
    let is_about_an_expression = text.contains("Expression");
    !is_about_an_expression
        && [
            "has exceeded the maximum",
            "Nesting Levels have exceeded",
            "more than 38 significant digits",
            "Number overflow",
            "Number underflow",
            // Of a field of an index that the model does not declare.
            "cannot contain an empty string value",
            "Size limit exceeded for Index Key",
            "beyond allowed size limits",
            "has exceeded the size limit",
        ]
        .iter()
        .any(|phrase| text.contains(phrase))
}

/// The innermost of the errors that an error comes from, which is the one that says something.
fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// The first error of this type among those that an error comes from.
fn find_source<S: StdError + 'static>(error: &(impl StdError + 'static)) -> Option<&S> {
    let mut next: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The answer to an update lacks the item, which it cannot if it is whole. The update was applied.
pub(crate) fn no_attributes(model: &'static ModelSchema, table: &str) -> Error {
    unreadable("it has no attributes".to_owned(), table).into_error(model).with_outcome_unknown(true)
}

/// A write got no answer, and what is stored now does not tell whether it was applied.
pub(crate) fn outcome_unknown(model: &'static ModelSchema, what: &str) -> Error {
    let message = format!(
        "{what} got no answer, and it cannot be told from the `{}` whether it was applied: read it before trying again",
        model.name()
    );
    lasting(ErrorCode::Timeout, message).into_error(model).with_outcome_unknown(true)
}

/// A unique constraint, by the places of its fields.
pub(crate) fn unique_violation(model: &'static ModelSchema, fields: &[usize]) -> Error {
    Error::unique_violation(model, model.field_names(fields)).with_backend(DRIVER_KIND)
}

/// A value that DynamoDB, or the type of its field, cannot hold.
pub(crate) fn invalid_value(model: &'static ModelSchema, field: usize, why: &ValueError) -> Error {
    model.invalid_value(field, why).with_backend(DRIVER_KIND)
}
