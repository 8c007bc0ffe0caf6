//! Results that are too large for one answer: pages with cursors, streams, and what all of that costs.
//!
//! `cargo run -p examples --example large_results`

use orm::Meter;
use orm::prelude::*;
use orm_dynamodb::{DynamoDb, Embedded, ScanPolicy};

/// A line of a log, found by its service in the order of time.
#[derive(Model, Clone, Debug)]
#[orm(table = "lines", index(service, at))]
struct Line {
    #[orm(id)]
    id: String,
    service: String,
    /// Milliseconds since 1970.
    at: i64,
    text: String,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    // Nothing here may read a whole table unless it says so.
    let driver = DynamoDb::builder(Embedded::in_memory()?.client()).scan_policy(ScanPolicy::Deny).build();
    let orm = Orm::bootstrap(schema![Line], driver).await?;
    let line = |n: i64| {
        let service = ["auth", "billing"][usize::from(n % 3 == 0)];
        Line::create().service(service).at(1_700_000_000_000 + n).text(format!("request {n}"))
    };
    Line::create_many((0..5_000).map(line)).select(Line::ID).exec(&orm).await?;

    println!("What a page of the newest lines takes:\n");
    let newest = Line::find_many().filter(Line::SERVICE.eq("auth")).order_by(Line::AT.desc()).select(Line::TEXT);
    println!("{}", newest.clone().explain(&orm)?);

    // The cursor goes to a browser and comes back, maybe to another process.
    let mut cursor: Option<String> = None;
    for number in 1..=3 {
        let page = newest.clone().page(4);
        let page = match cursor {
            Some(cursor) => page.after(cursor),
            None => page,
        };
        let (page, cost) = page.exec_with_cost(&orm).await?;
        println!("page {number}: {} ({cost})", page.items.join(", "));
        cursor = page.next.map(String::from);
    }

    // Only one answer and the next are in memory.
    let meter = Meter::new();
    let mut lines = Line::find_many().filter(Line::SERVICE.eq("auth")).stream(&orm.metered(&meter));
    let mut bytes = 0;
    while let Some(line) = lines.next().await {
        bytes += line?.text.len();
    }
    drop(lines);
    println!("\n{bytes} bytes of text in the lines of auth: {}", meter.cost());

    // A filter without an index reads everything. That has to be permitted, and is faster in parts.
    let odd = || Line::count().filter(Line::TEXT.contains("7"));
    if let Err(error) = odd().exec(&orm).await {
        println!("\nrefused: {error}");
    }
    let (count, cost) = odd().allow_scan().parallel(4).exec_with_cost(&orm).await?;
    println!("permitted: {count} lines ({cost})");
    Ok(())
}
