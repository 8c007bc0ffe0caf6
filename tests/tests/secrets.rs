//! What errors, `Debug` and cursors show of what is stored: a program logs them, and its records hold tokens and passwords.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use orm::prelude::*;
use orm::{Cursor, ErrorCode};
use orm_dynamodb::{DynamoDb, Embedded, ScanPolicy};
use serde_json::json;
use tests::faults::{Fault, FaultyClient};
use tests::suite::Outcome;

/// A session that its token names.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "sessions")]
#[orm(index(user_id, number))]
struct Session {
    #[orm(id(given))]
    token: String,
    user_id: String,
    number: i64,
    #[orm(default = 0)]
    uses: i64,
}

/// An id that is made here is no secret.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "accounts")]
struct Account {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    email: String,
    password: String,
    #[orm(default = 0)]
    logins: i64,
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

async fn bed() -> Result<(Orm, Client), Error> {
    let embedded = Embedded::in_memory()?;
    Ok((Orm::bootstrap(schema![Session, Account], &embedded).await?, embedded.client()))
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_named_only_if_its_id_is_no_secret() -> Outcome {
    let (orm, client) = bed().await?;
    for (table, id, columns) in [
        ("sessions", "s3cret", [("token", text("s3cret")), ("uses", text("ada@x.dev"))]),
        ("accounts", "a1", [("id", text("a1")), ("logins", text("hunter2"))]),
    ] {
        let put = client.put_item().table_name(table).item("__orm_pk", text(&format!("record#{id}")));
        let put = put.item("__orm_kind", text("record")).item("user_id", text("u1"));
        let put =
            put.item("number", AttributeValue::N("1".to_owned())).item("email", text("e")).item("password", text("p"));
        columns.into_iter().fold(put, |put, (column, value)| put.item(column, value)).send().await?;
    }
    let of_session = Session::find_unique(Session::TOKEN.eq("s3cret")).exec(&orm).await.unwrap_err();
    let of_account = Account::find_unique(Account::ID.eq("a1")).exec(&orm).await.unwrap_err();
    for error in [&of_session, &of_account] {
        assert_eq!(error.code(), ErrorCode::Decode);
        for shown in [error.to_string(), format!("{error:?}")] {
            assert!(!["s3cret", "ada@x.dev", "hunter2"].iter().any(|secret| shown.contains(secret)), "{shown}");
        }
    }
    assert!(of_session.to_string().contains("found a text of 9 bytes"), "{of_session}");
    assert!(of_account.to_string().contains("the record with id a1 "), "{of_account}");
    let added = Session::update(Session::TOKEN.eq("s3cret")).increment(Session::USES, 1).exec(&orm).await.unwrap_err();
    assert!(!format!("{added:?}").contains("ada@x.dev"), "{added:?}");
    Ok(())
}

/// A cancelled transaction brings the record that is there: that of somebody else.
#[tokio::test]
async fn the_debug_of_an_error_does_not_show_what_was_answered() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let client = FaultyClient::answering(embedded.http_client(), "TransactWriteItems", |_| {
        let there = json!({ "__orm_pk": { "S": "record#a1" }, "password": { "S": "hunter2" } });
        let refused = json!({ "Code": "ConditionalCheckFailed", "Message": "it is there", "Item": there });
        let body = json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
            "CancellationReasons": [refused, { "Code": "ValidationError", "Message": "injected" }],
        });
        Some(Fault::Answer(400, body.to_string()))
    });
    let orm = Orm::bootstrap(schema![Account], embedded.config().http_client(client).build()).await?;
    let error = Account::create().id("a1").email("a@x.dev").password("p").exec(&orm).await.unwrap_err();
    let shown = format!("{error:?} {error:#?} {error}");
    assert!(!shown.contains("hunter2"), "{shown}");
    // What the causes say of themselves is there.
    assert!(std::error::Error::source(&error).is_some());
    assert!(shown.contains("Transaction cancelled"), "{shown}");
    Ok(())
}

#[tokio::test]
async fn the_debug_of_a_driver_does_not_show_records() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let driver = DynamoDb::builder(embedded.client()).transactions(false).build();
    let orm = Orm::bootstrap(schema![Session], driver).await?;
    Session::create().token("s3cret").user_id("u1").number(1).exec(&orm).await?;
    Session::update(Session::TOKEN.eq("s3cret")).increment(Session::USES, 1).exec(&orm).await?;
    for shown in
        [format!("{orm:?}"), format!("{:?}", orm.driver()), format!("{:#?}", orm.driver().downcast::<DynamoDb>())]
    {
        assert!(!shown.contains("s3cret"), "{shown}");
    }
    Ok(())
}

/// A missing setting that becomes an empty text must not be taken for a secret.
#[tokio::test]
async fn an_empty_cursor_secret_is_none() -> Outcome {
    let (orm, _) = bed().await?;
    Session::create_many((0..4).map(|n| Session::create().token(format!("t{n}")).user_id("u1").number(n)))
        .exec(&orm)
        .await?;
    let page = || Session::find_many().filter(Session::USER_ID.eq("u1")).page(2);
    let next: Option<Cursor> = page().exec(&orm.with_cursor_secret("")).await?.next;
    assert_eq!(page().after(next.ok_or("there are more")?).exec(&orm).await?.items.len(), 2);
    Ok(())
}

/// What a client asks for is its own fault, where the query by itself is none.
#[tokio::test]
async fn a_value_that_no_index_holds_is_told_from_a_query_that_has_no_index() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let driver = DynamoDb::builder(embedded.client()).scan_policy(ScanPolicy::Deny).build();
    let orm = Orm::bootstrap(schema![Session], driver).await?;
    for user in [String::new(), "x".repeat(2049)] {
        let of_user = Session::find_many().filter(Session::USER_ID.eq(&user));
        let error = of_user.exec(&orm).await.unwrap_err();
        assert_eq!((error.code(), error.fields()), (ErrorCode::InvalidValue, &["user_id"][..]), "{error}");
        let several =
            Session::count().filter(Session::USER_ID.is_in(["u1", user.as_str()])).exec(&orm).await.unwrap_err();
        assert_eq!(several.code(), ErrorCode::InvalidValue, "{several}");
    }
    let either = any((Session::USER_ID.eq(""), Session::USER_ID.eq("u1").and(Session::NUMBER.gt(1))));
    assert_eq!(Session::count().filter(either).exec(&orm).await.unwrap_err().fields(), ["user_id"]);
    let error = Session::find_many().filter(Session::USES.eq(1)).exec(&orm).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidQuery);
    Ok(())
}
