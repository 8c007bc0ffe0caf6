//! Reads of one table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Select};

use super::super::Failure;
use super::super::data::Note;
use super::items;
use super::{Hand, Item, PK, TARGET, key, lock_key, record_key, text};
use crate::models::User;

/// DynamoDB's limit of a BatchGetItem, in keys.
const BATCH: usize = 100;

impl Hand {
    pub async fn user(&self, id: &str) -> Result<Option<User>, Failure> {
        self.get("users", record_key(id)).await?.map(items::user).transpose()
    }

    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>, Failure> {
        let Some(pk) = self.target("users", lock_key("user", "email", email)).await? else { return Ok(None) };
        let user = self.get("users", pk).await?.map(items::user).transpose()?;
        Ok(user.filter(|user| user.email == email))
    }

    pub(super) async fn get(&self, table: &str, pk: String) -> Result<Option<Item>, Failure> {
        let request = self.client.get_item().table_name(table).key(PK, text(pk)).consistent_read(true);
        Ok(request.send().await?.item)
    }

    /// The record that a lock belongs to.
    pub(super) async fn target(&self, table: &str, lock: String) -> Result<Option<String>, Failure> {
        let request = self
            .client
            .get_item()
            .table_name(table)
            .key(PK, text(lock))
            .consistent_read(true)
            .projection_expression("#target")
            .expression_attribute_names("#target", TARGET);
        let item = request.send().await?.item;
        item.map(|mut item| items::take_text(&mut item, TARGET)).transpose()
    }

    /// In the order of the ids.
    pub async fn users(&self, ids: &[String]) -> Result<Vec<User>, Failure> {
        let mut found = HashMap::with_capacity(ids.len());
        for item in self.batch_get("users", ids.iter().map(|id| record_key(id)), None).await? {
            let user = items::user(item)?;
            found.insert(user.id.clone(), user);
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    pub(super) async fn batch_get(
        &self,
        table: &str,
        pks: impl Iterator<Item = String>,
        projection: Option<(&str, &[(&str, &str)])>,
    ) -> Result<Vec<Item>, Failure> {
        use futures_util::stream::{self, StreamExt, TryStreamExt};

        let mut batches: Vec<Vec<Item>> = Vec::new();
        for pk in pks {
            match batches.last_mut() {
                Some(batch) if batch.len() < BATCH => batch.push(key(pk)),
                _ => {
                    let mut batch = Vec::with_capacity(BATCH);
                    batch.push(key(pk));
                    batches.push(batch);
                }
            }
        }
        stream::iter(batches)
            .map(|keys| self.get_batch(table, keys, projection))
            .buffered(super::READS_AT_ONCE)
            .try_concat()
            .await
    }

    async fn get_batch(
        &self,
        table: &str,
        keys: Vec<Item>,
        projection: Option<(&str, &[(&str, &str)])>,
    ) -> Result<Vec<Item>, Failure> {
        let mut items = Vec::with_capacity(keys.len());
        let mut pending = keys;
        while !pending.is_empty() {
            let mut request = KeysAndAttributes::builder().set_keys(Some(pending)).consistent_read(true);
            if let Some((columns, names)) = projection {
                request = request.projection_expression(columns);
                for (placeholder, name) in names {
                    request = request.expression_attribute_names(*placeholder, *name);
                }
            }
            let output = self.client.batch_get_item().request_items(table, request.build()?).send().await?;
            items.extend(output.responses.unwrap_or_default().into_values().flatten());
            pending = output.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys).collect();
        }
        Ok(items)
    }

    /// The newest notes of an author.
    pub async fn newest_notes(&self, author: &str, count: usize) -> Result<Vec<Note>, Failure> {
        let mut notes = Vec::with_capacity(count);
        let mut start: Option<Item> = None;
        loop {
            let request = self
                .client
                .query()
                .table_name("notes")
                .index_name("author-written_at-index")
                .key_condition_expression("#author = :author")
                .expression_attribute_names("#author", "author")
                .expression_attribute_values(":author", text(author))
                .scan_index_forward(false)
                .limit(i32::try_from(count - notes.len())?)
                .set_exclusive_start_key(start);
            let output = request.send().await?;
            for item in output.items.unwrap_or_default() {
                notes.push(items::note(item)?);
            }
            start = output.last_evaluated_key;
            if start.is_none() || notes.len() >= count {
                return Ok(notes);
            }
        }
    }

    /// All notes of an author that have fewer stars.
    pub async fn notes_below(&self, author: &str, stars: i64) -> Result<Vec<Note>, Failure> {
        let mut notes = Vec::new();
        let mut start: Option<Item> = None;
        loop {
            let request = self
                .client
                .query()
                .table_name("notes")
                .index_name("author-written_at-index")
                .key_condition_expression("#author = :author")
                .filter_expression("#stars < :stars")
                .expression_attribute_names("#author", "author")
                .expression_attribute_names("#stars", "stars")
                .expression_attribute_values(":author", text(author))
                .expression_attribute_values(":stars", AttributeValue::N(stars.to_string()))
                .set_exclusive_start_key(start);
            let output = request.send().await?;
            for item in output.items.unwrap_or_default() {
                notes.push(items::note(item)?);
            }
            start = output.last_evaluated_key;
            if start.is_none() {
                return Ok(notes);
            }
        }
    }

    /// One page of an author's notes, oldest first, and whether there are more.
    pub async fn page_of_notes(&self, author: &str, count: usize) -> Result<(Vec<Note>, Option<String>), Failure> {
        let mut notes = Vec::with_capacity(count + 1);
        let mut start: Option<Item> = None;
        loop {
            let request = self
                .client
                .query()
                .table_name("notes")
                .index_name("author-written_at-index")
                .key_condition_expression("#author = :author")
                .expression_attribute_names("#author", "author")
                .expression_attribute_values(":author", text(author))
                .limit(i32::try_from(count + 1 - notes.len())?)
                .set_exclusive_start_key(start);
            let output = request.send().await?;
            for item in output.items.unwrap_or_default() {
                notes.push(items::note(item)?);
            }
            start = output.last_evaluated_key;
            if start.is_none() || notes.len() > count {
                break;
            }
        }
        let more = notes.len() > count;
        notes.truncate(count);
        // Where to go on: the keys of the last note, of the index and of the table.
        let last = if more { notes.last() } else { None };
        let cursor =
            last.map(|last| serde_json::json!([last.author, items::time(last.written_at), last.id]).to_string());
        Ok((notes, cursor))
    }

    pub async fn count_notes(&self, author: &str) -> Result<u64, Failure> {
        let mut count = 0;
        let mut start: Option<Item> = None;
        loop {
            let request = self
                .client
                .query()
                .table_name("notes")
                .index_name("author-written_at-index")
                .key_condition_expression("#author = :author")
                .expression_attribute_names("#author", "author")
                .expression_attribute_values(":author", text(author))
                .select(Select::Count)
                .set_exclusive_start_key(start);
            let output = request.send().await?;
            count += u64::try_from(output.count)?;
            start = output.last_evaluated_key;
            if start.is_none() {
                return Ok(count);
            }
        }
    }
}
