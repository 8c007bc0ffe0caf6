//! Every failure of every operation of the SDK: none passes for a success, and each becomes an error that says what
//! went wrong, whether to try again, where, and what to do.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::credential_fn::provide_credentials_fn;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::{BoxError, SdkError};
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemError;
use aws_sdk_dynamodb::operation::batch_write_item::BatchWriteItemError;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::describe_table::DescribeTableError;
use aws_sdk_dynamodb::operation::get_item::GetItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::QueryError;
use aws_sdk_dynamodb::operation::scan::ScanError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_table::UpdateTableError;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use orm::driver::BoxFuture;
use orm::prelude::*;
use orm_dynamodb::{DynamoDb, Embedded};
use serde_json::{Value as Document, json};
use tests::faults::{Fault, FaultyClient};
use tests::suite::Outcome;

/// Without unique fields: plain requests.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "notes")]
#[orm(index(topic))]
struct Note {
    #[orm(id)]
    id: String,
    topic: String,
    #[orm(default = 0)]
    reads: i64,
}

/// With one: transactions.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "names")]
struct Name {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    text: String,
}

/// The table of [`Note`], before it had an index.
mod before {
    use orm::prelude::*;

    #[derive(Model, Clone, Debug, PartialEq)]
    #[orm(table = "notes")]
    pub struct Note {
        #[orm(id)]
        pub id: String,
        pub topic: String,
    }
}

/// What is done to the requests of one operation, as long as it is set.
#[derive(Clone, Debug, Default)]
struct Strike {
    fault: Arc<Mutex<Option<(&'static str, Damage)>>>,
}

#[derive(Clone, Debug)]
enum Damage {
    Fault(Fault),
    /// The request cannot be built.
    NotBuilt,
}

impl Strike {
    fn on(&self, operation: &'static str, damage: Damage) {
        *self.fault.lock().unwrap() = Some((operation, damage));
    }

    fn for_operation(&self, operation: &str) -> Option<Damage> {
        let fault = self.fault.lock().unwrap();
        fault.as_ref().filter(|(of, _)| *of == operation).map(|(_, damage)| damage.clone())
    }
}

impl Intercept for Strike {
    fn name(&self) -> &'static str {
        "Strike"
    }

    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = config.load::<Metadata>().map(Metadata::name).unwrap_or_default();
        match self.for_operation(operation) {
            Some(Damage::NotBuilt) => Err("injected: not built".into()),
            _ => Ok(()),
        }
    }
}

/// A configuration whose requests fail as the strike says, at once and only once.
fn config(embedded: &Embedded, strike: &Strike) -> aws_sdk_dynamodb::Config {
    let client = FaultyClient::new(embedded.http_client(), {
        let strike = strike.clone();
        move |operation, _| match strike.for_operation(operation) {
            Some(Damage::Fault(fault)) => Some(fault),
            _ => None,
        }
    });
    embedded
        .config()
        .http_client(client)
        .interceptor(strike.clone())
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_timeout(Duration::from_secs(5)).build())
        .build()
}

/// A request of one operation, made through the Orm.
struct Request {
    operation: &'static str,
    what: &'static str,
    send: for<'o> fn(&'o Orm) -> BoxFuture<'o, ()>,
    model: &'static str,
    table: &'static str,
    /// Whether the source of an error is the error of the operation.
    is_source: fn(&Error) -> bool,
    /// What there is before.
    given: Given,
}

#[derive(Clone, Copy, PartialEq)]
enum Given {
    Records,
    NoTables,
    TableWithoutIndex,
}

macro_rules! requests {
    ($($operation:ident $what:literal ($model:literal, $table:literal, $error:ident, $given:ident) = |$orm:ident| $send:expr;)*) => {
        [$(Request {
            operation: stringify!($operation),
            what: $what,
            send: |$orm| Box::pin(async move { $send.await.map(drop) }),
            model: $model,
            table: $table,
            is_source: |error| error.downcast_source::<SdkError<$error, HttpResponse>>().is_some(),
            given: Given::$given,
        }),*]
    };
}

fn requests() -> Vec<Request> {
    requests! {
        GetItem "by id" ("note", "notes", GetItemError, Records) =
            |orm| Note::find_unique(Note::ID.eq("a")).exec(orm);
        GetItem "by a unique field" ("name", "names", GetItemError, Records) =
            |orm| Name::find_unique(Name::TEXT.eq("a")).exec(orm);
        GetItem "before a delete" ("name", "names", GetItemError, Records) =
            |orm| Name::delete(Name::ID.eq("a")).exec(orm);
        GetItem "before an update" ("name", "names", GetItemError, Records) =
            |orm| Name::update(Name::ID.eq("a")).set(Name::TEXT, "c").exec(orm);
        BatchGetItem "by ids" ("note", "notes", BatchGetItemError, Records) =
            |orm| Note::find_many().filter(Note::ID.is_in(["a", "b"])).exec(orm);
        BatchGetItem "by unique fields" ("name", "names", BatchGetItemError, Records) =
            |orm| Name::count().filter(Name::TEXT.is_in(["a", "b"])).exec(orm);
        Query "records" ("note", "notes", QueryError, Records) =
            |orm| Note::find_many().filter(Note::TOPIC.eq("t")).exec(orm);
        Query "a count" ("note", "notes", QueryError, Records) =
            |orm| Note::count().filter(Note::TOPIC.eq("t")).exec(orm);
        Scan "records" ("note", "notes", ScanError, Records) =
            |orm| Note::find_many().exec(orm);
        Scan "a count" ("name", "names", ScanError, Records) =
            |orm| Name::count().exec(orm);
        Scan "before deletes" ("note", "notes", ScanError, Records) =
            |orm| Note::delete_many().exec(orm);
        PutItem "a create" ("note", "notes", PutItemError, Records) =
            |orm| Note::create().topic("t").exec(orm);
        PutItem "a create with an id" ("note", "notes", PutItemError, Records) =
            |orm| Note::create().id("c").topic("t").exec(orm);
        PutItem "an upsert" ("note", "notes", PutItemError, Records) =
            |orm| Note::upsert(Note::ID.eq("c")).create(Note::create().id("c").topic("t")).update(|note| note).exec(orm);
        UpdateItem "an update" ("note", "notes", UpdateItemError, Records) =
            |orm| Note::update(Note::ID.eq("a")).set(Note::READS, 1).exec(orm);
        UpdateItem "an increment" ("note", "notes", UpdateItemError, Records) =
            |orm| Note::update(Note::ID.eq("a")).increment(Note::READS, 1).exec(orm);
        UpdateItem "many" ("note", "notes", UpdateItemError, Records) =
            |orm| Note::update_many().set(Note::READS, 1).exec(orm);
        DeleteItem "a delete" ("note", "notes", DeleteItemError, Records) =
            |orm| Note::delete(Note::ID.eq("a")).exec(orm);
        DeleteItem "a consume" ("note", "notes", DeleteItemError, Records) =
            |orm| Note::consume(Note::ID.eq("a")).exec(orm);
        BatchWriteItem "creates" ("note", "notes", BatchWriteItemError, Records) =
            |orm| Note::create_many((0..3).map(|_| Note::create().topic("t"))).exec(orm);
        BatchWriteItem "deletes" ("note", "notes", BatchWriteItemError, Records) =
            |orm| Note::delete_many().exec(orm);
        TransactWriteItems "a create" ("name", "names", TransactWriteItemsError, Records) =
            |orm| Name::create().text("c").exec(orm);
        TransactWriteItems "creates" ("name", "names", TransactWriteItemsError, Records) =
            |orm| Name::create_many(["c", "d"].map(|text| Name::create().text(text))).exec(orm);
        TransactWriteItems "creates with ids" ("note", "notes", TransactWriteItemsError, Records) =
            |orm| Note::create_many(["c", "d"].map(|id| Note::create().id(id).topic("t"))).exec(orm);
        TransactWriteItems "an update" ("name", "names", TransactWriteItemsError, Records) =
            |orm| Name::update(Name::ID.eq("a")).set(Name::TEXT, "c").exec(orm);
        TransactWriteItems "an update of many" ("name", "names", TransactWriteItemsError, Records) =
            |orm| Name::update_many().filter(Name::ID.eq("a")).set(Name::TEXT, "c").exec(orm);
        TransactWriteItems "an upsert" ("name", "names", TransactWriteItemsError, Records) =
            |orm| Name::upsert(Name::TEXT.eq("c")).create(Name::create().text("c")).update(|name| name).exec(orm);
        TransactWriteItems "a delete" ("name", "names", TransactWriteItemsError, Records) =
            |orm| Name::delete(Name::TEXT.eq("a")).exec(orm);
        TransactWriteItems "deletes" ("name", "names", TransactWriteItemsError, Records) =
            |orm| Name::delete_many().exec(orm);
        DescribeTable "before a create" ("note", "notes", DescribeTableError, NoTables) =
            |orm| orm.push_schema();
        CreateTable "of a model" ("note", "notes", CreateTableError, NoTables) =
            |orm| orm.push_schema();
        UpdateTable "for an index" ("note", "notes", UpdateTableError, TableWithoutIndex) =
            |orm| orm.push_schema();
    }
    .into()
}

/// A failure, and what it has to become.
struct Failure {
    name: &'static str,
    damage: Damage,
    code: ErrorCode,
    retryable: bool,
    /// What the message says, besides naming the table.
    advice: &'static str,
}

fn failures() -> Vec<Failure> {
    use ErrorCode::*;

    let exception = |name, status, code, retryable, advice| Failure {
        name,
        damage: Damage::Fault(Fault::exception(status, name)),
        code,
        retryable,
        advice,
    };
    let fault =
        |name, fault, code, retryable, advice| Failure { name, damage: Damage::Fault(fault), code, retryable, advice };
    let answer = |status, body: &str| Fault::Answer(status, body.to_owned());
    vec![
        exception("ResourceNotFoundException", 400, MissingTable, false, "`orm.push_schema().await?` creates it"),
        exception("ProvisionedThroughputExceededException", 400, Throttled, true, "try again later"),
        exception("ThrottlingException", 400, Throttled, true, "try again later"),
        exception("RequestLimitExceeded", 400, Throttled, true, "try again later"),
        exception("LimitExceededException", 400, Throttled, true, "try again later"),
        exception("AccessDeniedException", 400, AccessDenied, false, "check the policy"),
        exception("UnrecognizedClientException", 400, AccessDenied, false, "check the policy"),
        exception("ExpiredTokenException", 400, AccessDenied, false, "have not expired"),
        exception("ValidationException", 400, InvalidQuery, false, "ValidationException: injected"),
        exception("SerializationException", 400, InvalidQuery, false, "SerializationException: injected"),
        exception("InternalServerError", 500, Backend, true, "try again; a write may or may not have been applied"),
        exception("ServiceUnavailable", 503, Backend, true, "try again; a write may or may not have been applied"),
        exception("TransactionConflictException", 400, TransactionConflict, true, "try again"),
        exception("TransactionInProgressException", 400, TransactionConflict, true, "try again"),
        exception("ReplicatedWriteConflictException", 400, TransactionConflict, true, "try again"),
        exception("SurprisingException", 400, Backend, false, "SurprisingException: injected"),
        exception("SurprisingError", 500, Backend, true, "try again"),
        fault("without a name", answer(400, "{}"), Backend, false, "HTTP status 400"),
        fault("without a name, of a server", answer(502, "{}"), Backend, true, "HTTP status 502"),
        fault("too many requests", answer(429, "{}"), Throttled, true, "HTTP status 429"),
        fault("truncated", answer(200, r#"{"Item":{"id":{"S":"#), Connection, true, "could not be read"),
        fault("not JSON", answer(200, "<html>Log in</html>"), Connection, true, "could not be read"),
        fault("a proxy's page", answer(502, "<html>Bad gateway</html>"), Backend, true, "HTTP status 502"),
        fault("dropped", Fault::Dropped, Connection, true, "try again, and check the endpoint"),
        fault("late", Fault::Delayed(Duration::from_secs(60)), Timeout, true, "try again"),
        Failure {
            name: "not built",
            damage: Damage::NotBuilt,
            code: Backend,
            retryable: false,
            advice: "check the client's configuration (injected: not built)",
        },
    ]
}

async fn bed(given: Given) -> Result<(Orm, Strike), Error> {
    let embedded = Embedded::in_memory()?;
    let strike = Strike::default();
    let client = aws_sdk_dynamodb::Client::from_conf(config(&embedded, &strike));
    if given == Given::Records {
        let driver = DynamoDb::builder(client).scan_policy(orm_dynamodb::ScanPolicy::Allow).build();
        let orm = Orm::bootstrap(schema![Note, Name], driver).await?;
        for id in ["a", "b"] {
            Note::create().id(id).topic("t").exec(&orm).await?;
            Name::create().id(id).text(id).exec(&orm).await?;
        }
        return Ok((orm, strike));
    }
    if given == Given::TableWithoutIndex {
        Orm::bootstrap(schema![before::Note], &embedded).await?;
    }
    Ok((Orm::from_runtime(schema![Note], client)?, strike))
}

#[tokio::test(start_paused = true)]
async fn every_failure_of_every_operation_is_an_error_that_says_what_it_is() -> Outcome {
    let mut wrong = Vec::new();
    for request in requests() {
        for failure in failures() {
            // That there is no table is what a push wants to know; see below. That an account has as many as it may does not
            // pass, unless it says so: that is tested where tables are.
            if matches!(
                (request.operation, failure.name),
                ("DescribeTable", "ResourceNotFoundException") | ("CreateTable", "LimitExceededException")
            ) {
                continue;
            }
            let (orm, strike) = bed(request.given).await?;
            strike.on(request.operation, failure.damage.clone());
            let case = format!("{} ({}), {}", request.operation, request.what, failure.name);
            let error = match (request.send)(&orm).await {
                Err(error) => error,
                Ok(()) => {
                    wrong.push(format!("{case}: passes for a success"));
                    continue;
                }
            };
            let mut check = |is_right: bool, what: &str| {
                if !is_right {
                    wrong.push(format!("{case}: {what} of {error:?}"));
                }
            };
            check(error.code() == failure.code, "the code");
            check(error.is_retryable() == failure.retryable, "is_retryable");
            check(error.backend_kind() == Some("dynamodb"), "the backend");
            check(error.model() == Some(request.model), "the model");
            check(error.to_string().contains(&format!("table `{}`", request.table)), "the table");
            check(error.to_string().contains(failure.advice), "the advice");
            check((request.is_source)(&error), "the source");
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

/// A table that never comes to be is waited for, but not for ever.
#[tokio::test(start_paused = true)]
async fn a_table_that_never_comes_to_be_is_a_time_out() -> Outcome {
    let (orm, strike) = bed(Given::NoTables).await?;
    strike.on("DescribeTable", Damage::Fault(Fault::exception(400, "ResourceNotFoundException")));
    let error = orm.push_schema().await.expect_err("there is no table");
    assert_eq!((error.code(), error.is_retryable(), error.model()), (ErrorCode::Timeout, true, Some("note")));
    assert!(error.to_string().contains("table `notes`"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_value_that_is_too_large_for_dynamodb_is_an_invalid_value() -> Outcome {
    for said in [
        "Item size has exceeded the maximum allowed size",
        "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes",
        "Attempting to store more than 38 significant digits in a Number",
        "Number overflow. Attempting to store a number with magnitude larger than supported range",
    ] {
        let (orm, strike) = bed(Given::Records).await?;
        let body = json!({ "__type": "com.amazon.coral.validate#ValidationException", "message": said });
        strike.on("PutItem", Damage::Fault(Fault::Answer(400, body.to_string())));
        let error = Note::create().topic("t").exec(&orm).await.expect_err("refused");
        assert_eq!((error.code(), error.is_retryable()), (ErrorCode::InvalidValue, false), "{error}");
        assert!(error.to_string().contains(said), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn an_index_that_is_missing_is_created_by_a_push() -> Outcome {
    let embedded = Embedded::in_memory()?;
    Orm::bootstrap(schema![before::Note], &embedded).await?;
    let orm = Orm::from_runtime(schema![Note], &embedded)?;
    let query = Note::find_many().filter(Note::TOPIC.eq("t"));
    let error = query.clone().exec(&orm).await.expect_err("there is no index");
    assert_eq!((error.code(), error.is_retryable()), (ErrorCode::MissingTable, false), "{error}");
    assert!(error.to_string().contains("push_schema"), "{error}");
    orm.push_schema().await?;
    assert_eq!(query.exec(&orm).await?, []);
    Ok(())
}

#[tokio::test]
async fn an_index_that_is_being_filled_is_worth_another_try() -> Outcome {
    let (orm, strike) = bed(Given::Records).await?;
    let message = "Cannot read from backfilling global secondary index: topic-index";
    let body = json!({ "__type": "com.amazon.coral.validate#ValidationException", "message": message });
    strike.on("Query", Damage::Fault(Fault::Answer(400, body.to_string())));
    let error = Note::find_many().filter(Note::TOPIC.eq("t")).exec(&orm).await.expect_err("it is being filled");
    assert_eq!((error.code(), error.is_retryable()), (ErrorCode::Backend, true), "{error}");
    assert!(error.to_string().contains("still being filled"), "{error}");
    Ok(())
}

#[tokio::test]
async fn missing_credentials_and_regions_are_not_worth_another_try() -> Outcome {
    use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};

    let embedded = Embedded::in_memory()?;
    let config = || {
        aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(embedded.http_client())
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(aws_sdk_dynamodb::config::StalledStreamProtectionConfig::disabled())
    };
    let region = || Region::from_static("us-east-1");
    let credentials = Credentials::new("id", "secret", None, None, "test");
    let failing = |error: fn() -> CredentialsError| {
        config().region(region()).credentials_provider(provide_credentials_fn(move || async move { Err(error()) }))
    };
    for (config, what, code, retryable) in [
        (config().credentials_provider(credentials), "region", ErrorCode::Connection, false),
        (config().region(region()), "credentials", ErrorCode::Connection, false),
        (failing(|| CredentialsError::not_loaded("no profile")), "no profile", ErrorCode::AccessDenied, false),
        (failing(|| CredentialsError::invalid_configuration("odd")), "odd", ErrorCode::AccessDenied, false),
        (
            failing(|| CredentialsError::provider_timed_out(Duration::from_secs(1))),
            "credentials",
            ErrorCode::AccessDenied,
            true,
        ),
    ] {
        let orm = Orm::from_runtime(schema![Note], config.build())?;
        let error = Note::find_unique(Note::ID.eq("a")).exec(&orm).await.expect_err("something is missing");
        assert_eq!((error.code(), error.is_retryable()), (code, retryable), "{error:?}");
        assert_eq!((error.backend_kind(), error.model()), (Some("dynamodb"), Some("note")), "{error:?}");
        assert!(error.to_string().contains("table `notes`"), "{error}");
        assert!(error.to_string().contains(what), "{error}");
        assert!(error.downcast_source::<SdkError<GetItemError, HttpResponse>>().is_some(), "{error:?}");
    }
    Ok(())
}

/// Answers each request of an operation by what it asks for.
async fn answering(
    operation: &'static str,
    answer: impl FnMut(Document) -> Option<Fault> + Send + 'static,
) -> Result<Orm, Error> {
    let embedded = Embedded::in_memory()?;
    let client = FaultyClient::answering(embedded.http_client(), operation, answer);
    let config = embedded.config().http_client(client).retry_config(RetryConfig::disabled()).build();
    Orm::bootstrap(schema![Note, Name], config).await
}

/// The answer of a cancelled transaction with these reasons.
fn cancelled(reasons: &[&str]) -> Fault {
    let reasons: Vec<Document> = reasons
        .iter()
        .map(|code| match *code {
            "None" => json!({ "Code": "None" }),
            code => json!({ "Code": code, "Message": format!("injected {code}") }),
        })
        .collect();
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
        "CancellationReasons": reasons,
    });
    Fault::Answer(400, body.to_string())
}

#[tokio::test(start_paused = true)]
async fn the_reasons_of_a_cancelled_transaction_decide() -> Outcome {
    use ErrorCode::*;

    // Of the record and its lock: what DynamoDB says, what that is, how often it is tried.
    for (reasons, code, retryable, fields, tries) in [
        (&["TransactionConflict", "None"][..], TransactionConflict, true, &[][..], 10),
        (&["None", "TransactionConflict"], TransactionConflict, true, &[], 10),
        (&["ThrottlingError", "None"], Throttled, true, &[], 10),
        (&["ProvisionedThroughputExceeded", "TransactionConflict"], Throttled, true, &[], 10),
        (&["ConditionalCheckFailed", "None"], UniqueConstraintViolation, false, &["id"], 1),
        (&["None", "ConditionalCheckFailed"], UniqueConstraintViolation, false, &["text"], 1),
        (&["TransactionConflict", "ConditionalCheckFailed"], UniqueConstraintViolation, false, &["text"], 1),
        (&["ConditionalCheckFailed", "TransactionConflict"], UniqueConstraintViolation, false, &["id"], 1),
        (&["ConditionalCheckFailed", "ThrottlingError"], UniqueConstraintViolation, false, &["id"], 1),
        (&["None", "ValidationError"], InvalidQuery, false, &[], 1),
        (&["TransactionConflict", "ValidationError"], InvalidQuery, false, &[], 1),
        (&["ItemCollectionSizeLimitExceeded", "None"], Backend, false, &[], 1),
        (&["SurprisingReason", "None"], Backend, false, &[], 1),
        (&[], Backend, false, &[], 1),
    ] {
        let sent = Arc::new(Mutex::new(0));
        let orm = answering("TransactWriteItems", {
            let sent = sent.clone();
            move |_| {
                *sent.lock().unwrap() += 1;
                (*sent.lock().unwrap() > 1).then(|| cancelled(reasons))
            }
        })
        .await?;
        // What a refusal is about is there.
        let create = || Name::create().id("n").text("a");
        create().exec(&orm).await?;
        let error = create().exec(&orm).await.expect_err("the transaction is cancelled");
        assert_eq!(
            (error.code(), error.is_retryable(), error.fields(), *sent.lock().unwrap()),
            (code, retryable, fields, 1 + tries),
            "{reasons:?}: {error:?}"
        );
        assert_eq!((error.backend_kind(), error.model()), (Some("dynamodb"), Some("name")), "{error:?}");
        let source = error.downcast_source::<SdkError<TransactWriteItemsError, HttpResponse>>();
        assert_eq!(source.is_some(), code != UniqueConstraintViolation, "{error:?}");
        let names = if matches!(code, InvalidQuery | Backend | Throttled) { "table `names`" } else { "`name`" };
        assert!(error.to_string().contains(names), "{error}");
        assert_eq!(Name::count().exec(&orm).await?, 1);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_conflict_that_passes_is_no_error() -> Outcome {
    let mut left = 5;
    let orm = answering("TransactWriteItems", move |_| {
        left -= 1;
        (left >= 0).then(|| cancelled(&["None", "TransactionConflict"]))
    })
    .await?;
    Name::create().text("a").exec(&orm).await?;
    assert_eq!(Name::count().exec(&orm).await?, 1);
    Ok(())
}
