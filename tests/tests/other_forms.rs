//! Values that others have stored in another form than every writer of the library does, and such as were stored before a
//! type had its range: what can be done is done, and the rest is said at once, rather than taken for a race.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, Utc};
use orm::Filter;
use orm::prelude::*;
use orm_dynamodb::audit::{Auditor, Finding};
use orm_dynamodb::{DynamoDb, Embedded, ScanPolicy};
use rust_decimal::Decimal;
use serde_json::json;
use tests::faults::{Fault, FaultyClient};
use tests::requests::{RequestCounter, counts};
use tests::suite::Outcome;
use tokio::sync::Notify;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "entries")]
struct Entry {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    amount: Decimal,
    #[orm(unique)]
    at: DateTime<Utc>,
    rest: Decimal,
    big: i128,
    left: i8,
}

/// A model whose records have no locks.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "plains")]
struct Plain {
    #[orm(id)]
    id: String,
    big: i128,
    #[orm(default = 0)]
    left: i64,
}

/// An engine with one record, whose attributes somebody else has written.
struct Bed {
    orm: Orm,
    client: aws_sdk_dynamodb::Client,
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

impl Bed {
    async fn new() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let embedded = Embedded::in_memory()?;
        let bed = Self { orm: Orm::bootstrap(schema![Entry], &embedded).await?, client: embedded.client() };
        bed.put("at", text("2024-01-02T03:04:05Z")).await?;
        Ok(bed)
    }

    async fn put(&self, column: &str, value: AttributeValue) -> Outcome {
        let put = self.client.put_item().table_name("entries").item("__orm_pk", text("record#a"));
        let put = put.item("__orm_kind", text("record")).item("id", text("a")).item("amount", text("1.50"));
        let put = put.item("at", text("2024-01-02T03:04:05.000Z")).item("rest", text("2.50")).item("big", text("007"));
        put.item("left", AttributeValue::N("1".to_owned())).item(column, value).send().await?;
        Ok(())
    }
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

#[tokio::test]
async fn what_is_stored_in_another_form_can_be_added_to_moved_and_deleted() -> Outcome {
    let Bed { orm, .. } = &Bed::new().await?;
    let update = Entry::update(Entry::ID.eq("a")).increment(Entry::REST, Decimal::ONE).increment(Entry::BIG, 1);
    let entry = update.exec(orm).await?.ok_or("the entry")?;
    assert_eq!((entry.rest, entry.big), (decimal("3.5"), 8));
    let moved = Entry::update(Entry::ID.eq("a")).set(Entry::AMOUNT, decimal("9")).exec(orm).await?;
    assert_eq!(moved.map(|entry| entry.amount), Some(decimal("9")));
    assert_eq!(Entry::find_unique(Entry::AMOUNT.eq(decimal("9"))).select(Entry::BIG).exec(orm).await?, Some(8));

    let bed = Bed::new().await?;
    assert_eq!(
        Entry::update_many().increment(Entry::BIG, 1).increment(Entry::AMOUNT, Decimal::ONE).exec(&bed.orm).await?,
        1
    );
    assert_eq!(Entry::delete(Entry::ID.eq("a")).exec(&bed.orm).await?, 1);
    let bed = Bed::new().await?;
    let gone = Entry::consume(Entry::ID.eq("a")).exec(&bed.orm).await?;
    assert_eq!(gone.map(|entry| (entry.amount, entry.big)), Some((decimal("1.5"), 7)));
    let bed = Bed::new().await?;
    assert_eq!(Entry::delete_many().filter(Entry::REST.gt(decimal("2"))).exec(&bed.orm).await?, 1);
    assert_eq!(Entry::count().exec(&bed.orm).await?, 0);
    Ok(())
}

/// The same number, written as all others are: from then on it is found, and kept from others.
#[tokio::test]
async fn a_value_that_is_written_in_its_own_notation_gets_its_lock() -> Outcome {
    for transactions in [true, false] {
        let Bed { client, .. } = &Bed::new().await?;
        let driver = DynamoDb::builder(client.clone()).transactions(transactions).build();
        let orm = Orm::from_runtime(schema![Entry], driver)?;
        let lock = client.put_item().table_name("entries").item("__orm_pk", text("unique#entry#amount#%221.50%22"));
        lock.item("__orm_kind", text("unique")).item("__orm_target", text("record#a")).send().await?;
        Entry::update(Entry::ID.eq("a")).set(Entry::AMOUNT, decimal("1.5")).exec(&orm).await?;
        assert!(Entry::find_unique(Entry::AMOUNT.eq(decimal("1.5"))).exec(&orm).await?.is_some());
        let at = "2025-01-01T00:00:00Z".parse::<DateTime<Utc>>()?;
        let other = Entry::create().id("b").amount(decimal("1.5")).at(at).rest(decimal("0")).big(0).left(0_i8);
        assert!(other.exec(&orm).await.unwrap_err().violates(Entry::AMOUNT));
        assert_eq!(Entry::delete(Entry::ID.eq("a")).exec(&orm).await?, 1);
        let left = client.scan().table_name("entries").consistent_read(true).send().await?;
        assert!(!left.items().iter().any(|item| item["__orm_pk"].as_s().is_ok_and(|key| key.contains("#amount#"))));
    }
    Ok(())
}

/// The writer of a text has made the lock of that text, which nobody else would ever free.
#[tokio::test]
async fn the_lock_of_another_notation_is_freed_with_its_value() -> Outcome {
    type Write = fn(&Orm) -> orm::driver::BoxFuture<'_, u64>;
    let writes: [Write; 4] = [
        |orm| Box::pin(async move { Entry::delete(Entry::ID.eq("a")).exec(orm).await }),
        |orm| Box::pin(async move { Entry::delete_many().exec(orm).await }),
        |orm| {
            let set = Entry::update(Entry::ID.eq("a")).set(Entry::AMOUNT, decimal("9"));
            Box::pin(async move { Ok(u64::from(set.exec(orm).await?.is_some())) })
        },
        |orm| Box::pin(async move { Entry::update_many().increment(Entry::AMOUNT, Decimal::ONE).exec(orm).await }),
    ];
    for (transactions, write) in [true, false].into_iter().flat_map(|with| writes.map(|write| (with, write))) {
        let Bed { client, .. } = &Bed::new().await?;
        let orm =
            Orm::from_runtime(schema![Entry], DynamoDb::builder(client.clone()).transactions(transactions).build())?;
        let lock = client.put_item().table_name("entries").item("__orm_pk", text("unique#entry#amount#%221.50%22"));
        lock.item("__orm_kind", text("unique")).item("__orm_target", text("record#a")).send().await?;
        assert_eq!(write(&orm).await?, 1);
        let items = client.scan().table_name("entries").consistent_read(true).send().await?;
        let left: Vec<&String> = items.items().iter().filter_map(|item| item["__orm_pk"].as_s().ok()).collect();
        assert!(!left.iter().any(|key| key.contains("1.50")), "{left:?}");
    }
    Ok(())
}

/// Sorting takes an order of all values, also of such as are no numbers in a column of numbers.
#[tokio::test]
async fn values_of_another_kind_can_be_sorted() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let driver = DynamoDb::builder(embedded.client()).scan_policy(ScanPolicy::Allow).build();
    let orm = Orm::bootstrap(schema![Plain], driver).await?;
    Plain::create_many((0..90).map(|n| Plain::create().id(format!("{n:02}")).big(0).left(n * 37 % 11)))
        .exec(&orm)
        .await?;
    for id in (0..90).step_by(7) {
        let update =
            embedded.client().update_item().table_name("plains").key("__orm_pk", text(&format!("record#{id:02}")));
        update
            .update_expression("SET #left = :x")
            .expression_attribute_names("#left", "left")
            .expression_attribute_values(":x", text("x"))
            .send()
            .await?;
    }
    let sorted = Plain::find_many().order_by(Plain::LEFT.asc());
    let ids = sorted.clone().select(Plain::ID).exec(&orm).await?;
    assert!(ids[77..].iter().all(|id| id.parse::<u8>().is_ok_and(|id| id % 7 == 0)), "{ids:?}");
    let first = sorted.clone().take(77).select(Plain::LEFT).exec(&orm).await?;
    assert!(first.is_sorted(), "{first:?}");
    let error = sorted.exec(&orm).await.expect_err("they are no numbers");
    assert_eq!((error.code(), error.fields()), (ErrorCode::Decode, &["left"][..]));
    Ok(())
}

/// A lock of a value that its record does not hold, in whatever form it has another, is there to be taken.
#[tokio::test]
async fn an_orphan_is_freed_whatever_form_its_record_is_in() -> Outcome {
    let Bed { orm, client } = &Bed::new().await?;
    let lock = client.put_item().table_name("entries").item("__orm_pk", text("unique#entry#amount#%222%22"));
    let lock = lock.item("__orm_kind", text("unique")).item("__orm_target", text("record#a"));
    lock.send().await?;
    let at = "2025-01-01T00:00:00Z".parse::<DateTime<Utc>>()?;
    let entry = Entry::create().id("b").amount(decimal("2")).at(at).rest(decimal("0")).big(0).left(0_i8);
    assert_eq!(entry.exec(orm).await?.amount, decimal("2"));
    assert_eq!(
        Entry::find_unique(Entry::AMOUNT.eq(decimal("2"))).select(Entry::ID).exec(orm).await?.as_deref(),
        Some("b")
    );
    Ok(())
}

/// No condition compares a number that is stored as text: it is compared here, and has to be the same when it is written.
#[tokio::test]
async fn bounds_on_a_number_that_is_stored_as_text_hold_for_what_is_written() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let counter = RequestCounter::default();
    let orm = Orm::bootstrap(schema![Plain], embedded.config().interceptor(counter.clone()).build()).await?;
    let as_text = async |big: &str| -> Outcome {
        let put = embedded.client().put_item().table_name("plains").item("__orm_pk", text("record#a"));
        let put = put.item("__orm_kind", text("record")).item("id", text("a")).item("big", text(big));
        put.item("left", AttributeValue::N("1".to_owned())).send().await?;
        counter.take();
        Ok(())
    };
    let update = || Plain::update(Plain::ID.eq("a")).set(Plain::LEFT, 5);
    as_text("9007199254740993").await?;
    assert!(update().filter(Plain::BIG.gt(9_007_199_254_740_992)).exec(&orm).await?.is_some());
    assert_eq!(counter.take(), counts("2 UpdateItem"), "the first is answered what there is");
    assert!(update().filter(Plain::BIG.gt(9_007_199_254_740_993)).exec(&orm).await?.is_none());
    assert!(update().filter(!Plain::BIG.gt(9_007_199_254_740_993)).exec(&orm).await?.is_some());
    assert!(update().filter(any((Plain::BIG.lt(0), Plain::LEFT.eq(5)))).exec(&orm).await?.is_some());
    let added = update().filter(Plain::BIG.gte(0)).increment(Plain::BIG, 1).select(Plain::BIG).exec(&orm).await?;
    assert_eq!(added, Some(9_007_199_254_740_994));
    let many = |most: i128| {
        let bounded = Plain::update_many().filter(Plain::ID.eq("a").and(Plain::BIG.lte(most)));
        bounded.set(Plain::LEFT, 6)
    };
    as_text("7").await?;
    assert_eq!((many(6).exec(&orm).await?, many(7).exec(&orm).await?), (0, 1));
    assert_eq!(Plain::update_many().filter(Plain::BIG.lte(7)).set(Plain::LEFT, 7).exec(&orm).await?, 1);
    counter.take();
    let delete = |least: i128| Plain::delete(Plain::ID.eq("a")).filter(Plain::BIG.gte(least));
    assert_eq!(delete(8).exec(&orm).await?, 0);
    assert_eq!(counter.take(), counts("1 DeleteItem"), "it is answered what there is");
    let many = |least: i128| Plain::delete_many().filter(Plain::ID.eq("a").and(Plain::BIG.gte(least)));
    assert_eq!(many(8).exec(&orm).await?, 0);
    assert_eq!(delete(7).exec(&orm).await?, 1);
    as_text("7").await?;
    assert_eq!(many(7).exec(&orm).await?, 1);
    as_text("7").await?;
    let consumed = Plain::consume(Plain::ID.eq("a")).filter(Plain::BIG.between(6, 8)).exec(&orm).await?;
    assert_eq!(consumed.map(|plain| plain.big), Some(7));
    Ok(())
}

/// Neither does a condition compare it with another field.
#[tokio::test]
async fn numbers_that_are_stored_as_text_are_compared_with_other_fields() -> Outcome {
    let bed = Bed::new().await?;
    let find = async |filter: Filter<Entry>| {
        let (found, counted) = (Entry::find_many().filter(filter.clone()), Entry::count().filter(filter));
        let found = found.allow_scan().select(Entry::ID).exec(&bed.orm).await?.len() as u64;
        assert_eq!(found, counted.allow_scan().exec(&bed.orm).await?);
        Ok::<_, Error>(found)
    };
    // 1.50 and 2.50, 007 and 1, all but the last as text.
    let (less, equal) = (Entry::AMOUNT.lt_field(Entry::REST), Entry::AMOUNT.eq_field(Entry::REST));
    let (more, same) = (Entry::BIG.gt_field(Entry::LEFT), Entry::LEFT.eq_field(Entry::BIG));
    for filter in [less.clone(), !equal.clone(), more.clone(), !same.clone(), Entry::LEFT.ne_field(Entry::BIG)] {
        assert_eq!((find(filter.clone()).await?, find(!filter).await?), (1, 0));
    }
    bed.put("rest", text("1.5")).await?;
    assert_eq!((find(less.clone()).await?, find(equal.clone()).await?, find(!equal.clone()).await?), (0, 1, 0));
    bed.put("big", text("01")).await?;
    assert_eq!((find(same.clone()).await?, find(!same.clone()).await?, find(more.clone()).await?), (1, 0, 0));
    let update = |filter: Filter<Entry>| Entry::update(Entry::ID.eq("a")).filter(filter);
    for (filter, holds) in [(same.clone(), true), (more.clone(), false), (!less.clone(), false), (less, true)] {
        bed.put("big", text("01")).await?;
        let changed = update(filter.clone()).increment(Entry::LEFT, 1).select(Entry::LEFT).exec(&bed.orm).await?;
        assert_eq!(changed, holds.then_some(2), "{filter:?}");
        let many = Entry::update_many().filter(filter.and(Entry::ID.eq("a"))).set(Entry::LEFT, 1);
        many.exec(&bed.orm).await?;
    }
    bed.put("rest", text("1.5")).await?;
    let delete = |filter: Filter<Entry>| Entry::delete(Entry::ID.eq("a")).filter(filter);
    assert_eq!(delete(!equal.clone()).exec(&bed.orm).await?, 0);
    assert_eq!(delete(equal).exec(&bed.orm).await?, 1);
    Ok(())
}

/// What was found, and has changed until the write, is not taken for an engine that cannot compare.
#[tokio::test(start_paused = true)]
async fn a_race_is_no_reason_to_compare_no_documents() -> Outcome {
    #[derive(Model, Clone, Debug, PartialEq)]
    #[orm(table = "files")]
    struct File {
        #[orm(id)]
        id: String,
        big: i128,
        meta: serde_json::Value,
        #[orm(default = 0)]
        seen: i64,
    }
    let embedded = Embedded::in_memory()?;
    let plain = Orm::bootstrap(schema![File], &embedded).await?;
    File::create().id("a").big(7).meta(json!({ "v": 1 })).exec(&plain).await?;
    let text = embedded.client().update_item().table_name("files").key("__orm_pk", text("record#a"));
    let text = text.update_expression("SET big = :b").expression_attribute_values(":b", AttributeValue::S("7".into()));
    text.send().await?;
    let (struck, sent) = (Arc::<Notify>::default(), Arc::<Mutex<Vec<String>>>::default());
    let client = FaultyClient::new(embedded.http_client(), {
        let (struck, sent) = (struck.clone(), sent.clone());
        move |operation, body| {
            (operation == "UpdateItem")
                .then(|| sent.lock().unwrap().push(String::from_utf8_lossy(body).into_owned()))?;
            (sent.lock().unwrap().len() == 1).then(|| {
                struck.notify_one();
                Fault::Delayed(Duration::from_secs(2))
            })
        }
    });
    let client = Client::from_conf(embedded.config().http_client(client).build());
    let orm = Orm::new(schema![File], DynamoDb::builder(client).scan_policy(ScanPolicy::Allow).build())?;
    let other = json!({ "v": 3 });
    let filter = || File::BIG.gt(5).and(File::META.ne(other.clone()));
    let (changed, raced) = tokio::join!(File::update_many().filter(filter()).set(File::SEEN, 1).exec(&orm), async {
        struck.notified().await;
        File::update(File::ID.eq("a")).set(File::META, json!({ "v": 2 })).exec(&plain).await
    });
    assert_eq!((changed?, raced?.is_some()), (1, true), "the filter holds for what it is now, too");
    sent.lock().unwrap().clear();
    assert_eq!(File::update_many().filter(filter()).set(File::SEEN, 2).exec(&orm).await?, 1);
    assert!(sent.lock().unwrap().iter().all(|body| body.contains(r#"{"M":{"v":{"N":"2"}}}"#)), "{sent:?}");
    Ok(())
}

/// Nor is what has changed while a delete was under way, and changed back before it was looked at again.
#[tokio::test(start_paused = true)]
async fn a_change_that_was_taken_back_is_no_reason_to_compare_no_documents() -> Outcome {
    #[derive(Model, Clone, Debug, PartialEq)]
    #[orm(table = "tasks")]
    struct Task {
        #[orm(id)]
        id: String,
        #[orm(unique)]
        name: String,
        state: serde_json::Value,
    }
    let embedded = Embedded::in_memory()?;
    let plain = Orm::bootstrap(schema![Task], &embedded).await?;
    let (held_up, sent) = (Arc::<Notify>::default(), Arc::<Mutex<Vec<String>>>::default());
    let client = FaultyClient::new(embedded.http_client(), {
        let (held_up, sent) = (held_up.clone(), sent.clone());
        move |operation, body| {
            if operation == "TransactWriteItems" {
                sent.lock().unwrap().push(String::from_utf8_lossy(body).into_owned());
            }
            // The first transaction, the look at the record after it, and the next one.
            (!sent.lock().unwrap().is_empty()).then(|| {
                held_up.notify_one();
                Fault::Delayed(Duration::from_secs(1))
            })
        }
    });
    let orm = Orm::from_runtime(schema![Task], embedded.config().http_client(client).build())?;
    let (idle, busy) = (json!({ "phase": "idle" }), json!({ "phase": "busy" }));
    Task::create().id("a").name("n").state(idle.clone()).exec(&plain).await?;
    let become_ =
        |state: &serde_json::Value| Task::update(Task::ID.eq("a")).set(Task::STATE, state.clone()).exec(&plain);
    let (gone, others) =
        tokio::join!(Task::consume(Task::ID.eq("a")).filter(Task::STATE.eq(idle.clone())).exec(&orm), async {
            for state in [&busy, &idle, &busy] {
                held_up.notified().await;
                become_(state).await?;
            }
            Ok::<_, Error>(())
        });
    others?;
    assert_eq!(gone?, None, "it was busy whenever it was to be deleted");
    assert_eq!(sent.lock().unwrap().len(), 2);
    assert_eq!(Task::count().exec(&plain).await?, 1);
    Ok(())
}

#[tokio::test]
async fn what_no_condition_finds_is_an_error_that_names_it() -> Outcome {
    let Bed { orm, .. } = &Bed::new().await?;
    let time: DateTime<Utc> = "2024-01-02T03:04:05Z".parse()?;
    let at = || Entry::AT.lte(time);
    let update = Entry::update_many().filter(Entry::ID.eq("a").and(at())).set(Entry::LEFT, 5_i8);
    let (result, cost) = {
        let meter = orm::Meter::new();
        (update.exec(&orm.metered(&meter)).await, meter.cost())
    };
    let refused = |error: Error| {
        assert_eq!((error.code(), error.fields(), error.is_retryable()), (ErrorCode::Decode, &["at"][..], false));
        assert!(error.to_string().contains(r#"is stored as "2024-01-02T03:04:05Z""#), "{error}");
    };
    refused(result.expect_err("the text is not found"));
    assert_eq!(cost.retries, 0, "nobody else is at it");
    refused(Entry::update(Entry::ID.eq("a")).filter(at()).set(Entry::LEFT, 5_i8).exec(orm).await.unwrap_err());
    refused(Entry::delete(Entry::ID.eq("a")).filter(at()).exec(orm).await.unwrap_err());
    // A number is found in any notation.
    let by_rest = || Entry::update(Entry::ID.eq("a")).filter(Entry::REST.eq(decimal("2.5")));
    assert!(by_rest().set(Entry::LEFT, 6_i8).exec(orm).await?.is_some());
    let other = Entry::update(Entry::ID.eq("a")).filter(Entry::REST.ne(decimal("2.5"))).set(Entry::LEFT, 7_i8);
    assert!(other.exec(orm).await?.is_none());
    assert_eq!(Entry::delete(Entry::ID.eq("a")).filter(Entry::REST.not_in([decimal("2.5")])).exec(orm).await?, 0);
    assert_eq!(Entry::delete(Entry::ID.eq("a")).filter(Entry::REST.eq(decimal("2.5"))).exec(orm).await?, 1);
    Ok(())
}

/// The lock of such a text would not be the one that all others look for.
#[tokio::test]
async fn the_auditor_names_it_and_leaves_it() -> Outcome {
    let Bed { orm, client } = &Bed::new().await?;
    let auditor = Auditor::of(orm)?;
    let report = auditor.audit::<Entry>().await?;
    let [Finding::Undecodable { key, why }] = report.findings() else { panic!("{report}") };
    assert!(key == "record#a" && why.contains("`entry.amount`") && why.contains(r#""1.50""#), "{why}");
    auditor.repair(&report).await?;
    assert_eq!(client.scan().table_name("entries").send().await?.count(), 1, "there are no locks");
    // Neither is the lock of the same value taken from it.
    let bed = Bed::new().await?;
    bed.put("amount", text("1.5")).await?;
    let auditor = Auditor::of(&bed.orm)?;
    let report = auditor.audit::<Entry>().await?;
    assert_eq!(auditor.repair(&report).await?.len(), 2);
    assert!(auditor.audit::<Entry>().await?.is_clean());
    bed.put("at", text("2024-01-02T03:04:05Z")).await?;
    bed.client
        .update_item()
        .table_name("entries")
        .key("__orm_pk", text("record#a"))
        .update_expression("SET amount = :a")
        .expression_attribute_values(":a", text("1.5"))
        .send()
        .await?;
    let report = auditor.audit::<Entry>().await?;
    let [Finding::Undecodable { why, .. }] = report.findings() else { panic!("{report}") };
    assert!(why.contains("`entry.at`"), "{why}");
    Ok(())
}

#[tokio::test]
async fn a_value_outside_of_the_range_comes_into_it_or_is_said_to_be_out_of_it() -> Outcome {
    let bed = Bed::new().await?;
    let number = |number: i64| AttributeValue::N(number.to_string());
    for (stored, by, sum) in
        [(-130, 2, Some(-128)), (-200, 100, Some(-100)), (130, -3, Some(127)), (-130, 1, None), (130, -2, None)]
    {
        for of_many in [false, true] {
            bed.put("left", number(stored)).await?;
            let added = if of_many {
                Entry::update_many().filter(Entry::ID.eq("a")).increment(Entry::LEFT, by).exec(&bed.orm).await.map(drop)
            } else {
                Entry::update(Entry::ID.eq("a"))
                    .increment(Entry::LEFT, by)
                    .select(Entry::ID)
                    .exec(&bed.orm)
                    .await
                    .map(drop)
            };
            let Some(sum) = sum else {
                let error = added.expect_err("out of the range");
                assert_eq!((error.code(), error.fields()), (ErrorCode::InvalidValue, &["left"][..]), "{error}");
                continue;
            };
            added?;
            assert_eq!(Entry::find_unique(Entry::ID.eq("a")).select(Entry::LEFT).exec(&bed.orm).await?, Some(sum));
        }
    }
    Ok(())
}

/// A price that may be stored as a text, and nothing unique but its id.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "prices")]
struct Price {
    #[orm(id)]
    id: String,
    #[orm(index)]
    kind: String,
    amount: Decimal,
}

#[tokio::test]
async fn a_decimal_in_another_notation_is_not_another_value() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let orm = Orm::bootstrap(schema![Price], &embedded).await?;
    let put = embedded.client().put_item().table_name("prices").item("__orm_pk", text("record#a"));
    let put = put.item("__orm_kind", text("record")).item("id", text("a")).item("kind", text("k"));
    put.item("amount", text("1.50")).send().await?;
    let amount = decimal("1.5");
    let others: [Filter<Price>; 4] = [
        Price::AMOUNT.ne(amount),
        !Price::AMOUNT.eq(amount),
        Price::AMOUNT.not_in([amount, decimal("2")]),
        !(Price::AMOUNT.gt(decimal("1")).and(Price::AMOUNT.eq(amount))),
    ];
    for other in &others {
        assert_eq!(Price::find_many().filter(other.clone()).exec(&orm).await?, []);
        assert_eq!(Price::find_many().filter(Price::KIND.eq("k").and(other.clone())).exec(&orm).await?, []);
        assert_eq!(Price::count().filter(other.clone()).exec(&orm).await?, 0);
        assert_eq!(Price::update_many().filter(other.clone()).set(Price::KIND, "l").exec(&orm).await?, 0);
        assert_eq!(Price::delete(Price::ID.eq("a")).filter(other.clone()).exec(&orm).await?, 0);
        assert_eq!(Price::delete_many().filter(other.clone()).exec(&orm).await?, 0);
    }
    // By either alternative, and once all the same.
    let either = any((Price::ID.eq("a").and(Price::AMOUNT.eq(amount)), Price::KIND.eq("k")));
    assert_eq!(Price::find_many().filter(either.clone()).exec(&orm).await?.len(), 1);
    assert_eq!(Price::count().filter(either).exec(&orm).await?, 1);
    // Bounds find it, be they one value.
    for (low, high) in [("1.4", "1.5"), ("1.5", "1.5"), ("1.5", "1.6")] {
        let within = Price::AMOUNT.between(decimal(low), decimal(high));
        assert_eq!(Price::count().filter(within).exec(&orm).await?, 1, "{low} to {high}");
    }
    assert_eq!(Price::count().filter(Price::AMOUNT.gt(amount).and(Price::AMOUNT.lte(amount))).exec(&orm).await?, 0);
    Ok(())
}

/// What a delete of many has no use for it does not read, in a group of its own either.
#[tokio::test]
async fn a_delete_of_many_asks_nothing_of_other_fields() -> Outcome {
    let bed = Bed::new().await?;
    let put = bed.client.put_item().table_name("entries").item("__orm_pk", text("record#b"));
    let put = put.item("__orm_kind", text("record")).item("id", text("b")).item("amount", text("7"));
    let put =
        put.item("at", text("2024-01-03T03:04:05.000Z")).item("rest", AttributeValue::Ss(vec!["no number".into()]));
    put.item("big", text("7")).item("left", AttributeValue::N("1".to_owned())).send().await?;
    // The first one's values are in another form, for which no condition asks: its group is refused, and each is deleted alone.
    assert_eq!(Entry::delete_many().exec(&bed.orm).await?, 2);
    assert_eq!(Entry::count().exec(&bed.orm).await?, 0);
    Ok(())
}
