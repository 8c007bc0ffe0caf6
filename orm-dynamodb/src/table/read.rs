//! Reads of items: GetItem, BatchGetItem, Query, Scan. And what DynamoDB says of the table itself.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::describe_table::DescribeTableError;
use aws_sdk_dynamodb::types::{KeysAndAttributes, Select, TableDescription};
use futures_util::future::FutureExt as _;
use orm::Error;
use orm::driver::Segment;

use super::{Item, Table, key};
use crate::error::classify;
use crate::expression::Expressions;
use crate::index_name::index_name;
use crate::limits::MAX_BATCH_GET;
use crate::plan::IndexAccess;
use crate::request::send;

/// One page of a query or scan.
#[derive(Debug, Default)]
pub(crate) struct ItemPage {
    pub(crate) items: Vec<Item>,
    pub(crate) count: u64,
    pub(crate) next: Option<Item>,
}

/// What to read of each item, and which.
#[derive(Debug)]
pub(crate) struct Reading<'e> {
    pub(crate) expressions: &'e Expressions,
    pub(crate) projection: Option<&'e str>,
    pub(crate) filter: Option<&'e str>,
    pub(crate) count_only: bool,
    /// Of a scan: whether it sees every write that was answered before.
    pub(crate) consistent: bool,
    /// Of a scan in several segments at once.
    pub(crate) segment: Option<Segment>,
    /// How many items to look at.
    pub(crate) limit: Option<usize>,
    /// The key after which to begin.
    pub(crate) start: Option<Item>,
}

/// A number as requests take it.
fn limit(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl Table<'_> {
    /// GetItem, strongly consistent: the whole item.
    pub(crate) async fn get(&self, pk: &str) -> Result<Option<Item>, Error> {
        self.get_projected(pk, &Expressions::new(self.model), None).await
    }

    /// These fields of a record.
    pub(crate) async fn get_fields(&self, pk: &str, fields: &[usize]) -> Result<Option<Item>, Error> {
        let mut expressions = Expressions::new(self.model);
        let projection = expressions.projection(fields);
        self.get_projected(pk, &expressions, Some(&projection)).await
    }

    /// What a projection leaves of an item.
    pub(crate) async fn get_projected(
        &self,
        pk: &str,
        expressions: &Expressions,
        projection: Option<&str>,
    ) -> Result<Option<Item>, Error> {
        let request = self
            .client
            .get_item()
            .table_name(self.name)
            .set_key(Some(key(pk)))
            .consistent_read(true)
            .set_projection_expression(projection.map(str::to_owned))
            .set_expression_attribute_names(projection.and_then(|_| expressions.names()));
        let output = send!(self, "GetItem", request).await;
        output.map(|output| output.item).map_err(|error| classify(error, self.model, self.name))
    }

    /// BatchGetItem, strongly consistent, for any number of distinct keys: items in no particular order.
    /// What DynamoDB leaves unprocessed is asked for again.
    pub(crate) async fn batch_get(
        &self,
        keys: Vec<String>,
        expressions: &Expressions,
        projection: Option<&str>,
    ) -> Result<Vec<Item>, Error> {
        let mut items = Vec::with_capacity(keys.len());
        let mut pending: Vec<Item> = keys.into_iter().map(key).collect();
        let mut tries = self.tries();
        while !pending.is_empty() {
            let rest = pending.split_off(pending.len().min(MAX_BATCH_GET));
            let asked = pending.len();
            let request = KeysAndAttributes::builder()
                .set_keys(Some(pending))
                .consistent_read(true)
                .set_projection_expression(projection.map(str::to_owned))
                .set_expression_attribute_names(projection.and_then(|_| expressions.names()))
                .build()
                .map_err(|error| self.unbuildable(error))?;
            let request = self.client.batch_get_item().request_items(self.name, request);
            let output = send!(self, "BatchGetItem", request).await;
            let output = output.map_err(|error| classify(error, self.model, self.name))?;
            for (_, found) in output.responses.unwrap_or_default() {
                items.extend(found);
            }
            let unprocessed: Vec<Item> =
                output.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys).collect();
            if unprocessed.len() == asked {
                if !tries.again().await {
                    return Err(self.throttled());
                }
            } else if !unprocessed.is_empty() {
                tries.after_progress().await;
            }
            pending = unprocessed;
            pending.extend(rest);
        }
        Ok(items)
    }

    /// One page of a Query.
    pub(crate) async fn query(
        &self,
        access: &IndexAccess,
        key_condition: &str,
        reading: Reading<'_>,
    ) -> Result<ItemPage, Error> {
        let request = self
            .client
            .query()
            .table_name(self.name)
            .index_name(index_name(self.model, access.index))
            .key_condition_expression(key_condition)
            .set_filter_expression(reading.filter.map(str::to_owned))
            .set_projection_expression(reading.projection.map(str::to_owned))
            .set_select(reading.count_only.then_some(Select::Count))
            .set_expression_attribute_names(reading.expressions.names())
            .set_expression_attribute_values(reading.expressions.values())
            .set_scan_index_forward(access.descending.then_some(false))
            .set_limit(reading.limit.map(limit))
            .set_exclusive_start_key(reading.start);
        let output = send!(self, "Query", request).await.map_err(|error| classify(error, self.model, self.name))?;
        Ok(ItemPage {
            count: u64::try_from(output.count).unwrap_or(0),
            items: output.items.unwrap_or_default(),
            next: output.last_evaluated_key,
        })
    }

    /// One page of a Scan.
    pub(crate) async fn scan(&self, reading: Reading<'_>) -> Result<ItemPage, Error> {
        let request = self
            .client
            .scan()
            .table_name(self.name)
            .set_consistent_read(reading.consistent.then_some(true))
            .set_filter_expression(reading.filter.map(str::to_owned))
            .set_projection_expression(reading.projection.map(str::to_owned))
            .set_select(reading.count_only.then_some(Select::Count))
            .set_expression_attribute_names(reading.expressions.names())
            .set_expression_attribute_values(reading.expressions.values())
            .set_segment(reading.segment.map(|segment| limit(segment.index)))
            .set_total_segments(reading.segment.map(|segment| limit(segment.total)))
            .set_limit(reading.limit.map(limit))
            .set_exclusive_start_key(reading.start);
        let output = send!(self, "Scan", request).await.map_err(|error| classify(error, self.model, self.name))?;
        Ok(ItemPage {
            count: u64::try_from(output.count).unwrap_or(0),
            items: output.items.unwrap_or_default(),
            next: output.last_evaluated_key,
        })
    }

    /// DescribeTable; `None` if there is no such table.
    pub(crate) async fn describe(&self) -> Result<Option<TableDescription>, Error> {
        match self.client.describe_table().table_name(self.name).send().await {
            Ok(output) => Ok(output.table),
            Err(SdkError::ServiceError(service))
                if matches!(service.err(), DescribeTableError::ResourceNotFoundException(_)) =>
            {
                Ok(None)
            }
            Err(error) => Err(classify(error, self.model, self.name)),
        }
    }
}
