//! What DynamoDB does in part: batches when it is busy, and pages of queries and scans, which have 1 MB at most.

use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use serde_json::{Map, Value, json};

/// How many keys or writes a batch has.
pub(super) fn size(body: &[u8]) -> usize {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let tables = request.get("RequestItems").and_then(Value::as_object);
    tables.into_iter().flat_map(Map::values).filter_map(list).map(Vec::len).sum()
}

/// How many actions a transaction has.
pub(super) fn actions(body: &[u8]) -> usize {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    request.get("TransactItems").and_then(Value::as_array).map_or(0, Vec::len)
}

/// The keys of a table in a BatchGetItem, or the writes to it in a BatchWriteItem.
fn list(table: &Value) -> Option<&Vec<Value>> {
    table.as_array().or_else(|| table.get("Keys")?.as_array())
}

/// Sends the first `kept` keys or writes on, and answers the others as unprocessed.
pub(super) async fn call(
    inner: &SharedHttpConnector,
    mut request: HttpRequest,
    kept: usize,
) -> Result<HttpResponse, ConnectorError> {
    let Ok(mut body) = serde_json::from_slice::<Value>(request.body().bytes().unwrap_or_default()) else {
        return inner.call(request).await;
    };
    let (mut left, mut unprocessed, mut is_read) = (kept, Map::new(), false);
    if let Some(tables) = body.get_mut("RequestItems").and_then(Value::as_object_mut) {
        for (name, table) in tables.iter_mut() {
            let mut rest = table.clone();
            is_read |= table.is_object();
            let Some((done, undone)) = lists(table).zip(lists(&mut rest)) else { continue };
            let here = left.min(done.len());
            done.truncate(here);
            undone.drain(..here);
            left -= here;
            if !undone.is_empty() {
                unprocessed.insert(name.clone(), rest);
            }
        }
        tables.retain(|_, table| list(table).is_some_and(|list| !list.is_empty()));
    }
    let nothing = body.get("RequestItems").and_then(Value::as_object).is_none_or(Map::is_empty);
    let (status, mut answer) = if nothing {
        (StatusCode::try_from(200).map_err(|error| ConnectorError::other(error.into(), None))?, json!({}))
    } else {
        *request.body_mut() = body.to_string().into();
        let answer = inner.call(request).await?;
        if !answer.status().is_success() {
            return Ok(answer);
        }
        (answer.status(), serde_json::from_slice(answer.body().bytes().unwrap_or_default()).unwrap_or_default())
    };
    if let Some(fields) = answer.as_object_mut() {
        fields.insert(if is_read { "UnprocessedKeys" } else { "UnprocessedItems" }.to_owned(), unprocessed.into());
    }
    Ok(HttpResponse::new(status, answer.to_string().into()))
}

fn lists(table: &mut Value) -> Option<&mut Vec<Value>> {
    if table.is_array() { table.as_array_mut() } else { table.get_mut("Keys")?.as_array_mut() }
}

/// Sends a query or scan on with this limit, unless it has a lower one.
pub(super) async fn short_page(
    inner: &SharedHttpConnector,
    mut request: HttpRequest,
    most: u64,
) -> Result<HttpResponse, ConnectorError> {
    if let Ok(mut body) = serde_json::from_slice::<Value>(request.body().bytes().unwrap_or_default()) {
        let limit = body.get("Limit").and_then(Value::as_u64).map_or(most, |limit| limit.min(most));
        body["Limit"] = json!(limit);
        *request.body_mut() = body.to_string().into();
    }
    inner.call(request).await
}
