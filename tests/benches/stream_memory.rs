//! How much memory a stream holds at its highest, beside `exec` of the same query: tables of 2,000, 20,000 and 200,000
//! records, in the engine inside this process. `cargo bench -p tests --bench stream_memory`.
//!
//! Counted is what Rust code has allocated: the client, the driver, and what the engine needs for one answer. SQLite's own
//! memory, in which the tables are, is not among it.

use orm::prelude::*;
use orm_dynamodb::Embedded;
use peak_alloc::PeakAlloc;

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

/// The most memory that was allocated during some work, beyond what was before, in MiB.
async fn peak<T>(work: impl Future<Output = Result<T, Error>>) -> Result<(T, f64), Error> {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let result = work.await?;
    Ok((result, (MEMORY.peak_usage() - before) as f64 / MEBIBYTE))
}

async fn filled(records: i64) -> Result<Orm, Error> {
    let orm = Orm::bootstrap(schema![Reading], Embedded::in_memory()?).await?;
    let reading = |id| Reading::create().id(id).sensor(format!("s{}", id % 100)).text("x".repeat(200));
    for start in (0..records).step_by(10_000) {
        Reading::create_many((start..records.min(start + 10_000)).map(reading)).select(Reading::ID).exec(&orm).await?;
    }
    Ok(orm)
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
            let orm = filled(records).await?;
            let (count, stream) = peak(streamed(&orm, 1)).await?;
            let (_, parts) = peak(streamed(&orm, 4)).await?;
            let (all, exec) = peak(Reading::find_many().exec(&orm)).await?;
            assert_eq!((count, all.len()), (records as usize, records as usize));
            println!("| {records} | {stream:.1} | {parts:.1} | {exec:.1} |");
        }
        Ok(())
    })
}
