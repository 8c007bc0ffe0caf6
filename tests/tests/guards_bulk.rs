//! Guards of writes to many records, and of large ones: each is counted once, whatever gets in between, is lost or fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use orm::prelude::*;
use orm_dynamodb::Embedded;
use rust_decimal::Decimal;
use serde_json::json;
use tests::faults::{Fault, FaultyClient};
use tests::kinds::Stock;
use tests::requests::RequestCounter;
use tests::suite::Outcome;
use tokio::sync::Notify;

/// Nothing unique but its id.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "purses")]
struct Purse {
    #[orm(id)]
    id: String,
    #[orm(default = Decimal::ZERO)]
    amount: Decimal,
    #[orm(default = "pending")]
    status: String,
}

/// A large record with a lock.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "blobs")]
struct Blob {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    number: i64,
    data: String,
}

/// A document.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "papers")]
struct Paper {
    #[orm(id)]
    id: String,
    body: serde_json::Value,
}

/// What is added to it is added by the driver.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "shelves")]
struct Shelf {
    #[orm(id)]
    id: String,
    stock: Stock,
}

/// How many records of an `update_many` are under way at once.
const CONCURRENCY: usize = 16;

/// An engine on which something happens to some requests of one operation.
struct Bed {
    plain: Orm,
    faulty: Orm,
    sent: Arc<AtomicUsize>,
    struck: Arc<Notify>,
}

impl Bed {
    /// The plan is asked with the number of the UpdateItem, from 0.
    async fn new(plan: impl Fn(usize) -> Option<Fault> + Send + 'static) -> Result<Self, Error> {
        Self::of("UpdateItem", plan).await
    }

    async fn of(of: &'static str, plan: impl Fn(usize) -> Option<Fault> + Send + 'static) -> Result<Self, Error> {
        let embedded = Embedded::in_memory()?;
        let (sent, struck) = (Arc::<AtomicUsize>::default(), Arc::<Notify>::default());
        let client = FaultyClient::new(embedded.http_client(), {
            let (sent, struck) = (sent.clone(), struck.clone());
            move |operation, _| {
                let number = (operation == of).then(|| sent.fetch_add(1, Ordering::Relaxed))?;
                plan(number).inspect(|_| struck.notify_one())
            }
        });
        let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
        let config = embedded.config().http_client(client).retry_config(retries).build();
        let plain = Orm::bootstrap(schema![Purse], embedded.client()).await?;
        Ok(Self { plain, faulty: Orm::from_runtime(schema![Purse], config)?, sent, struck })
    }
}

#[tokio::test(start_paused = true)]
async fn an_increment_of_many_that_loses_a_race_is_made_on_the_new_value() -> Outcome {
    let bed = Bed::new(|number| (number == 0).then_some(Fault::Delayed(Duration::from_secs(1)))).await?;
    Purse::create().id("a").amount(Decimal::ONE).exec(&bed.plain).await?;
    let (increment, set) = tokio::join!(
        Purse::update_many()
            .filter(Purse::STATUS.eq("pending"))
            .increment(Purse::AMOUNT, Decimal::TEN)
            .exec(&bed.faulty),
        async {
            let held_back = tokio::time::timeout(Duration::from_secs(60), bed.struck.notified()).await;
            held_back.expect("the increment is held back");
            Purse::update(Purse::ID.eq("a")).set(Purse::AMOUNT, Decimal::TWO).exec(&bed.plain).await
        }
    );
    assert_eq!((increment?, set?.map(|purse| purse.amount)), (1, Some(Decimal::TWO)));
    let amount = Purse::find_unique(Purse::ID.eq("a")).select(Purse::AMOUNT).exec(&bed.plain).await?;
    assert_eq!(amount, Some(Decimal::from(12)));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_checked_delete_of_many_leaves_what_no_longer_matches() -> Outcome {
    for (operation, deleted, left) in [("DeleteItem", 0, 1), ("BatchWriteItem", 2, 0)] {
        let bed = Bed::of(operation, |_| Some(Fault::Delayed(Duration::from_secs(1)))).await?;
        Purse::create_many(["a", "b"].map(|id| Purse::create().id(id))).exec(&bed.plain).await?;
        let delete = Purse::delete_many().filter(Purse::STATUS.eq("pending"));
        let delete = if operation == "DeleteItem" { delete.checked() } else { delete };
        let (delete, meanwhile) = tokio::join!(delete.exec(&bed.faulty), async {
            let held_back = tokio::time::timeout(Duration::from_secs(60), bed.struck.notified()).await;
            held_back.expect("the delete is held back");
            Purse::update(Purse::ID.eq("a")).set(Purse::STATUS, "kept").exec(&bed.plain).await?;
            Purse::delete(Purse::ID.eq("b")).exec(&bed.plain).await
        });
        assert_eq!((delete?, meanwhile?, Purse::count().exec(&bed.plain).await?), (deleted, 1, left), "{operation}");
    }
    Ok(())
}

/// What the filter leaves out is no sum out of range: the record is read after another writer has changed it.
#[tokio::test(start_paused = true)]
async fn a_sum_is_made_only_for_what_still_matches() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let plain = Orm::bootstrap(schema![Shelf], embedded.client()).await?;
    let reads = Arc::<Notify>::default();
    let client = FaultyClient::new(embedded.http_client(), {
        let reads = reads.clone();
        move |operation, _| {
            (operation == "GetItem").then(|| {
                reads.notify_one();
                Fault::Delayed(Duration::from_secs(1))
            })
        }
    });
    let slow = Orm::from_runtime(schema![Shelf], embedded.config().http_client(client).build())?;
    for id in ["a", "b"] {
        Shelf::create().id(id).stock(Stock(3)).exec(&plain).await?;
    }
    let take = Shelf::update_many().filter(Shelf::STOCK.gte(Stock(2))).decrement(Shelf::STOCK, Stock(2));
    let (taken, set) = tokio::join!(take.exec(&slow), async {
        reads.notified().await;
        Shelf::update(Shelf::ID.eq("a")).set(Shelf::STOCK, Stock(1)).exec(&plain).await
    });
    set?;
    assert_eq!(taken?, 1);
    let stocks = Shelf::find_many().order_by(Shelf::ID.asc()).select(Shelf::STOCK).exec(&plain).await?;
    // The one was set to it, the other is what was left.
    assert_eq!(stocks, [Stock(1), Stock(1)]);
    Ok(())
}

/// A filter that no expression holds is relied on as it was found.
#[tokio::test(start_paused = true)]
async fn an_update_of_many_by_a_long_list_leaves_what_no_longer_matches() -> Outcome {
    for leaves in [true, false] {
        let bed = Bed::new(|number| (number == 0).then_some(Fault::Delayed(Duration::from_secs(1)))).await?;
        Purse::create().id("a").exec(&bed.plain).await?;
        let states = (0..600).map(|n| format!("state {n}")).chain(["pending".to_owned()]);
        let claim = Purse::update_many().filter(Purse::STATUS.is_in(states)).set(Purse::AMOUNT, Decimal::TEN);
        let (claimed, others) = tokio::join!(claim.exec(&bed.faulty), async {
            let held_back = tokio::time::timeout(Duration::from_secs(60), bed.struck.notified()).await;
            held_back.expect("the claim is held back");
            let state = if leaves { "done" } else { "state 7" };
            Purse::update(Purse::ID.eq("a")).set(Purse::STATUS, state).exec(&bed.plain).await
        });
        others?;
        let expected = if leaves { (0, Decimal::ZERO) } else { (1, Decimal::TEN) };
        let amount = Purse::find_unique(Purse::ID.eq("a")).select(Purse::AMOUNT).exec(&bed.plain).await?;
        assert_eq!((claimed?, amount), (expected.0, Some(expected.1)));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_claim_whose_answer_is_lost_is_still_counted() -> Outcome {
    for fault in [Fault::AnswerLost, Fault::Dropped, Fault::exception(500, "InternalServerError")] {
        let bed = Bed::new({
            let fault = fault.clone();
            move |number| (number == 0).then(|| fault.clone())
        })
        .await?;
        Purse::create().id("a").exec(&bed.plain).await?;
        let is_pending = || Purse::ID.eq("a").and(Purse::STATUS.eq("pending"));
        let claim =
            async |orm: &Orm| Purse::update_many().filter(is_pending()).set(Purse::STATUS, "claimed").exec(orm).await;
        assert_eq!(claim(&bed.faulty).await?, 1, "{fault:?}");
        assert_eq!(bed.sent.load(Ordering::Relaxed), 2, "{fault:?}");
        let status = Purse::find_unique(Purse::ID.eq("a")).select(Purse::STATUS).exec(&bed.plain).await?;
        assert_eq!(status.as_deref(), Some("claimed"), "{fault:?}");
        assert_eq!(claim(&bed.faulty).await?, 0, "the second claim, {fault:?}");
    }
    Ok(())
}

#[tokio::test]
async fn large_records_whose_locks_move_take_several_transactions() -> Outcome {
    const COUNT: i64 = 33;
    let counter = RequestCounter::default();
    let config = Embedded::in_memory()?.config().interceptor(counter.clone()).build();
    let orm = Orm::bootstrap(schema![Blob], config).await?;
    Blob::create_many((0..COUNT).map(|n| Blob::create().id(format!("b{n}")).number(n * 10).data("")))
        .exec(&orm)
        .await?;
    counter.take();
    let data = "x".repeat(200_000);
    let written = Blob::update_many().increment(Blob::NUMBER, 1).set(Blob::DATA, data.as_str()).exec(&orm).await?;
    assert_eq!(written, COUNT as u64);
    let transactions = counter.take().get("TransactWriteItems").copied();
    assert!(transactions.is_some_and(|count| (2..=5).contains(&count)), "{transactions:?}");
    let mut blobs = Blob::find_many().exec(&orm).await?;
    blobs.sort_unstable_by_key(|blob| blob.number);
    for (n, blob) in (0..COUNT).zip(&blobs) {
        assert_eq!((blob.number, blob.data == data), (n * 10 + 1, true));
    }
    // The locks have moved with them.
    Blob::create().number(0).data("").exec(&orm).await?;
    let taken = Blob::create().number(1).data("").exec(&orm).await.expect_err("it is taken");
    assert_eq!((taken.code(), taken.fields()), (ErrorCode::UniqueConstraintViolation, &["number"][..]));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn after_an_error_nothing_more_is_started_and_what_was_written_is_counted() -> Outcome {
    for failing in [0, 40] {
        let denied = move |number| (number >= failing).then(|| Fault::exception(400, "AccessDeniedException"));
        let bed = Bed::new(denied).await?;
        let ids: Vec<String> = (0..200).map(|n| format!("p{n}")).collect();
        Purse::create_many(ids.iter().map(|id| Purse::create().id(id))).exec(&bed.plain).await?;
        let claim = Purse::update_many().filter(Purse::ID.is_in(ids)).set(Purse::STATUS, "claimed");
        let error = claim.exec(&bed.faulty).await.expect_err("the access is denied");
        assert_eq!(error.code(), ErrorCode::AccessDenied);
        let sent = bed.sent.load(Ordering::Relaxed);
        assert!(sent <= failing + CONCURRENCY + 1, "{sent} were sent, though the {failing}th failed");
        let claimed = Purse::count().filter(Purse::STATUS.eq("claimed")).exec(&bed.plain).await?;
        assert_eq!((error.written(), claimed), (Some(failing as u64), failing as u64));
    }
    Ok(())
}

#[tokio::test]
async fn a_document_of_many_small_numbers_is_left_to_dynamodb_to_measure() -> Outcome {
    let orm = Orm::bootstrap(schema![Paper], Embedded::in_memory()?.client()).await?;
    let numbers = vec![5; 120_000];
    Paper::create().id("a").body(json!(numbers)).exec(&orm).await?;
    let stored = Paper::find_unique(Paper::ID.eq("a")).select(Paper::BODY).exec(&orm).await?;
    assert_eq!(stored.as_ref().and_then(|body| body.as_array()).map(Vec::len), Some(numbers.len()));
    Ok(())
}
