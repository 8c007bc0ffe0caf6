use std::error::Error as _;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, Put,
    ReturnValuesOnConditionCheckFailure, ScalarAttributeType, TimeToLiveSpecification, TransactWriteItem,
};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use super::Embedded;

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

async fn create_table(client: &Client) {
    client
        .create_table()
        .table_name("users")
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(
            AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S).build().unwrap(),
        )
        .key_schema(KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build().unwrap())
        .send()
        .await
        .unwrap();
}

async fn put(client: &Client, id: &str, name: &str) {
    client.put_item().table_name("users").item("id", text(id)).item("name", text(name)).send().await.unwrap();
}

async fn name(client: &Client, id: &str) -> Option<String> {
    let found = client.get_item().table_name("users").key("id", text(id)).send().await.unwrap();
    Some(found.item()?.get("name")?.as_s().unwrap().clone())
}

async fn with_ada() -> (Embedded, Client) {
    let embedded = Embedded::in_memory().unwrap();
    let client = embedded.client();
    create_table(&client).await;
    put(&client, "1", "Ada").await;
    (embedded, client)
}

/// A file of its own in the temporary directory, removed at the end.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("orm-embedded-{}-{name}.db", std::process::id())))
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let mut path = self.0.clone().into_os_string();
            path.push(suffix);
            let _ = std::fs::remove_file(path);
        }
    }
}

#[tokio::test]
async fn an_item_comes_back() {
    let (_, client) = with_ada().await;
    assert_eq!(name(&client, "1").await.as_deref(), Some("Ada"));
    assert_eq!(name(&client, "2").await, None);
}

#[tokio::test]
async fn an_answer_has_a_request_id_and_the_content_type_of_the_service() {
    let (_, client) = with_ada().await;
    let found = client.get_item().table_name("users").key("id", text("1")).send().await.unwrap();
    assert!(found.request_id().unwrap().starts_with("EMBEDDED"));

    let SdkError::ServiceError(failed) = client.describe_limits().send().await.unwrap_err() else {
        panic!("not an answer of the service")
    };
    let content_type = failed.raw().headers().get("content-type");
    assert_eq!(content_type, Some("application/x-amz-json-1.0"));
}

#[tokio::test]
async fn a_failed_condition_returns_the_item_that_was_there() {
    let (_, client) = with_ada().await;
    let failed = client
        .put_item()
        .table_name("users")
        .item("id", text("1"))
        .condition_expression("attribute_not_exists(id)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(failed.message(), Some("The conditional request failed"));
    let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(failed) = failed else {
        panic!("{failed:?}")
    };
    assert_eq!(failed.item().unwrap().get("name"), Some(&text("Ada")));
}

#[tokio::test]
async fn a_cancelled_transaction_gives_its_reasons_in_order() {
    let (_, client) = with_ada().await;
    let new = |id: &str| {
        let put = Put::builder()
            .table_name("users")
            .item("id", text(id))
            .condition_expression("attribute_not_exists(id)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    let failed = client
        .transact_write_items()
        .transact_items(new("0"))
        .transact_items(new("1"))
        .transact_items(new("2"))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(
        failed,
    ) = failed
    else {
        panic!("{failed:?}")
    };
    let reasons = failed.cancellation_reasons();
    let codes: Vec<_> = reasons.iter().map(|reason| reason.code().unwrap()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed", "None"]);
    assert_eq!(reasons[1].message(), Some("The conditional request failed"));
    assert_eq!(reasons[1].item().unwrap().get("name"), Some(&text("Ada")));
    assert_eq!(reasons[0].item(), None);
    assert_eq!(name(&client, "0").await, None);
}

#[tokio::test]
async fn a_missing_table_is_not_found() {
    let client = Embedded::in_memory().unwrap().client();
    let failed = client.get_item().table_name("users").key("id", text("1")).send().await.unwrap_err();
    assert!(failed.into_service_error().is_resource_not_found_exception());
}

#[tokio::test]
async fn a_request_that_breaks_a_rule_is_a_validation_error() {
    let (_, client) = with_ada().await;
    let update = client.update_item().table_name("users").key("id", text("1"));
    let failed = update.clone().update_expression("SET SET").send().await.unwrap_err();
    assert_eq!(failed.code(), Some("ValidationException"));
    assert!(failed.message().unwrap().contains("Invalid UpdateExpression: Syntax error"));

    let failed = client.get_item().table_name("users").key("name", text("1")).send().await.unwrap_err();
    assert_eq!(failed.code(), Some("ValidationException"));
    assert_eq!(failed.message(), Some("The provided key element does not match the schema"));
}

#[tokio::test]
async fn a_request_without_a_required_member_is_a_validation_error() {
    let (_, client) = with_ada().await;
    let failed = client.put_item().table_name("users").send().await.unwrap_err();
    assert_eq!(failed.code(), Some("ValidationException"));
    assert_eq!(
        failed.message(),
        Some(
            "1 validation error detected: Value null at 'item' failed to satisfy constraint: \
             Member must not be null"
        )
    );
}

#[tokio::test]
async fn a_value_that_is_refused_while_it_is_read_is_a_validation_error() {
    let (_, client) = with_ada().await;
    let put = client.put_item().table_name("users").item("id", text("2"));
    let failed = put.clone().item("n", AttributeValue::N("many".to_owned())).send().await.unwrap_err();
    assert_eq!(failed.code(), Some("ValidationException"));
    assert_eq!(
        failed.message(),
        Some("1 validation error detected: The parameter cannot be converted to a numeric value: many")
    );

    let failed = put.clone().item("n", AttributeValue::Null(false)).send().await.unwrap_err();
    assert_eq!(failed.code(), Some("ValidationException"));
    assert_eq!(
        failed.message(),
        Some(
            "1 validation error detected: One or more parameter values were invalid: \
             Null attribute value types must have the value of true"
        )
    );

    let nested = (0..100).fold(text("leaf"), |inner, _| AttributeValue::L(vec![inner]));
    let failed = put.item("n", nested).send().await.unwrap_err();
    assert_eq!(failed.code(), Some("ValidationException"));
    assert!(failed.message().unwrap().starts_with("Nesting Levels have exceeded supported limits"));
}

#[tokio::test]
async fn a_partiql_condition_that_fails_returns_the_item_that_was_there() {
    let (_, client) = with_ada().await;
    let failed = client
        .execute_statement()
        .statement("UPDATE users SET name = 'Bob' WHERE id = '1' AND name = 'Eve'")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let aws_sdk_dynamodb::operation::execute_statement::ExecuteStatementError::ConditionalCheckFailedException(failed) =
        failed
    else {
        panic!("{failed:?}")
    };
    assert_eq!(failed.item().unwrap().get("name"), Some(&text("Ada")));
}

#[tokio::test]
async fn an_operation_that_the_engine_does_not_have_is_unknown() {
    let client = Embedded::in_memory().unwrap().client();
    let SdkError::ServiceError(failed) = client.describe_limits().send().await.unwrap_err() else {
        panic!("not an answer of the service")
    };
    assert_eq!(failed.raw().status().as_u16(), 400);
    assert_eq!(failed.err().code(), Some("UnknownOperationException"));
}

#[tokio::test]
async fn a_file_keeps_its_tables() {
    let file = TemporaryFile::new("keeps");
    let embedded = Embedded::open(&file.0).unwrap();
    let client = embedded.client();
    create_table(&client).await;
    put(&client, "1", "Ada").await;
    drop((embedded, client));

    let client = Embedded::open(&file.0).unwrap().client();
    assert_eq!(name(&client, "1").await.as_deref(), Some("Ada"));
}

#[test]
fn a_path_that_cannot_be_opened_is_named() {
    let file = TemporaryFile::new("not-a-database");
    std::fs::write(&file.0, "a letter to a friend, of more than a hundred bytes ".repeat(40)).unwrap();
    for path in [Path::new(""), Path::new("/no/such/directory/app.db"), &std::env::temp_dir(), &file.0] {
        let err = Embedded::open(path).unwrap_err();
        assert!(err.to_string().contains(&format!("{path:?}")), "{err}");
        assert!(err.source().is_some());
    }
    let err = Embedded::open(&file.0).unwrap_err();
    assert!(err.to_string().ends_with("it is no database of this engine"), "{err}");
    assert!(std::fs::read_to_string(&file.0).unwrap().starts_with("a letter"), "it stays as it is");
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_utf8_is_named() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let err = Embedded::open(OsStr::from_bytes(b"/tmp/\xff.db")).unwrap_err();
    assert_eq!(err.to_string(), r#"could not open the database file "/tmp/\xFF.db": the path is not UTF-8"#);
}

#[tokio::test]
async fn two_engines_in_memory_share_nothing() {
    let (_, client) = with_ada().await;
    let other = Embedded::in_memory().unwrap().client();
    create_table(&other).await;
    assert_eq!(name(&other, "1").await, None);
    assert_eq!(name(&client, "1").await.as_deref(), Some("Ada"));
}

#[tokio::test]
async fn a_clone_is_the_same_engine_and_a_client_outlives_its_handles() {
    let (embedded, client) = with_ada().await;
    let clone = embedded.clone();
    drop((embedded, client));
    let client = clone.client();
    drop(clone);
    assert_eq!(name(&client, "1").await.as_deref(), Some("Ada"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_tasks_that_add_one_none_is_lost_and_one_creates() {
    let (_, client) = with_ada().await;
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                client
                    .update_item()
                    .table_name("users")
                    .key("id", text("1"))
                    .update_expression("ADD visits :one")
                    .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
                    .send()
                    .await
                    .unwrap();
                client
                    .put_item()
                    .table_name("users")
                    .item("id", text("2"))
                    .condition_expression("attribute_not_exists(id)")
                    .send()
                    .await
                    .is_ok()
            })
        })
        .collect();
    let mut created = 0;
    for task in tasks {
        created += usize::from(task.await.unwrap());
    }
    assert_eq!(created, 1);

    let found = client.get_item().table_name("users").key("id", text("1")).send().await.unwrap();
    assert_eq!(found.item().unwrap().get("visits"), Some(&AttributeValue::N("64".to_owned())));
}

#[tokio::test]
async fn concurrent_requests_of_one_task_interleave() {
    let (_, client) = with_ada().await;
    let read_then_write = || async {
        let seen = name(&client, "1").await.unwrap();
        put(&client, "1", &format!("{seen}!")).await;
    };
    tokio::join!(read_then_write(), read_then_write());
    assert_eq!(name(&client, "1").await.as_deref(), Some("Ada!"), "both read before either wrote");
}

#[test]
fn a_request_needs_no_runtime() {
    let client = Embedded::in_memory().unwrap().client();
    let mut request = pin!(client.list_tables().send());
    let mut context = Context::from_waker(Waker::noop());
    let answer = loop {
        if let Poll::Ready(answer) = request.as_mut().poll(&mut context) {
            break answer;
        }
    };
    assert!(answer.unwrap().table_names().is_empty());
}

#[tokio::test]
async fn expired_items_go_when_they_are_swept() {
    let (embedded, client) = with_ada().await;
    let expiry = TimeToLiveSpecification::builder().attribute_name("expires").enabled(true).build().unwrap();
    client.update_time_to_live().table_name("users").time_to_live_specification(expiry).send().await.unwrap();
    client
        .put_item()
        .table_name("users")
        .item("id", text("2"))
        .item("name", text("Bob"))
        .item("expires", AttributeValue::N("1700000000".to_owned()))
        .send()
        .await
        .unwrap();
    assert_eq!(name(&client, "2").await.as_deref(), Some("Bob"));
    assert_eq!(embedded.sweep_ttl().unwrap(), 1);
    assert_eq!(name(&client, "2").await, None);
    assert_eq!(name(&client, "1").await.as_deref(), Some("Ada"));
}

/// Fails the first `failures` requests before they reach the engine.
#[derive(Debug)]
struct Failing {
    inner: SharedHttpClient,
    failures: AtomicUsize,
}

#[derive(Debug)]
struct Refused;

impl HttpConnector for Refused {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Err(ConnectorError::io("connection refused".into())))
    }
}

impl HttpClient for Failing {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let failing =
            self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
        if failing { SharedHttpConnector::new(Refused) } else { self.inner.http_connector(settings, components) }
    }
}

#[tokio::test]
async fn a_wrapped_client_injects_faults_that_the_sdk_retries() {
    let embedded = Embedded::in_memory().unwrap();
    let failing = |failures| {
        let wrapped = Failing { inner: embedded.http_client(), failures: AtomicUsize::new(failures) };
        let quick = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
        Client::from_conf(embedded.config().retry_config(quick).http_client(wrapped).build())
    };
    failing(2).list_tables().send().await.unwrap();
    let failed = failing(3).list_tables().send().await.unwrap_err();
    assert!(matches!(failed, SdkError::DispatchFailure(_)), "{failed:?}");
}

#[test]
fn debug_says_where_the_tables_are() {
    assert_eq!(format!("{:?}", Embedded::in_memory().unwrap()), "Embedded { path: None, .. }");
}

#[test]
fn a_handle_can_be_shared_between_threads() {
    fn shareable<T: Clone + Send + Sync + 'static>() {}
    shareable::<Embedded>();
}
