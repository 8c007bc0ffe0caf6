//! Indexes that no table can have are refused before anything is sent.

use orm::prelude::*;
use orm_dynamodb::{DynamoDb, Embedded};
use tests::suite::Outcome;

/// Two indexes of one name.
#[derive(Model)]
#[orm(table = "twins", index(a, bc), index(ab, c))]
struct Twins {
    #[orm(id)]
    id: String,
    a: String,
    #[orm(column = "b-c")]
    bc: String,
    #[orm(column = "a-b")]
    ab: String,
    c: String,
}

#[derive(Model)]
#[orm(table = "tongues", index(long, also_long))]
struct Tongue {
    #[orm(id)]
    id: String,
    #[orm(
        column = "llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll"
    )]
    long: String,
    #[orm(
        column = "LLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLL"
    )]
    also_long: String,
}

/// One index more than a table can have.
#[derive(Model)]
#[orm(table = "registers")]
#[allow(clippy::duplicated_attributes, reason = "indexes may name one field")]
#[orm(
    index(a, b),
    index(a, c),
    index(a, d),
    index(a, e),
    index(a, f),
    index(b, a),
    index(b, c),
    index(b, d),
    index(b, e),
    index(b, f),
    index(c, a),
    index(c, b),
    index(c, d),
    index(c, e),
    index(c, f),
    index(d, a),
    index(d, b),
    index(d, c),
    index(d, e),
    index(d, f),
    index(e, a)
)]
struct Register {
    #[orm(id)]
    id: String,
    a: String,
    b: String,
    c: String,
    d: String,
    e: String,
    f: String,
}

#[tokio::test]
async fn indexes_that_no_table_can_have_are_refused() -> Outcome {
    let (query, unsupported) = (ErrorCode::InvalidQuery, ErrorCode::Unsupported);
    for (schema, code, said) in [
        (schema![Twins], query, "two indexes of `twins` have the name `a-b-c-index`"),
        (schema![Tongue], query, "has a longer name than DynamoDB takes"),
        (schema![Register], unsupported, "`register` has 21 indexes, more than the 20 of a DynamoDB table"),
    ] {
        let error = Orm::new(schema, DynamoDb::new(Embedded::in_memory()?.client())).expect_err("it cannot be made");
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(said), "{error}");
    }
    Ok(())
}
