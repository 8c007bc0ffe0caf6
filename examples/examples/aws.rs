//! The real thing: an `Orm` on the AWS client that an application already has.
//!
//! ```text
//! cargo run -p examples --features aws --example aws
//! ```
//!
//! Because it creates a table, it only prints how to run it unless `ORM_DYNAMODB_ENDPOINT` says where.

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, Region};
use chrono::{DateTime, Utc};
use orm::prelude::*;
use orm_dynamodb::{DynamoDb, ScanPolicy};

#[derive(Model, Clone, Debug)]
#[orm(table = "readings")]
#[orm(index(device, taken_at))]
struct Reading {
    #[orm(id)]
    id: String,
    device: String,
    #[orm(default_now)]
    taken_at: DateTime<Utc>,
    millidegrees: i64,
}

const USAGE: &str = "\
This example creates the table `orm_example_readings` and puts a few records into it.

On a local engine (Dynalite, DynamoDB Local), with made-up credentials:
  ORM_DYNAMODB_ENDPOINT=http://127.0.0.1:8000 cargo run -p examples --features aws --example aws

On the service, with the account, the region and the credentials of the AWS configuration:
  ORM_DYNAMODB_ENDPOINT=aws cargo run -p examples --features aws --example aws";

/// The client. Region, credentials, timeouts and retries are the application's business and set here; the driver
/// changes none of it.
async fn client(endpoint: &str) -> Client {
    let config = aws_config::defaults(BehaviorVersion::latest());
    let config = match endpoint {
        "aws" => config,
        local => config
            .endpoint_url(local)
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "example")),
    };
    Client::new(&config.load().await)
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let Ok(endpoint) = std::env::var("ORM_DYNAMODB_ENDPOINT") else {
        println!("{USAGE}");
        return Ok(());
    };
    let client = client(&endpoint).await;

    // `Orm::bootstrap(schema, client)` is enough if the defaults are. The builder has the settings: here, all table
    // names get a prefix, and a query that would read a whole table is an error.
    let driver = DynamoDb::builder(client).table_prefix("orm_example_").scan_policy(ScanPolicy::Deny).build();
    let orm = Orm::new(schema![Reading], driver)?;

    // Creates the tables that are missing and waits until they can be used. In production this is a step of the
    // deployment rather than of each start, because it needs other permissions than the program does.
    orm.push_schema().await?;

    Reading::create_many(
        [("roof", 21_500), ("roof", 22_300), ("cellar", 14_000)]
            .map(|(device, value)| Reading::create().device(device).millidegrees(value)),
    )
    .exec(&orm)
    .await?;
    // Secondary indexes of DynamoDB follow the table after a moment: a record that was just stored may be missing here.
    let latest = Reading::find_many()
        .filter(Reading::DEVICE.eq("roof"))
        .order_by(Reading::TAKEN_AT.desc())
        .take(5)
        .exec(&orm)
        .await?;
    println!("The latest readings on the roof");
    for reading in latest {
        println!("  {}  {:.1} °C", reading.taken_at.format("%H:%M:%S"), reading.millidegrees as f64 / 1000.0);
    }

    println!("\nA query without an index");
    match Reading::find_many().filter(Reading::MILLIDEGREES.gt(20_000)).exec(&orm).await {
        Ok(readings) => println!("  {} found", readings.len()),
        Err(error) if error.code() == ErrorCode::InvalidQuery => println!("  refused: {error}"),
        Err(error) => return Err(error),
    }

    // Whatever the models do not cover goes by the same client.
    if let Some(client) = orm.driver().client::<Client>() {
        let table = client.describe_table().table_name("orm_example_readings").send().await;
        let status = table.ok().and_then(|output| output.table?.table_status);
        println!("\nThe table\n  status  {}", status.map_or("unknown".to_owned(), |status| status.to_string()));
    }
    Ok(())
}
