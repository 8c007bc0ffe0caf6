//! `push_schema`: what it creates, what it adds to tables that exist, and that it changes nothing else.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ProvisionedThroughput, ScalarAttributeType,
};
use orm::prelude::*;
use orm_dynamodb::{DynamoDb, Embedded, Retries, ScanPolicy};
use serde_json::json;
use tests::faults::{Fault, FaultyClient};
use tests::requests::{RequestCounter, counts};
use tests::suite::Outcome;
use tokio::time::Instant;

mod before {
    use orm::prelude::*;

    #[derive(Model, Clone, Debug, PartialEq)]
    #[orm(table = "orders")]
    pub struct Order {
        #[orm(id)]
        pub id: String,
        pub customer: String,
        pub number: i64,
        pub placed: Option<String>,
    }
}

mod after {
    use orm::prelude::*;

    #[derive(Model, Clone, Debug, PartialEq)]
    #[orm(table = "orders")]
    #[orm(index(customer, number))]
    #[orm(index(placed))]
    pub struct Order {
        #[orm(id)]
        pub id: String,
        pub customer: String,
        pub number: i64,
        pub placed: Option<String>,
    }
}

mod of_texts {
    use orm::prelude::*;

    /// Whose index has texts where the others have numbers.
    #[derive(Model)]
    #[orm(table = "orders")]
    #[orm(index(customer, number))]
    pub struct Order {
        #[orm(id)]
        pub id: String,
        pub customer: String,
        pub number: String,
    }
}

async fn index_names(embedded: &Embedded) -> Result<Vec<String>, Box<dyn std::error::Error + Send + Sync>> {
    let output = embedded.client().describe_table().table_name("orders").send().await?;
    let table = output.table().ok_or("described")?;
    assert_eq!(table.billing_mode_summary().and_then(|mode| mode.billing_mode()), Some(&BillingMode::PayPerRequest));
    let indexes = table.global_secondary_indexes().iter();
    let mut names: Vec<String> = indexes.filter_map(|index| index.index_name()).map(str::to_owned).collect();
    names.sort();
    Ok(names)
}

#[tokio::test]
async fn a_second_push_only_looks() -> Outcome {
    let counter = RequestCounter::default();
    let embedded = Embedded::in_memory()?;
    let config = embedded.config().interceptor(counter.clone()).build();
    let orm = Orm::from_runtime(schema![after::Order], config)?;
    orm.push_schema().await?;
    assert_eq!(index_names(&embedded).await?, ["customer-number-index", "placed-index"]);
    after::Order::create().id("a").customer("c").number(1).exec(&orm).await?;
    counter.take();
    orm.push_schema().await?;
    assert_eq!(counter.take(), counts("1 DescribeTable"));
    assert_eq!(after::Order::count().exec(&orm).await?, 1);
    Ok(())
}

#[tokio::test]
async fn indexes_are_added_to_a_live_table_and_never_removed() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let orm = Orm::bootstrap(schema![before::Order], &embedded).await?;
    for (id, customer, number, placed) in [("a", "x", 2, Some("mon")), ("b", "x", 1, None), ("c", "y", 3, Some("mon"))]
    {
        before::Order::create()
            .id(id)
            .customer(customer)
            .number(number)
            .placed(placed.map(String::from))
            .exec(&orm)
            .await?;
    }
    assert_eq!(index_names(&embedded).await?, Vec::<String>::new());

    let orm = Orm::bootstrap(schema![after::Order], &embedded).await?;
    assert_eq!(index_names(&embedded).await?, ["customer-number-index", "placed-index"]);
    let of_x = after::Order::find_many()
        .filter(after::Order::CUSTOMER.eq("x"))
        .order_by(after::Order::NUMBER.asc())
        .select(after::Order::ID);
    assert_eq!(of_x.exec(&orm).await?, ["b", "a"]);
    assert_eq!(after::Order::count().filter(after::Order::PLACED.eq("mon")).exec(&orm).await?, 2);

    // A service that still has the older models removes nothing.
    Orm::bootstrap(schema![before::Order], &embedded).await?;
    assert_eq!(index_names(&embedded).await?, ["customer-number-index", "placed-index"]);
    Ok(())
}

/// As `docs/models.md` says under "Models that change".
#[tokio::test]
async fn a_new_field_gets_its_value_in_all_records_before_it_is_read() -> Outcome {
    mod next {
        use orm::prelude::*;

        #[derive(Model, Clone, Debug, PartialEq)]
        #[orm(table = "orders")]
        pub struct Order {
            #[orm(id)]
            pub id: String,
            pub number: i64,
            #[orm(default = 3)]
            pub weight: i64,
        }
    }
    let embedded = Embedded::in_memory()?;
    let orm = Orm::bootstrap(schema![before::Order], &embedded).await?;
    for id in ["a", "b"] {
        before::Order::create().id(id).customer("c").number(1).exec(&orm).await?;
    }
    let driver = DynamoDb::builder(embedded.client()).scan_policy(ScanPolicy::Deny).build();
    let orm = Orm::bootstrap(schema![next::Order], driver).await?;
    let error = next::Order::find_many().exec(&orm).await.expect_err("the field is not there");
    assert_eq!((error.code(), error.fields()), (ErrorCode::Decode, &["weight"][..]));
    let added = next::Order::update(next::Order::ID.eq("b")).increment(next::Order::WEIGHT, 2).exec(&orm).await?;
    assert_eq!(added.map(|order| order.weight), Some(2), "what is not there counts as 0");
    next::Order::create().id("c").number(1).exec(&orm).await?;
    let fill = next::Order::update_many().filter(next::Order::WEIGHT.ne(3).and(next::Order::WEIGHT.ne(2)));
    assert_eq!(fill.set(next::Order::WEIGHT, 3).allow_scan().exec(&orm).await?, 1);
    let mut found = next::Order::find_many().select((next::Order::ID, next::Order::WEIGHT)).exec(&orm).await?;
    found.sort_unstable();
    assert_eq!(found, [("a".to_owned(), 3), ("b".to_owned(), 2), ("c".to_owned(), 3)]);
    Ok(())
}

/// DynamoDB checks conditions within one Region.
#[tokio::test]
async fn a_global_table_is_warned_of_where_it_matters() -> Outcome {
    mod named {
        use orm::prelude::*;

        #[derive(Model)]
        #[orm(table = "orders", name = "order")]
        pub struct Order {
            #[orm(id)]
            pub id: String,
            #[orm(unique)]
            pub number: i64,
        }
    }
    let cautions = async |schema: orm::Schema, consistency: Option<&'static str>, transactions: bool| {
        let embedded = Embedded::in_memory()?;
        let client = FaultyClient::answering(embedded.http_client(), "DescribeTable", move |_| {
            let key = json!([{ "AttributeName": "__orm_pk", "KeyType": "HASH" }]);
            let mut table = json!({ "TableName": "orders", "TableStatus": "ACTIVE", "KeySchema": key });
            if let Some(consistency) = consistency {
                table["Replicas"] = json!([{ "RegionName": "eu-west-1" }]);
                table["MultiRegionConsistency"] = json!(consistency);
            }
            Some(Fault::Answer(200, json!({ "Table": table }).to_string()))
        });
        let client = Client::from_conf(embedded.config().http_client(client).build());
        let orm = Orm::new(schema, DynamoDb::builder(client).transactions(transactions).build())?;
        let events = Mutex::new(Vec::new());
        orm.push_schema_with(|event| events.lock().unwrap().push(event.to_string())).await?;
        let mut events = events.into_inner().unwrap();
        assert_eq!(events.pop().as_deref(), Some("the table orders is ready"));
        Ok::<_, Error>(events)
    };
    let with_locks = || schema![named::Order];
    assert_eq!(cautions(with_locks(), None, true).await?, [""; 0]);
    let warned = cautions(with_locks(), Some("EVENTUAL"), true).await?;
    assert!(warned[0].contains("as long as all of them go to one Region"), "{warned:?}");
    let warned = cautions(with_locks(), Some("STRONG"), true).await?;
    assert!(warned[0].contains("transactions(false)"), "{warned:?}");
    assert_eq!(cautions(with_locks(), Some("STRONG"), false).await?, [""; 0]);
    let without_locks = cautions(schema![before::Order], Some("STRONG"), true).await?;
    assert!(without_locks[0].contains("transactions(false)"), "{without_locks:?}");
    Ok(())
}

/// Of a table that somebody has switched to provisioned mode.
#[tokio::test]
async fn an_index_gets_what_its_table_has() -> Outcome {
    for units in [None, Some((7, 3))] {
        let embedded = Embedded::in_memory()?;
        Orm::bootstrap(schema![before::Order], &embedded).await?;
        if let Some((read, write)) = units {
            let units =
                ProvisionedThroughput::builder().read_capacity_units(read).write_capacity_units(write).build()?;
            let switch = embedded.client().update_table().table_name("orders").billing_mode(BillingMode::Provisioned);
            switch.provisioned_throughput(units).send().await?;
        }
        // The engine tells of no units of an index.
        let asked = Arc::<Mutex<Vec<_>>>::default();
        let client = FaultyClient::answering(embedded.http_client(), "UpdateTable", {
            let asked = asked.clone();
            move |request| {
                let create = &request["GlobalSecondaryIndexUpdates"][0]["Create"];
                asked.lock().unwrap().push(create["ProvisionedThroughput"].clone());
                None
            }
        });
        Orm::bootstrap(schema![after::Order], embedded.config().http_client(client).build()).await?;
        let expected = units
            .map_or(json!(null), |(read, write)| json!({ "ReadCapacityUnits": read, "WriteCapacityUnits": write }));
        assert_eq!(*asked.lock().unwrap(), [expected.clone(), expected]);
    }
    Ok(())
}

#[tokio::test]
async fn a_table_with_another_key_is_refused() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let attribute =
        AttributeDefinition::builder().attribute_name("pk").attribute_type(ScalarAttributeType::S).build()?;
    let key = KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build()?;
    let create = embedded.client().create_table().table_name("orders").billing_mode(BillingMode::PayPerRequest);
    create.attribute_definitions(attribute).key_schema(key).send().await?;
    let error = Orm::bootstrap(schema![before::Order], &embedded).await.expect_err("the table is somebody else's");
    assert_eq!((error.code(), error.model()), (ErrorCode::Unsupported, Some("order")));
    assert!(error.to_string().contains("`orders` exists with the key (pk)"), "{error}");
    Ok(())
}

#[tokio::test]
async fn pushes_at_the_same_time_do_not_disturb_each_other() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let pushes: Vec<_> = (0..8)
        .map(|_| {
            let embedded = embedded.clone();
            tokio::spawn(async move { Orm::bootstrap(schema![after::Order], &embedded).await })
        })
        .collect();
    for push in pushes {
        push.await??;
    }
    assert_eq!(index_names(&embedded).await?, ["customer-number-index", "placed-index"]);
    Ok(())
}

/// The answers of DescribeTable are those of a table with this status, as long as it says so.
fn with_status(
    embedded: &Embedded,
    status: &'static str,
    lasts: impl FnMut() -> bool + Send + 'static,
) -> FaultyClient {
    with_indexes(embedded, status, json!([]), lasts)
}

/// The same of a table with these indexes.
fn with_indexes(
    embedded: &Embedded,
    status: &'static str,
    indexes: serde_json::Value,
    mut lasts: impl FnMut() -> bool + Send + 'static,
) -> FaultyClient {
    FaultyClient::answering(embedded.http_client(), "DescribeTable", move |_| {
        let key = json!([{ "AttributeName": "__orm_pk", "KeyType": "HASH" }]);
        let table = json!({
            "TableName": "orders", "TableStatus": status, "KeySchema": key, "GlobalSecondaryIndexes": indexes
        });
        lasts().then(|| Fault::Answer(200, json!({ "Table": table }).to_string()))
    })
}

/// So many times.
fn times(mut times: u32) -> impl FnMut() -> bool {
    move || {
        times = times.saturating_sub(1);
        times > 0
    }
}

#[tokio::test(start_paused = true)]
async fn a_table_that_is_being_deleted_is_made_anew() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let client = with_status(&embedded, "DELETING", times(4));
    let orm = Orm::bootstrap(schema![after::Order], embedded.config().http_client(client).build()).await?;
    assert_eq!(index_names(&embedded).await?, ["customer-number-index", "placed-index"]);
    assert_eq!(after::Order::count().exec(&orm).await?, 0);
    Ok(())
}

/// As while its capacity mode is switched, which takes minutes.
#[tokio::test(start_paused = true)]
async fn an_index_is_added_when_its_table_is_no_longer_changed() -> Outcome {
    let embedded = Embedded::in_memory()?;
    Orm::bootstrap(schema![before::Order], &embedded).await?;
    let started = Instant::now();
    let is_changing = move || started.elapsed() < Duration::from_secs(120);
    let client = with_status(&embedded, "UPDATING", is_changing);
    let client = FaultyClient::answering(SharedHttpClient::new(client), "UpdateTable", move |_| {
        is_changing().then(|| Fault::exception(400, "ResourceInUseException"))
    });
    let counter = RequestCounter::default();
    let config = embedded.config().http_client(client).interceptor(counter.clone()).build();
    Orm::bootstrap(schema![after::Order], config).await?;
    assert_eq!(index_names(&embedded).await?, ["customer-number-index", "placed-index"]);
    assert_eq!(counter.take().get("UpdateTable"), Some(&2));
    // What is there can be used meanwhile.
    let client = with_status(&embedded, "UPDATING", || true);
    Orm::bootstrap(schema![before::Order], embedded.config().http_client(client).build()).await?;
    Ok(())
}

/// An index that somebody else adds to a large table takes hours.
#[tokio::test(start_paused = true)]
async fn an_index_that_no_model_declares_is_not_waited_for() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let index = json!([{ "IndexName": "note-index", "IndexStatus": "CREATING" }]);
    let client = with_indexes(&embedded, "UPDATING", index, || true);
    let counter = RequestCounter::default();
    let config = embedded.config().http_client(client).interceptor(counter.clone()).build();
    Orm::bootstrap(schema![before::Order], config).await?;
    assert_eq!(counter.take(), counts("1 DescribeTable"));
    Ok(())
}

/// One index is made at a time: the model's is added when the other one is there.
#[tokio::test(start_paused = true)]
async fn an_index_waits_for_one_that_is_being_made() -> Outcome {
    let embedded = Embedded::in_memory()?;
    Orm::bootstrap(schema![before::Order], &embedded).await?;
    let started = Instant::now();
    let is_filled = move || started.elapsed() > Duration::from_secs(600);
    let index = json!([{ "IndexName": "note-index", "IndexStatus": "CREATING" }]);
    let client = with_indexes(&embedded, "ACTIVE", index, move || !is_filled());
    let client = FaultyClient::answering(SharedHttpClient::new(client), "UpdateTable", move |_| {
        (!is_filled()).then(|| Fault::exception(400, "LimitExceededException"))
    });
    let counter = RequestCounter::default();
    let config = embedded.config().http_client(client).interceptor(counter.clone()).build();
    Orm::bootstrap(schema![after::Order], config).await?;
    assert_eq!(index_names(&embedded).await?, ["customer-number-index", "placed-index"]);
    assert_eq!(counter.take().get("UpdateTable"), Some(&2));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_index_whose_answer_is_lost_is_there() -> Outcome {
    let embedded = Embedded::in_memory()?;
    Orm::bootstrap(schema![before::Order], &embedded).await?;
    let mut is_first = true;
    let client = FaultyClient::answering(embedded.http_client(), "UpdateTable", move |_| {
        std::mem::take(&mut is_first).then_some(Fault::AnswerLost)
    });
    Orm::bootstrap(schema![after::Order], embedded.config().http_client(client).build()).await?;
    assert_eq!(index_names(&embedded).await?, ["customer-number-index", "placed-index"]);
    Ok(())
}

/// Somebody else removes it as soon as it was added: it is added anew, as often as the retries allow.
#[tokio::test(start_paused = true)]
async fn an_index_that_is_not_listed_is_added_anew() -> Outcome {
    let embedded = Embedded::in_memory()?;
    Orm::bootstrap(schema![before::Order], &embedded).await?;
    let added = |config| DynamoDb::builder(Client::from_conf(config)).retries(Retries::default().attempts(3)).build();
    let in_vain = || {
        let client = with_status(&embedded, "ACTIVE", || true);
        let client = FaultyClient::answering(SharedHttpClient::new(client), "UpdateTable", |_| {
            let index = json!([{ "IndexName": "customer-number-index", "IndexStatus": "CREATING" }]);
            let table = json!({ "TableName": "orders", "GlobalSecondaryIndexes": index });
            Some(Fault::Answer(200, json!({ "TableDescription": table }).to_string()))
        });
        embedded.config().http_client(client)
    };
    let counter = RequestCounter::default();
    let config = in_vain().interceptor(counter.clone()).build();
    let error = Orm::bootstrap(schema![after::Order], added(config)).await.expect_err("it is never listed");
    assert_eq!((error.code(), error.model()), (ErrorCode::Timeout, Some("order")));
    assert!(error.to_string().contains("does not list the index `customer-number-index`"), "{error}");
    assert_eq!(counter.take().get("UpdateTable"), Some(&3));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_table_that_cannot_be_used_is_not_waited_for() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let client = with_status(&embedded, "INACCESSIBLE_ENCRYPTION_CREDENTIALS", || true);
    let refused = Orm::bootstrap(schema![before::Order], embedded.config().http_client(client).build()).await;
    let error = refused.expect_err("the table cannot be used");
    assert_eq!((error.code(), error.model(), error.is_retryable()), (ErrorCode::Backend, Some("order"), false));
    assert!(error.to_string().contains("INACCESSIBLE_ENCRYPTION_CREDENTIALS"), "{error}");
    Ok(())
}

#[tokio::test]
async fn an_index_of_our_name_with_other_keys_is_refused() -> Outcome {
    let embedded = Embedded::in_memory()?;
    mod other {
        use orm::prelude::*;

        #[derive(Model)]
        #[orm(table = "orders")]
        #[orm(index(placed))]
        pub struct Order {
            #[orm(id)]
            pub id: String,
            // The column that the index of another model is named after.
            #[orm(column = "customer-number")]
            pub placed: String,
        }
    }
    Orm::bootstrap(schema![other::Order], &embedded).await?;
    assert_eq!(index_names(&embedded).await?, ["customer-number-index"]);
    let error = Orm::bootstrap(schema![after::Order], &embedded).await.expect_err("the index is another one");
    assert_eq!((error.code(), error.model()), (ErrorCode::Unsupported, Some("order")));
    assert!(error.to_string().contains("`customer-number-index` with other keys"), "{error}");
    Ok(())
}

/// As the TypeScript package, or a person, may have made one.
#[tokio::test]
async fn an_index_of_our_name_with_keys_of_another_type_is_refused() -> Outcome {
    let embedded = Embedded::in_memory()?;
    Orm::bootstrap(schema![of_texts::Order], &embedded).await?;
    let error = Orm::bootstrap(schema![after::Order], &embedded).await.expect_err("`number` is a text in the index");
    assert_eq!((error.code(), error.model()), (ErrorCode::Unsupported, Some("order")));
    assert!(error.to_string().contains("`customer-number-index` with other keys, keys of another type"), "{error}");
    Ok(())
}

/// DynamoDB refuses every item whose value is not of the index's type.
#[tokio::test]
async fn an_index_that_no_model_declares_on_values_of_another_type_is_refused() -> Outcome {
    let embedded = Embedded::in_memory()?;
    Orm::bootstrap(schema![of_texts::Order], &embedded).await?;
    let error = Orm::bootstrap(schema![before::Order], &embedded).await.expect_err("`number` is a text in the index");
    assert_eq!((error.code(), error.model()), (ErrorCode::Unsupported, Some("order")));
    assert!(error.to_string().contains("an index `customer-number-index` on `number`"), "{error}");
    Ok(())
}

/// An index that is left over still has its rules.
#[tokio::test]
async fn an_empty_text_in_an_index_that_no_model_declares_is_an_invalid_value() -> Outcome {
    let embedded = Embedded::in_memory()?;
    Orm::bootstrap(schema![after::Order], &embedded).await?;
    let orm = Orm::bootstrap(schema![before::Order], &embedded).await?;
    let refused = before::Order::create().customer("").number(1).exec(&orm).await;
    assert_eq!(refused.map_err(|error| error.code()), Err(ErrorCode::InvalidValue));
    Ok(())
}

/// DynamoDB makes only so many tables at once.
#[tokio::test(start_paused = true)]
async fn a_table_waits_for_its_turn() -> Outcome {
    let said = "Subscriber limit exceeded: You have exceeded the maximum number of indexed tables that can be created \
                simultaneously";
    for (message, lasts, is_made, asked) in
        [(said, 20, true, 21), (said, 2_000, false, 61), ("Subscriber limit exceeded: 2500 tables", 2_000, false, 1)]
    {
        let embedded = Embedded::in_memory()?;
        let mut left = lasts;
        let client = FaultyClient::answering(embedded.http_client(), "CreateTable", move |_| {
            left -= 1;
            let body =
                json!({ "__type": "com.amazonaws.dynamodb.v20120810#LimitExceededException", "message": message });
            (left >= 0).then(|| Fault::Answer(400, body.to_string()))
        });
        let counter = RequestCounter::default();
        let config = embedded.config().http_client(client).retry_config(RetryConfig::disabled());
        let made = Orm::bootstrap(schema![after::Order], config.interceptor(counter.clone()).build()).await;
        assert_eq!(counter.take().get("CreateTable"), Some(&asked), "{message}");
        match made {
            Ok(_) => assert!(is_made, "{message}"),
            Err(error) => {
                assert!(!is_made && error.to_string().contains(message), "{error}");
                assert_eq!((error.model(), error.is_retryable()), (Some("order"), message == said));
            }
        }
    }
    Ok(())
}

/// Before anything is sent.
#[tokio::test]
async fn names_that_dynamodb_does_not_take_are_refused() -> Outcome {
    let long = "x".repeat(256);
    let refused = ["", "ab", "a table", "orders/eu", "größe", &long];
    let taken = ["abc", "a.b-c_D9", &long[1..], "arn:aws:dynamodb:eu-central-1:123456789012:table/orders"];
    for (names, is_taken) in [(refused.as_slice(), false), (&taken, true)] {
        for name in names {
            let driver = DynamoDb::builder(Embedded::in_memory()?.client()).table::<before::Order>(*name).build();
            let orm = Orm::new(schema![before::Order], driver);
            assert_eq!(orm.is_ok(), is_taken, "{name}");
            if let Err(error) = orm {
                assert_eq!((error.code(), error.model()), (ErrorCode::InvalidQuery, Some("order")));
                assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
            }
        }
    }
    Ok(())
}
