//! Writes of many records.

use aws_sdk_dynamodb::types::{
    AttributeValue, DeleteRequest, PutRequest, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    WriteRequest,
};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::super::Failure;
use super::super::data::Note;
use super::writes::{new_note, new_user, put};
use super::{Hand, Item, PK, WRITES_AT_ONCE, items, key, lock, lock_key, record_key, text};
use crate::models::User;

/// DynamoDB's limit of a BatchWriteItem, in requests.
const BATCH: usize = 25;
/// DynamoDB's limit of a transaction, in actions.
const ACTIONS: usize = 100;

impl Hand {
    pub async fn create_notes(&self, author: &str, words: &[&str]) -> Result<Vec<Note>, Failure> {
        let notes: Vec<Note> = words.iter().map(|words| new_note(author, words)).collect();
        let requests = notes.iter().map(|note| {
            let put = PutRequest::builder().set_item(Some(items::note_item(note))).build()?;
            Ok(WriteRequest::builder().put_request(put).build())
        });
        self.batch_write("notes", requests).await?;
        Ok(notes)
    }

    async fn batch_write(
        &self,
        table: &str,
        requests: impl Iterator<Item = Result<WriteRequest, Failure>>,
    ) -> Result<(), Failure> {
        let mut batches: Vec<Vec<WriteRequest>> = Vec::new();
        for request in requests {
            match batches.last_mut() {
                Some(batch) if batch.len() < BATCH => batch.push(request?),
                _ => {
                    let mut batch = Vec::with_capacity(BATCH);
                    batch.push(request?);
                    batches.push(batch);
                }
            }
        }
        stream::iter(batches)
            .map(|mut pending| async move {
                while !pending.is_empty() {
                    let output = self.client.batch_write_item().request_items(table, pending).send().await?;
                    pending = output.unprocessed_items.unwrap_or_default().into_values().flatten().collect();
                }
                Ok(())
            })
            .buffer_unordered(WRITES_AT_ONCE)
            .try_collect()
            .await
    }

    pub async fn create_users(&self, emails: &[String], name: &str) -> Result<Vec<User>, Failure> {
        let users: Vec<User> = emails.iter().map(|email| new_user(email, name)).collect();
        let groups: Result<Vec<Vec<TransactWriteItem>>, Failure> = users
            .chunks(ACTIONS / 2)
            .map(|users| {
                let mut actions = Vec::with_capacity(ACTIONS);
                for user in users {
                    actions.push(put("users", items::user_item(user))?);
                    let email = lock(lock_key("user", "email", &user.email), &record_key(&user.id));
                    actions.push(put("users", email)?);
                }
                Ok(actions)
            })
            .collect();
        stream::iter(groups?)
            .map(|actions| async move {
                self.client.transact_write_items().set_transact_items(Some(actions)).send().await?;
                Ok::<_, Failure>(())
            })
            .buffered(WRITES_AT_ONCE)
            .try_collect::<()>()
            .await?;
        Ok(users)
    }

    async fn note_keys(&self, author: &str) -> Result<Vec<String>, Failure> {
        let mut keys = Vec::new();
        let mut start: Option<Item> = None;
        loop {
            let request = self
                .client
                .query()
                .table_name("notes")
                .index_name("author-written_at-index")
                .key_condition_expression("#author = :author")
                .projection_expression("#id")
                .expression_attribute_names("#author", "author")
                .expression_attribute_names("#id", "id")
                .expression_attribute_values(":author", text(author))
                .set_exclusive_start_key(start);
            let output = request.send().await?;
            for mut item in output.items.unwrap_or_default() {
                keys.push(record_key(&items::take_text(&mut item, "id")?));
            }
            start = output.last_evaluated_key;
            if start.is_none() {
                return Ok(keys);
            }
        }
    }

    /// How many were changed: those that still are the author's.
    pub async fn rewrite_notes(&self, author: &str, words: &str) -> Result<u64, Failure> {
        let keys = self.note_keys(author).await?;
        stream::iter(keys)
            .map(|pk| async move {
                let request = self
                    .client
                    .update_item()
                    .table_name("notes")
                    .key(PK, text(pk))
                    .update_expression("SET #text = :text")
                    .condition_expression("attribute_exists(#pk) AND #author = :author")
                    .expression_attribute_names("#pk", PK)
                    .expression_attribute_names("#text", "text")
                    .expression_attribute_names("#author", "author")
                    .expression_attribute_values(":text", text(words))
                    .expression_attribute_values(":author", AttributeValue::S(author.to_owned()))
                    .return_values(ReturnValue::AllNew)
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
                match request.send().await {
                    Ok(_) => Ok(1),
                    Err(error) if is_refused(&error) => Ok(0),
                    Err(error) => Err(Failure::from(error)),
                }
            })
            .buffer_unordered(WRITES_AT_ONCE)
            .try_fold(0, |sum, changed| std::future::ready(Ok(sum + changed)))
            .await
    }

    /// How many were deleted.
    pub async fn delete_notes(&self, author: &str) -> Result<u64, Failure> {
        let keys = self.note_keys(author).await?;
        let count = keys.len() as u64;
        let requests = keys.into_iter().map(|pk| {
            let delete = DeleteRequest::builder().set_key(Some(key(pk))).build()?;
            Ok(WriteRequest::builder().delete_request(delete).build())
        });
        self.batch_write("notes", requests).await?;
        Ok(count)
    }
}

fn is_refused<R>(
    error: &aws_sdk_dynamodb::error::SdkError<aws_sdk_dynamodb::operation::update_item::UpdateItemError, R>,
) -> bool {
    error.as_service_error().is_some_and(|error| error.is_conditional_check_failed_exception())
}
