//! How much memory a stream holds at its highest, beside `exec` of the same query: tables of 2,000, 20,000 and 200,000
//! records. `cargo bench -p tests --bench stream_memory`.
//!
//! The pages are made up by an HTTP client, 1 MB each, because an engine in this process would need memory of its own.
//! Counted is all that Rust code has allocated: the answers, the AWS client, the driver, the records.

use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::http::StatusCode;
use orm::prelude::*;
use orm_dynamodb::Embedded;
use peak_alloc::PeakAlloc;
use serde_json::{Value, json};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

#[derive(Model)]
#[orm(table = "readings")]
struct Reading {
    #[orm(id)]
    id: i64,
    sensor: String,
    text: String,
}

const MEBIBYTE: f64 = 1024.0 * 1024.0;
/// An item has about 280 bytes.
const ITEMS_PER_PAGE: i64 = 3_700;

/// Answers every Scan with the next page of a table of so many records.
#[derive(Clone, Copy, Debug)]
struct MadeUp {
    records: i64,
}

impl HttpClient for MadeUp {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(*self)
    }
}

impl HttpConnector for MadeUp {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).expect("a request");
        let body = self.page(&asked).to_string();
        let status = StatusCode::try_from(200).expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, body.into())))
    }
}

impl MadeUp {
    fn page(self, asked: &Value) -> Value {
        let (segment, total) = (asked["Segment"].as_i64().unwrap_or(0), asked["TotalSegments"].as_i64().unwrap_or(1));
        let (first, end) = (self.records * segment / total, self.records * (segment + 1) / total);
        let key = asked["ExclusiveStartKey"]["__orm_pk"]["S"].as_str();
        let start = key.and_then(|key| key.strip_prefix("record#")?.parse().ok()).map_or(first, |last: i64| last + 1);
        let stop = end.min(start + ITEMS_PER_PAGE);
        let key = |id: i64| json!({ "S": format!("record#{id}") });
        let item = |id: i64| {
            json!({
                "__orm_pk": key(id), "__orm_kind": { "S": "record" }, "id": { "N": id.to_string() },
                "sensor": { "S": format!("s{}", id % 100) }, "text": { "S": "x".repeat(200) },
            })
        };
        let items: Vec<Value> = (start..stop).map(item).collect();
        let mut page = json!({ "Count": items.len(), "ScannedCount": items.len(), "Items": items });
        if stop < end {
            page["LastEvaluatedKey"] = json!({ "__orm_pk": key(stop - 1) });
        }
        page
    }
}

/// The most memory that was allocated during some work, beyond what was before, in MiB.
async fn peak<T>(work: impl Future<Output = Result<T, Error>>) -> Result<(T, f64), Error> {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let result = work.await?;
    Ok((result, (MEMORY.peak_usage() - before) as f64 / MEBIBYTE))
}

async fn streamed(orm: &Orm, parts: usize) -> Result<usize, Error> {
    let mut readings = Reading::find_many().parallel(parts).stream(orm);
    let (mut count, mut bytes) = (0, 0);
    while let Some(reading) = readings.next().await {
        let reading = reading?;
        bytes += reading.text.len() + reading.sensor.len();
        count += 1;
    }
    assert!(bytes > 200 * count);
    Ok(count)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        println!("| records | stream, MiB | stream in 4 parts, MiB | exec, MiB |");
        println!("| --- | --- | --- | --- |");
        for records in [2_000, 20_000, 200_000] {
            // The engine's settings, but for what answers.
            let config = Embedded::in_memory()?.config().http_client(MadeUp { records }).build();
            let orm = Orm::from_runtime(schema![Reading], config)?;
            let (count, stream) = peak(streamed(&orm, 1)).await?;
            let (_, parts) = peak(streamed(&orm, 4)).await?;
            let (all, exec) = peak(Reading::find_many().exec(&orm)).await?;
            assert_eq!((count, all.len()), (records as usize, records as usize));
            println!("| {records} | {stream:.1} | {parts:.1} | {exec:.1} |");
        }
        Ok(())
    })
}
