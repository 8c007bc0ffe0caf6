//! Limits of a write that are known before it is sent, besides those of values and of transactions.

use orm::schema::ModelSchema;
use orm::{Error, ErrorCode};

use crate::DRIVER_KIND;

/// DynamoDB's limit of an expression, in bytes.
const MAX_EXPRESSION_BYTES: usize = 4096;

/// Refuses a write whose expressions are longer than DynamoDB takes.
pub(super) fn check_expressions(model: &'static ModelSchema, update: &str, condition: &str) -> Result<(), Error> {
    let longest = update.len().max(condition.len());
    if longest <= MAX_EXPRESSION_BYTES {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::Unsupported,
        format!(
            "this write of one `{}` needs an expression of {longest} bytes, more than the {MAX_EXPRESSION_BYTES} of \
             DynamoDB: change fewer fields at once",
            model.name()
        ),
    )
    .with_backend(DRIVER_KIND)
    .with_model(model))
}

#[cfg(test)]
mod tests {
    use orm::prelude::*;

    use super::*;

    #[derive(Model)]
    #[orm(table = "things")]
    struct Thing {
        #[orm(id)]
        id: String,
    }

    #[test]
    fn expressions_of_up_to_4_kb_are_sent() {
        let (fits, over) = ("x".repeat(4096), "x".repeat(4097));
        assert!(check_expressions(Thing::schema(), &fits, &fits).is_ok());
        for (update, condition) in [(over.as_str(), ""), ("", over.as_str())] {
            let error = check_expressions(Thing::schema(), update, condition).expect_err("it is over the limit");
            assert_eq!((error.code(), error.model()), (ErrorCode::Unsupported, Some("thing")));
            assert!(error.to_string().contains("4097 bytes"), "{error}");
        }
    }
}
