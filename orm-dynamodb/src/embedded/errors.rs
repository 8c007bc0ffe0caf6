//! The engine's errors as DynamoDB puts them on the wire.

use dynoxide::DynoxideError;

/// The answer to a name that is no operation, which has no message.
pub(super) const UNKNOWN_OPERATION: &str = r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#;

/// The answer to a body that cannot be read at all, which has no message.
pub(super) const UNREADABLE_BODY: &str = r#"{"__type":"com.amazon.coral.service#SerializationException"}"#;

const TOO_DEEP: &str = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels \
                        beyond supported limit";

/// The error for a request that the engine's types refused while they were read.
///
/// They put the class of the error in front of its message, and serde_json puts a position behind it; DynamoDB
/// says neither. A message without a class is serde's own: a field that is missing, null or not one of its
/// allowed words is a `ValidationException` to DynamoDB, a value of another JSON type a `SerializationException`.
pub(super) fn unreadable(operation: &str, err: &serde_json::Error) -> DynoxideError {
    let as_read = err.to_string();
    let (class, message) = split_class(&as_read);
    match class {
        "SERIALIZATION_AS_READ" => DynoxideError::SerializationException(message.to_owned()),
        "VALIDATION_AS_READ" => DynoxideError::ValidationException(message.to_owned()),
        "SERIALIZATION" => DynoxideError::SerializationException(without_position(message).to_owned()),
        "VALIDATION" => DynoxideError::ValidationException(without_position(message).to_owned()),
        "VALIDATION_REQUEST" => {
            let message = without_position(message).to_owned();
            worded_for(operation, DynoxideError::EnvelopedValidation(message))
        }
        // An item may nest 32 levels; serde_json gives up at 127, which is more.
        _ if message.starts_with("recursion limit exceeded") => DynoxideError::ValidationException(TOO_DEEP.to_owned()),
        _ if is_validation(message) => DynoxideError::ValidationException(without_position(message).to_owned()),
        _ => DynoxideError::SerializationException(without_position(message).to_owned()),
    }
}

/// The error of an operation that ran, in the words and the shape that this operation gives it.
pub(super) fn worded_for(operation: &str, err: DynoxideError) -> DynoxideError {
    match (operation, err) {
        ("PutItem" | "UpdateItem" | "DeleteItem", DynoxideError::EnvelopedValidation(message)) => {
            DynoxideError::ValidationException(format!("1 validation error detected: {message}"))
        }
        ("ExecuteStatement", DynoxideError::ConditionalCheckFailedException(message, Some(item))) => {
            DynoxideError::StatementConditionalCheckFailed(message, item)
        }
        (_, err) => err,
    }
}

/// The engine's classes, such as `VALIDATION:`, are the only capitals before a first colon.
fn split_class(message: &str) -> (&str, &str) {
    match message.split_once(':') {
        Some((class, rest)) if class.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') => (class, rest),
        _ => ("", message),
    }
}

fn is_validation(message: &str) -> bool {
    ["missing field", "unknown variant", "invalid type: null", "Supplied AttributeValue"]
        .iter()
        .any(|phrase| message.contains(phrase))
}

/// Without serde_json's ` at line 1 column 42`.
fn without_position(message: &str) -> &str {
    match message.rsplit_once(" at line ") {
        Some((text, position)) if position.contains(" column ") => text,
        _ => message,
    }
}
