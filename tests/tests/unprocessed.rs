//! Batches of which DynamoDB leaves a part unprocessed: the rest is sent again, until it is done or a clear error.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::retry::RetryConfig;
use orm::prelude::*;
use orm_dynamodb::Embedded;
use serde_json::{Value as Document, json};
use tests::faults::{Fault, FaultyClient};
use tests::suite::Outcome;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "notes")]
struct Note {
    #[orm(id)]
    id: String,
    topic: String,
    #[orm(default = 0)]
    reads: i64,
}

/// Answers each request of an operation by what it asks for. There are two notes.
async fn answering(
    operation: &'static str,
    answer: impl FnMut(Document) -> Option<Fault> + Send + 'static,
) -> Result<Orm, Error> {
    let embedded = Embedded::in_memory()?;
    let client = FaultyClient::answering(embedded.http_client(), operation, answer);
    let config = embedded.config().http_client(client).retry_config(RetryConfig::disabled()).build();
    let orm = Orm::bootstrap(schema![Note], config).await?;
    for id in ["a", "b"] {
        Note::create().id(id).topic("t").exec(&orm).await?;
    }
    Ok(orm)
}

/// The answer to a BatchGetItem that leaves some of the keys unprocessed.
fn some_of(request: &Document, processed: usize) -> Fault {
    let asked = &request["RequestItems"]["notes"];
    let keys = asked["Keys"].as_array().unwrap();
    assert!(!keys.is_empty() && keys.len() <= 100);
    let distinct: BTreeSet<String> = keys.iter().map(Document::to_string).collect();
    assert_eq!(distinct.len(), keys.len(), "no key is asked for twice in one request");
    let (done, left) = keys.split_at(processed);
    let found: Vec<Document> = done
        .iter()
        .map(|key| {
            let id = key["__orm_pk"]["S"].as_str().unwrap().strip_prefix("record#").unwrap();
            json!({ "__orm_pk": { "S": format!("record#{id}") }, "id": { "S": id }, "topic": { "S": "t" }, "reads": { "N": "0" } })
        })
        .collect();
    let unprocessed = if left.is_empty() { json!({}) } else { json!({ "notes": { "Keys": left } }) };
    Fault::Answer(200, json!({ "Responses": { "notes": found }, "UnprocessedKeys": unprocessed }).to_string())
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_left_unprocessed_are_asked_for_again() -> Outcome {
    let ids: Vec<String> = (0..250).map(|n| format!("{n:03}")).collect();
    for share in [2, 3, 7] {
        let mut sent = 0;
        let orm = answering("BatchGetItem", move |request| {
            sent += 1;
            let asked = request["RequestItems"]["notes"]["Keys"].as_array().unwrap().len();
            // Now and then nothing at all.
            let processed = if sent % 4 == 2 { 0 } else { asked.div_ceil(share) };
            Some(some_of(&request, processed))
        })
        .await?;
        let notes = Note::find_many().filter(Note::ID.is_in(ids.iter().map(String::as_str)));
        let found = notes.order_by(Note::ID.asc()).select(Note::ID).exec(&orm).await?;
        assert_eq!(found, ids, "each once");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn keys_that_stay_unprocessed_are_throttled() -> Outcome {
    let sent = Arc::new(Mutex::new(0));
    let orm = answering("BatchGetItem", {
        let sent = sent.clone();
        move |request| {
            *sent.lock().unwrap() += 1;
            let first = *sent.lock().unwrap() == 1;
            Some(some_of(&request, usize::from(first)))
        }
    })
    .await?;
    let error = Note::find_many().filter(Note::ID.is_in(["a", "b"])).exec(&orm).await.expect_err("it never ends");
    assert_eq!((error.code(), error.is_retryable()), (ErrorCode::Throttled, true));
    assert_eq!((error.backend_kind(), error.model()), (Some("dynamodb"), Some("note")));
    assert!(error.to_string().contains("table `notes`") && error.to_string().contains("try again later"), "{error}");
    assert_eq!(*sent.lock().unwrap(), 11);
    Ok(())
}

/// The index of an error is the first input that is not known to be written.
#[tokio::test(start_paused = true)]
async fn writes_that_fail_name_the_first_input_concerned() -> Outcome {
    let notes = || Note::create_many((0..60).map(|n| Note::create().topic(format!("t{n}"))));
    let topic =
        |request: &Document| request["PutRequest"]["Item"]["topic"]["S"].as_str().unwrap_or_default().to_owned();

    // DynamoDB keeps leaving two of them, in any order.
    let orm = answering("BatchWriteItem", move |request| {
        let requests = request["RequestItems"]["notes"].as_array().unwrap();
        let left: Vec<&Document> = requests.iter().filter(|one| ["t37", "t33"].contains(&&*topic(one))).rev().collect();
        let unprocessed = if left.is_empty() { json!({}) } else { json!({ "notes": left }) };
        Some(Fault::Answer(200, json!({ "UnprocessedItems": unprocessed }).to_string()))
    })
    .await?;
    let error = notes().exec(&orm).await.expect_err("two are left");
    assert_eq!((error.code(), error.index(), error.written()), (ErrorCode::Throttled, Some(33), Some(58)));

    // A request that is refused as a whole says nothing of its parts.
    let orm = answering("BatchWriteItem", move |request| {
        let requests = request["RequestItems"]["notes"].as_array().unwrap();
        Some(if requests.iter().any(|one| topic(one) == "t30") {
            Fault::exception(400, "ValidationException")
        } else {
            some_written(&request, requests.len()).0
        })
    })
    .await?;
    let error = notes().exec(&orm).await.expect_err("one request is refused");
    assert_eq!((error.code(), error.index(), error.written()), (ErrorCode::InvalidQuery, Some(25), Some(35)));

    // What is deleted was no input.
    let orm = answering("BatchWriteItem", |request| Some(some_written(&request, 0).0)).await?;
    let error = Note::delete_many().exec(&orm).await.expect_err("nothing is deleted");
    assert_eq!((error.code(), error.index(), error.written()), (ErrorCode::Throttled, None, Some(0)));
    Ok(())
}

/// The answer to a BatchWriteItem that leaves some of the requests unprocessed, and the ids of the others.
fn some_written(request: &Document, processed: usize) -> (Fault, Vec<String>) {
    let requests = request["RequestItems"]["notes"].as_array().unwrap();
    assert!(!requests.is_empty() && requests.len() <= 25);
    let (done, left) = requests.split_at(processed);
    let key = |request: &Document| {
        let put = &request["PutRequest"]["Item"]["__orm_pk"]["S"];
        let delete = &request["DeleteRequest"]["Key"]["__orm_pk"]["S"];
        put.as_str().or(delete.as_str()).unwrap().to_owned()
    };
    let unprocessed = if left.is_empty() { json!({}) } else { json!({ "notes": left }) };
    (Fault::Answer(200, json!({ "UnprocessedItems": unprocessed }).to_string()), done.iter().map(key).collect())
}

#[tokio::test(start_paused = true)]
async fn writes_that_are_left_unprocessed_are_sent_again() -> Outcome {
    for share in [1, 2, 5] {
        let written: Arc<Mutex<Vec<String>>> = Arc::default();
        let mut sent = 0;
        let orm = answering("BatchWriteItem", {
            let written = written.clone();
            move |request| {
                sent += 1;
                let asked = request["RequestItems"]["notes"].as_array().unwrap().len();
                let processed = if sent % 4 == 2 { 0 } else { asked.div_ceil(share) };
                let (answer, done) = some_written(&request, processed);
                written.lock().unwrap().extend(done);
                Some(answer)
            }
        })
        .await?;
        let notes = Note::create_many((0..60).map(|_| Note::create().topic("t"))).exec(&orm).await?;
        let mut expected: Vec<String> = notes.iter().map(|note| format!("record#{}", note.id)).collect();
        let mut written_keys = std::mem::take(&mut *written.lock().unwrap());
        expected.sort();
        written_keys.sort();
        assert_eq!(written_keys, expected, "each once");

        assert_eq!(Note::delete_many().exec(&orm).await?, 2);
        written.lock().unwrap().sort();
        assert_eq!(*written.lock().unwrap(), ["record#a", "record#b"]);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn writes_that_stay_unprocessed_are_throttled_and_say_how_many_were_written() -> Outcome {
    let mut sent = 0;
    let orm = answering("BatchWriteItem", move |request| {
        sent += 1;
        Some(some_written(&request, if sent == 1 { 10 } else { 0 }).0)
    })
    .await?;
    let notes = Note::create_many((0..60).map(|_| Note::create().topic("t")));
    let error = notes.exec(&orm).await.expect_err("it never ends");
    assert_eq!((error.code(), error.is_retryable(), error.written()), (ErrorCode::Throttled, true, Some(10)));
    assert_eq!((error.backend_kind(), error.model()), (Some("dynamodb"), Some("note")));
    assert!(!error.is_outcome_unknown(), "what is not processed is not written");
    assert!(error.to_string().contains("table `notes`") && error.to_string().contains("try again later"), "{error}");
    Ok(())
}
