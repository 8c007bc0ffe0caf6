//! Everything that an `Orm` can be made from, by `from_runtime` and by `bootstrap`.

use aws_sdk_dynamodb::config::{Credentials, Region, SharedCredentialsProvider};
use aws_types::SdkConfig;
use orm::prelude::*;
use orm::{IntoDriver, MemoryDriver};
use orm_dynamodb::{DynamoDb, Embedded};
use tests::models::Organization;
use tests::suite::Outcome;

/// An engine, and the configuration of the whole SDK that leads to it, as `aws_config::load_from_env()` answers one.
fn sdk_config(embedded: &Embedded) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .endpoint_url("http://dynamodb.invalid")
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "secret", None, None, "test")))
        .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(aws_smithy_async::rt::sleep::TokioSleep::new()))
        .http_client(embedded.http_client())
        .build()
}

/// The table is created through one runtime and written through another, and both are the same engine's.
async fn works<Via>(embedded: &Embedded, runtime: impl IntoDriver<Via>, name: &str) -> Outcome {
    let orm = Orm::bootstrap(schema![Organization], runtime).await?;
    assert_eq!(orm.driver().kind(), "dynamodb");
    let client = orm.driver().client::<aws_sdk_dynamodb::Client>().ok_or("the client of the driver")?;
    assert_eq!(client.list_tables().send().await?.table_names(), ["organizations"]);
    Organization::create().name(name).slug(name).exec(&orm).await?;
    let seen = embedded.client().scan().table_name("organizations").send().await?;
    let names: Vec<_> = seen.items().iter().filter_map(|item| item.get("name")?.as_s().ok()).collect();
    assert!(names.iter().any(|seen| *seen == name), "{names:?}");
    Ok(())
}

#[tokio::test]
async fn an_orm_is_made_from_whatever_leads_to_dynamodb() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let client = embedded.client();
    let config = sdk_config(&embedded);
    let driver = DynamoDb::new(client.clone());
    works(&embedded, &client, "&Client").await?;
    works(&embedded, client, "Client").await?;
    works(&embedded, embedded.config().build(), "Config").await?;
    works(&embedded, &config, "&SdkConfig").await?;
    works(&embedded, config, "SdkConfig").await?;
    works(&embedded, &driver, "&DynamoDb").await?;
    works(&embedded, driver, "DynamoDb").await?;
    works(&embedded, &embedded, "&Embedded").await?;
    works(&embedded, embedded.clone(), "Embedded").await?;
    Ok(())
}

#[tokio::test]
async fn an_sdk_configuration_keeps_its_region() -> Outcome {
    let orm = Orm::from_runtime(schema![Organization], sdk_config(&Embedded::in_memory()?))?;
    let client = orm.driver().client::<aws_sdk_dynamodb::Client>().ok_or("the client of the driver")?;
    assert_eq!(client.config().region().map(AsRef::as_ref), Some("eu-central-1"));
    Ok(())
}

/// The settings of a driver are those of the Orm that is made from a reference to it.
#[tokio::test]
async fn a_driver_by_reference_keeps_its_settings() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let driver = DynamoDb::builder(embedded.client()).table_prefix("test_").table::<Organization>("Orgs").build();
    Orm::bootstrap(schema![Organization], &driver).await?;
    let tables = embedded.client().list_tables().send().await?;
    assert_eq!(tables.table_names(), ["Orgs"]);
    Ok(())
}

#[tokio::test]
async fn an_orm_is_made_from_the_memory_driver() -> Outcome {
    let orm = Orm::from_runtime(schema![Organization], MemoryDriver::new())?;
    assert_eq!(orm.driver().kind(), "memory");
    orm.push_schema().await?;
    Organization::create().name("a").slug("a").exec(&orm).await?;
    assert_eq!(Organization::count().exec(&orm).await?, 1);
    Ok(())
}
