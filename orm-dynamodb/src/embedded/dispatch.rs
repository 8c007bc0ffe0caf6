//! One line per operation, from the JSON of its request to the JSON of its answer.

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::errors;

/// What `X-Amz-Target` puts before the name of an operation.
const PREFIXES: [&str; 2] = ["DynamoDB_20120810.", "DynamoDBStreams_20120810."];

/// The operation that an `X-Amz-Target` names; `None` if it is of another service.
pub(super) fn operation(target: &str) -> Option<&str> {
    PREFIXES.iter().find_map(|prefix| target.strip_prefix(prefix))
}

/// Answers one request; `None` if the engine does not have the operation.
pub(super) fn dispatch(db: &Database, operation: &str, body: &[u8]) -> Option<Result<Vec<u8>, DynoxideError>> {
    let answer = match operation {
        "BatchExecuteStatement" => run(operation, body, |input| db.batch_execute_statement(input)),
        "BatchGetItem" => run(operation, body, |input| db.batch_get_item(input)),
        "BatchWriteItem" => run(operation, body, |input| db.batch_write_item(input)),
        "CreateTable" => run(operation, body, |input| db.create_table(input)),
        "DeleteItem" => run(operation, body, |input| db.delete_item(input)),
        "DeleteTable" => run(operation, body, |input| db.delete_table(input)),
        "DescribeStream" => run(operation, body, |input| db.describe_stream(input)),
        "DescribeTable" => run(operation, body, |input| db.describe_table(input)),
        "DescribeTimeToLive" => run(operation, body, |input| db.describe_time_to_live(input)),
        "ExecuteStatement" => run(operation, body, |input| db.execute_statement(input)),
        "ExecuteTransaction" => run(operation, body, |input| db.execute_transaction(input)),
        "GetItem" => run(operation, body, |input| db.get_item(input)),
        "GetRecords" => run(operation, body, |input| db.get_records(input)),
        "GetShardIterator" => run(operation, body, |input| db.get_shard_iterator(input)),
        "ListStreams" => run(operation, body, |input| db.list_streams(input)),
        "ListTables" => run(operation, body, |input| db.list_tables(input)),
        "ListTagsOfResource" => run(operation, body, |input| db.list_tags_of_resource(input)),
        "PutItem" => run(operation, body, |input| db.put_item(input)),
        "Query" => run(operation, body, |input| db.query(input)),
        "Scan" => run(operation, body, |input| db.scan(input)),
        "SearchVectors" => run(operation, body, |input| db.search_vectors(input)),
        "TagResource" => run(operation, body, |input| db.tag_resource(input)),
        "TransactGetItems" => run(operation, body, |input| db.transact_get_items(input)),
        "TransactWriteItems" => run(operation, body, |input| db.transact_write_items(input)),
        "UntagResource" => run(operation, body, |input| db.untag_resource(input)),
        "UpdateItem" => run(operation, body, |input| db.update_item(input)),
        "UpdateTable" => run(operation, body, |input| db.update_table(input)),
        "UpdateTimeToLive" => run(operation, body, |input| db.update_time_to_live(input)),
        _ => return None,
    };
    Some(answer)
}

fn run<Request: DeserializeOwned, Answer: Serialize>(
    operation: &str,
    body: &[u8],
    execute: impl FnOnce(Request) -> Result<Answer, DynoxideError>,
) -> Result<Vec<u8>, DynoxideError> {
    let request = serde_json::from_slice(body).map_err(|err| errors::unreadable(operation, &err))?;
    let answer = execute(request).map_err(|err| errors::worded_for(operation, err))?;
    serde_json::to_vec(&answer).map_err(|err| DynoxideError::InternalServerError(err.to_string()))
}
