//! How requests are sent: at most so many of one operation at once, each in its span and counted.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemOutput;
use aws_sdk_dynamodb::operation::batch_write_item::BatchWriteItemOutput;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemOutput;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::put_item::PutItemOutput;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::scan::ScanOutput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsOutput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemOutput;
use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};
use futures_util::future::BoxFuture;
use orm::Meter;
use tracing::instrument::Instrument as _;

use crate::in_doubt::Attempts;
use crate::interceptor::{Probe, Watch};
use crate::table::Table;

/// Sends a request of the SDK by way of [`Table::request`]. A write says where its attempts are counted, and whether it
/// may be sent once only.
///
/// The SDK's futures are large, and every function that awaits one contains it; so they are boxed where they begin.
macro_rules! send {
    ($table:expr, $operation:literal, $request:expr) => {
        send!(@ $table, $operation, $request, None, false)
    };
    ($table:expr, $operation:literal, $request:expr, $attempts:expr) => {
        send!(@ $table, $operation, $request, Some($attempts.clone()), false)
    };
    ($table:expr, $operation:literal, $request:expr, $attempts:expr, $without_sdk_retries:expr) => {
        send!(@ $table, $operation, $request, Some($attempts.clone()), $without_sdk_retries)
    };
    (@ $table:expr, $operation:literal, $request:expr, $attempts:expr, $without_sdk_retries:expr) => {{
        let request = $request.set_return_consumed_capacity($table.capacity());
        $table.request($operation, request.send().boxed(), $attempts, $without_sdk_retries)
    }};
}

pub(crate) use send;

impl Table<'_> {
    /// Whether DynamoDB is asked what a request consumed.
    pub(crate) fn capacity(&self) -> Option<ReturnConsumedCapacity> {
        let is_measured = self.operation.context.meter().is_some_and(Meter::wants_capacity);
        (is_measured || self.config.report_capacity).then_some(ReturnConsumedCapacity::Total)
    }

    /// Sends one request, once there are few enough under way.
    pub(crate) async fn request<T: Answer, E: ProvideErrorMetadata>(
        &self,
        operation: &'static str,
        request: BoxFuture<'static, Result<T, SdkError<E, HttpResponse>>>,
        attempts: Option<Attempts>,
        without_sdk_retries: bool,
    ) -> Result<T, SdkError<E, HttpResponse>> {
        // It is never closed: an error here is no reason not to send.
        let _permit = self.operation.in_flight.acquire().await;
        let span = tracing::info_span!(
            "dynamodb.request",
            operation,
            table = self.name,
            read_units = tracing::field::Empty,
            write_units = tracing::field::Empty,
            items_examined = tracing::field::Empty,
            items_returned = tracing::field::Empty,
            error = tracing::field::Empty,
        );
        let meter = self.operation.context.meter();
        let probe = meter.map(|meter| Probe::new(operation, meter.clone()));
        let request = Watch { attempts, probe, without_sdk_retries }.over(request);
        if meter.is_none() && span.is_disabled() {
            return request.await;
        }
        let output = request.instrument(span.clone()).await;
        match &output {
            Ok(answer) => {
                let Units { read, write } = answer.units();
                let (examined, returned) = answer.items();
                if let Some(meter) = meter {
                    meter.count_units(read.unwrap_or(0.0), write.unwrap_or(0.0));
                    meter.count_items(examined, returned);
                }
                span.record("read_units", read);
                span.record("write_units", write);
                span.record("items_examined", examined);
                span.record("items_returned", returned);
            }
            Err(error) => {
                span.record("error", error.code().unwrap_or("no answer"));
            }
        }
        output
    }
}

/// What an answer says of its cost.
pub(crate) trait Answer {
    /// The capacity consumed.
    fn units(&self) -> Units;

    /// How many items were looked at, and how many are in the answer.
    fn items(&self) -> (u64, u64) {
        (0, 0)
    }
}

/// Capacity units of both kinds; `None` for those that the answer does not speak of.
#[derive(Clone, Copy, Default)]
pub(crate) struct Units {
    read: Option<f64>,
    write: Option<f64>,
}

impl Units {
    fn of_reading<'c>(consumed: impl IntoIterator<Item = &'c ConsumedCapacity>) -> Self {
        consumed.into_iter().fold(Self::default(), |units, consumed| units.with(consumed.capacity_units, None))
    }

    /// The answer to a transaction that was made before took only a read.
    fn of_writing<'c>(consumed: impl IntoIterator<Item = &'c ConsumedCapacity>) -> Self {
        consumed.into_iter().fold(Self::default(), |units, consumed| match consumed.read_capacity_units {
            Some(read) if read > 0.0 => units.with(Some(read), consumed.write_capacity_units),
            _ => units.with(None, consumed.capacity_units),
        })
    }

    fn with(self, read: Option<f64>, write: Option<f64>) -> Self {
        let sum = |units: Option<f64>, more: Option<f64>| more.map(|more| units.unwrap_or(0.0) + more).or(units);
        Self { read: sum(self.read, read), write: sum(self.write, write) }
    }
}

fn number(count: i32) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

impl Answer for GetItemOutput {
    fn units(&self) -> Units {
        Units::of_reading(&self.consumed_capacity)
    }

    fn items(&self) -> (u64, u64) {
        let found = u64::from(self.item.is_some());
        (found, found)
    }
}

impl Answer for BatchGetItemOutput {
    fn units(&self) -> Units {
        Units::of_reading(self.consumed_capacity())
    }

    fn items(&self) -> (u64, u64) {
        let found = self.responses.iter().flat_map(|tables| tables.values()).map(|items| items.len() as u64).sum();
        (found, found)
    }
}

impl Answer for QueryOutput {
    fn units(&self) -> Units {
        Units::of_reading(&self.consumed_capacity)
    }

    fn items(&self) -> (u64, u64) {
        (number(self.scanned_count), number(self.count))
    }
}

impl Answer for ScanOutput {
    fn units(&self) -> Units {
        Units::of_reading(&self.consumed_capacity)
    }

    fn items(&self) -> (u64, u64) {
        (number(self.scanned_count), number(self.count))
    }
}

macro_rules! writes {
    ($($output:ty)*) => {$(
        impl Answer for $output {
            fn units(&self) -> Units {
                Units::of_writing(self.consumed_capacity())
            }
        }
    )*};
}

writes! {
    PutItemOutput
    UpdateItemOutput
    DeleteItemOutput
    BatchWriteItemOutput
    TransactWriteItemsOutput
}
