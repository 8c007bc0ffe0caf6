//! Every failure of the SDK as one `orm::Error`.

use std::fmt::Debug;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use orm::schema::ModelSchema;
use orm::{Error, ErrorCode};

use crate::DRIVER_KIND;

/// The error of a request about a model's table.
pub(crate) fn classify<E, R>(error: SdkError<E, R>, model: &'static ModelSchema, table: &str) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: Debug + Send + Sync + 'static,
{
    let (code, retryable, message) = describe(&error, table);
    Error::new(code, message).with_retryable(retryable).with_backend(DRIVER_KIND).with_model(model).with_source(error)
}

fn describe<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>, table: &str) -> (ErrorCode, bool, String) {
    match error {
        SdkError::ConstructionFailure(_) => (
            ErrorCode::Backend,
            false,
            format!("the request about table `{table}` could not be built: check the client's configuration"),
        ),
        SdkError::TimeoutError(_) => (
            ErrorCode::Timeout,
            true,
            format!("no answer from DynamoDB about table `{table}` in time; a write may or may not have been applied"),
        ),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            (ErrorCode::Timeout, true, format!("no connection to DynamoDB for table `{table}` in time"))
        }
        SdkError::DispatchFailure(failure) => (
            ErrorCode::Connection,
            !failure.is_user(),
            format!(
                "DynamoDB could not be reached for table `{table}`: check the endpoint, the region, the network and the credentials"
            ),
        ),
        SdkError::ResponseError(_) => (
            ErrorCode::Connection,
            true,
            format!("DynamoDB's answer about table `{table}` could not be read; a write may have been applied"),
        ),
        SdkError::ServiceError(service) => {
            let (code, text) = (service.err().code().unwrap_or_default(), service.err().message().unwrap_or_default());
            service_error(code, text, table)
        }
        _ => (ErrorCode::Backend, false, format!("the request about table `{table}` failed")),
    }
}

fn service_error(code: &str, text: &str, table: &str) -> (ErrorCode, bool, String) {
    let said = if text.is_empty() { code.to_owned() } else { format!("{code}: {text}") };
    match code {
        "ResourceNotFoundException" | "TableNotFoundException" => (
            ErrorCode::MissingTable,
            false,
            format!("the table `{table}` does not exist: `orm.push_schema().await?` creates it"),
        ),
        "ValidationException" if text.contains("does not have the specified index") => (
            ErrorCode::MissingTable,
            false,
            format!("the table `{table}` lacks an index of its model: `orm.push_schema().await?` creates it ({said})"),
        ),
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "Throttling"
        | "ThrottlingError"
        | "RequestLimitExceeded"
        | "LimitExceededException" => (
            ErrorCode::Throttled,
            true,
            format!("DynamoDB asks for fewer requests on table `{table}`: try again later ({said})"),
        ),
        "TransactionConflictException" | "TransactionInProgressException" => (
            ErrorCode::TransactionConflict,
            true,
            format!("another transaction works on the same records of table `{table}`: try again ({said})"),
        ),
        "AccessDeniedException"
        | "AccessDenied"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "ExpiredTokenException"
        | "ExpiredToken"
        | "IncompleteSignature"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "MissingAuthenticationToken"
        | "NotAuthorized" => (
            ErrorCode::AccessDenied,
            false,
            format!(
                "the credentials do not allow this on table `{table}`: check the policy and that they have not expired ({said})"
            ),
        ),
        "ValidationException"
            if text.contains("size has exceeded") || text.contains("more than 38 significant digits") =>
        {
            (ErrorCode::InvalidValue, false, format!("DynamoDB cannot hold a value for table `{table}` ({said})"))
        }
        "ValidationException" | "SerializationException" => {
            (ErrorCode::InvalidQuery, false, format!("DynamoDB refused the request about table `{table}` ({said})"))
        }
        "UnknownOperationException" => (
            ErrorCode::Unsupported,
            false,
            format!("this engine does not have the operation that table `{table}` needs ({said})"),
        ),
        "InternalServerError" | "InternalFailure" | "ServiceUnavailable" | "ServiceUnavailableException" => (
            ErrorCode::Backend,
            true,
            format!("DynamoDB failed on table `{table}`; a write may have been applied ({said})"),
        ),
        _ => (ErrorCode::Backend, false, format!("DynamoDB answered an error about table `{table}` ({said})")),
    }
}

/// The same records were changed by others for as long as it was retried.
pub(crate) fn conflict(model: &'static ModelSchema) -> Error {
    Error::new(
        ErrorCode::TransactionConflict,
        format!("other writers kept changing the same `{}` while it was written: try again", model.name()),
    )
    .with_backend(DRIVER_KIND)
    .with_model(model)
}

/// A unique constraint, by the places of its fields.
pub(crate) fn unique_violation(model: &'static ModelSchema, fields: &[usize]) -> Error {
    Error::unique_violation(model, model.field_names(fields)).with_backend(DRIVER_KIND)
}

/// A value that DynamoDB cannot hold.
pub(crate) fn invalid_value(model: &'static ModelSchema, field: usize, why: impl Into<String>) -> Error {
    model.invalid_value(field, &orm::ValueError::new(why.into())).with_backend(DRIVER_KIND)
}
