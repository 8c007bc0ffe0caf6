//! Writes whose answer is lost: what was applied is not reported as a duplicate, and not applied twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use orm::prelude::*;
use orm_dynamodb::Embedded;
use tests::faults::{Fault, FaultyClient};
use tests::suite::Outcome;

/// How often something happened.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "counters")]
struct Counter {
    #[orm(id)]
    id: String,
    #[orm(default = 0)]
    value: i64,
    total: Option<rust_decimal::Decimal>,
    #[orm(default = 0)]
    left: u8,
}

/// A name that one record can have.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "names")]
struct Name {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    text: String,
    #[orm(default = 0)]
    uses: i64,
    total: Option<rust_decimal::Decimal>,
}

/// An engine that loses the answer to the next write of an operation, or loses the write itself.
struct Bed {
    orm: Orm,
    next: Arc<AtomicBool>,
}

impl Bed {
    async fn new(operation: &'static str, fault: Fault) -> Result<Self, Error> {
        let embedded = Embedded::in_memory()?;
        let next: Arc<AtomicBool> = Arc::default();
        let client = FaultyClient::new(embedded.http_client(), {
            let next = next.clone();
            move |sent, _| (sent == operation && next.swap(false, Ordering::Relaxed)).then(|| fault.clone())
        });
        let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
        let config = embedded.config().http_client(client).retry_config(retries).build();
        Ok(Self { orm: Orm::bootstrap(schema![Counter, Name], config).await?, next })
    }

    fn strike(&self) {
        self.next.store(true, Ordering::Relaxed);
    }

    fn struck(&self) -> bool {
        !self.next.load(Ordering::Relaxed)
    }
}

fn faults() -> [Fault; 3] {
    [Fault::AnswerLost, Fault::Dropped, Fault::exception(500, "InternalServerError")]
}

#[tokio::test]
async fn a_create_is_no_duplicate_of_itself() -> Outcome {
    for fault in faults() {
        let bed = Bed::new("PutItem", fault.clone()).await?;
        bed.strike();
        let given = Counter::create().id("a").exec(&bed.orm).await?;
        assert_eq!((given.id.as_str(), bed.struck()), ("a", true));
        bed.strike();
        Counter::create().exec(&bed.orm).await?;
        let error = Counter::create().id("a").exec(&bed.orm).await.expect_err("a real duplicate is still one");
        assert_eq!((error.code(), error.fields()), (ErrorCode::UniqueConstraintViolation, &["id"][..]));
        assert_eq!(Counter::count().exec(&bed.orm).await?, 2, "{fault:?}");

        let bed = Bed::new("TransactWriteItems", fault).await?;
        bed.strike();
        Name::create().id("a").text("x").exec(&bed.orm).await?;
        assert!(bed.struck());
        let error = Name::create().text("x").exec(&bed.orm).await.expect_err("a real duplicate is still one");
        assert_eq!((error.code(), error.fields()), (ErrorCode::UniqueConstraintViolation, &["text"][..]));
    }
    Ok(())
}

/// What was applied takes the record out of its filter, and is not excluded by itself.
#[tokio::test]
async fn a_conditional_update_is_not_excluded_by_itself() -> Outcome {
    for fault in faults() {
        let bed = Bed::new("UpdateItem", fault.clone()).await?;
        Counter::create().id("a").exec(&bed.orm).await?;
        let claim = |from: i64| Counter::update(Counter::ID.eq("a")).filter(Counter::VALUE.eq(from));
        for round in 0..3 {
            bed.strike();
            let claimed = claim(round).set(Counter::VALUE, round + 1).exec(&bed.orm).await?;
            assert_eq!((claimed.map(|counter| counter.value), bed.struck()), (Some(round + 1), true), "{fault:?}");
            bed.strike();
            let added = claim(round + 1).increment(Counter::LEFT, 1_u8).exec(&bed.orm).await?;
            assert_eq!((added.map(|counter| counter.left), bed.struck()), (Some(round as u8 + 1), true), "{fault:?}");
            assert!(claim(round).set(Counter::VALUE, 9).exec(&bed.orm).await?.is_none(), "{fault:?}");
        }
        // A lock moves with it.
        let bed = Bed::new("TransactWriteItems", fault.clone()).await?;
        Name::create().id("a").text("x").exec(&bed.orm).await?;
        bed.strike();
        let moved =
            Name::update(Name::ID.eq("a")).filter(Name::TEXT.eq("x")).set(Name::TEXT, "y").exec(&bed.orm).await?;
        assert_eq!((moved.map(|name| name.text).as_deref(), bed.struck()), (Some("y"), true), "{fault:?}");
        bed.strike();
        let gone = Name::consume(Name::TEXT.eq("y")).filter(Name::USES.eq(0)).exec(&bed.orm).await?;
        assert_eq!((gone.is_some(), bed.struck()), (true, true), "{fault:?}");
    }
    Ok(())
}

/// Without a lock nothing tells whose delete it was, once the record is gone. And where the filter does not hold, what got no
/// answer may still arrive when it does.
#[tokio::test]
async fn a_conditional_delete_is_made_again_only_if_the_record_is_there_and_the_filter_holds() -> Outcome {
    for fault in faults() {
        let bed = Bed::new("DeleteItem", fault.clone()).await?;
        for (value, is_held) in [(0, true), (1, false)] {
            let id = Counter::create().select(Counter::ID).exec(&bed.orm).await?;
            bed.strike();
            let deleted = Counter::delete(Counter::ID.eq(&id)).filter(Counter::VALUE.eq(value)).exec(&bed.orm).await;
            assert!(bed.struck());
            match deleted {
                Err(error) => {
                    assert!(
                        error.is_outcome_unknown() && (!is_held || fault == Fault::AnswerLost),
                        "{fault:?}: {error}"
                    );
                }
                Ok(deleted) => assert!(is_held && fault != Fault::AnswerLost && deleted == 1, "{fault:?}"),
            }
            assert_eq!(Counter::count().exec(&bed.orm).await?, u64::from(!is_held), "{fault:?}");
            Counter::delete(Counter::ID.eq(id)).exec(&bed.orm).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_increment_is_applied_once() -> Outcome {
    for fault in faults() {
        let bed = Bed::new("UpdateItem", fault.clone()).await?;
        Counter::create().id("a").exec(&bed.orm).await?;
        for round in 1..=8 {
            bed.strike();
            let counter = Counter::update(Counter::ID.eq("a"))
                .increment(Counter::VALUE, 1)
                .increment(Counter::TOTAL, "0.5".parse::<rust_decimal::Decimal>()?)
                .exec(&bed.orm)
                .await?
                .ok_or("the counter is there")?;
            assert!(bed.struck());
            assert_eq!(counter.value, round, "{fault:?}");
            assert_eq!(Counter::find_unique(Counter::ID.eq("a")).exec(&bed.orm).await?, Some(counter));
        }
        // One that moves a lock is part of a transaction.
        let bed = Bed::new("TransactWriteItems", fault.clone()).await?;
        Name::create().id("a").text("x").exec(&bed.orm).await?;
        bed.strike();
        let name =
            Name::update(Name::TEXT.eq("x")).set(Name::TEXT, "y").increment(Name::USES, 1).exec(&bed.orm).await?;
        assert_eq!(name.map(|name| (name.text, name.uses)), Some(("y".into(), 1)), "{fault:?}");
        assert!(bed.struck());
    }
    Ok(())
}

#[tokio::test]
async fn an_increment_that_is_refused_stays_refused() -> Outcome {
    for fault in faults() {
        let bed = Bed::new("UpdateItem", fault).await?;
        Counter::create().id("a").left(1).exec(&bed.orm).await?;
        Counter::update(Counter::ID.eq("a")).decrement(Counter::LEFT, 1).exec(&bed.orm).await?;
        bed.strike();
        let error = Counter::update(Counter::ID.eq("a")).decrement(Counter::LEFT, 1).exec(&bed.orm).await;
        assert_eq!(error.map_err(|error| error.code()), Err(ErrorCode::InvalidValue));
        assert_eq!(Counter::update(Counter::ID.eq("b")).increment(Counter::VALUE, 1).exec(&bed.orm).await?, None);
    }
    Ok(())
}

#[tokio::test]
async fn many_increments_add_up_though_answers_are_lost() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let mut sent = 0;
    let client = FaultyClient::new(embedded.http_client(), move |operation, _| {
        sent += usize::from(operation == "UpdateItem");
        match sent % 7 {
            3 if operation == "UpdateItem" => Some(Fault::AnswerLost),
            5 if operation == "UpdateItem" => Some(Fault::Dropped),
            _ => None,
        }
    });
    let orm = Orm::bootstrap(schema![Counter, Name], embedded.config().http_client(client).build()).await?;
    Counter::create().id("a").exec(&orm).await?;
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let orm = orm.clone();
            tokio::spawn(async move {
                let (mut applied, mut unknown) = (0, 0);
                for _ in 0..25 {
                    match Counter::update(Counter::ID.eq("a")).increment(Counter::VALUE, 1).exec(&orm).await {
                        Ok(_) => applied += 1,
                        Err(error) if error.code() == ErrorCode::Timeout && !error.is_retryable() => unknown += 1,
                        Err(error) => return Err(error),
                    }
                }
                Ok((applied, unknown))
            })
        })
        .collect();
    let (mut applied, mut unknown) = (0, 0);
    for task in tasks {
        let (of_task, unknown_of_task) = task.await??;
        applied += of_task;
        unknown += unknown_of_task;
    }
    let value = Counter::find_unique(Counter::ID.eq("a")).select(Counter::VALUE).exec(&orm).await?.ok_or("there")?;
    assert!(
        (applied..=applied + unknown).contains(&value),
        "{applied} applied, {unknown} unknown, {value} in the store"
    );
    Ok(())
}

/// The answer to a transaction is lost, and what is sent again finds the first still at work: a conflict with itself.
/// All of it is one transaction, which was applied.
#[tokio::test(start_paused = true)]
async fn a_transaction_that_conflicts_with_itself_is_applied_once() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let next = Arc::<AtomicUsize>::default();
    let client = FaultyClient::new(embedded.http_client(), {
        let next = next.clone();
        move |operation, _| {
            if operation != "TransactWriteItems" {
                return None;
            }
            match next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)) {
                Ok(2) => Some(Fault::AnswerLost),
                Ok(1) => Some(Fault::cancelled(["TransactionConflict", "None", "None"])),
                _ => None,
            }
        }
    });
    let orm = Orm::bootstrap(schema![Counter, Name], embedded.config().http_client(client).build()).await?;
    let strike = || next.store(2, Ordering::Relaxed);
    let has_struck = || next.load(Ordering::Relaxed) == 0;

    strike();
    Name::create().id("a").text("x").exec(&orm).await?;
    assert!(has_struck());
    strike();
    Name::create_many(["b", "c"].map(|id| Name::create().id(id).text(id))).exec(&orm).await?;
    assert!(has_struck());
    strike();
    let moved = Name::update(Name::ID.eq("a")).set(Name::TEXT, "y").increment(Name::USES, 1).exec(&orm).await?;
    assert_eq!((moved.map(|name| (name.text, name.uses)), has_struck()), (Some(("y".into(), 1)), true));
    strike();
    let many = Name::update_many().filter(Name::ID.eq("a")).set(Name::TEXT, "z").increment(Name::USES, 1);
    assert_eq!((many.exec(&orm).await?, has_struck()), (1, true));
    let uses = Name::find_unique(Name::TEXT.eq("z")).select(Name::USES).exec(&orm).await?;
    assert_eq!(uses, Some(2));
    strike();
    let upserted = Name::upsert(Name::TEXT.eq("u"))
        .create(Name::create().id("u").text("u"))
        .update(|name| name.increment(Name::USES, 1))
        .exec(&orm)
        .await?;
    assert_eq!((upserted.uses, has_struck()), (0, true), "it was stored, and not changed as well");
    strike();
    let consumed = Name::consume(Name::TEXT.eq("z")).select(Name::ID).exec(&orm).await?;
    assert_eq!((consumed.as_deref(), has_struck()), (Some("a"), true));
    strike();
    assert_eq!((Name::delete(Name::ID.eq("b")).exec(&orm).await?, has_struck()), (1, true));
    strike();
    assert_eq!((Name::delete_many().filter(Name::ID.eq("c")).exec(&orm).await?, has_struck()), (1, true));
    Ok(())
}

/// The same, but DynamoDB says so, for longer than the SDK asks.
#[tokio::test(start_paused = true)]
async fn a_transaction_that_is_still_at_work_is_waited_for() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let mut sent = 0;
    let client = FaultyClient::new(embedded.http_client(), move |operation, _| {
        sent += usize::from(operation == "TransactWriteItems");
        match sent {
            1 => Some(Fault::AnswerLost),
            2..=6 => Some(Fault::exception(400, "TransactionInProgressException")),
            _ => None,
        }
    });
    let orm = Orm::bootstrap(schema![Name], embedded.config().http_client(client).build()).await?;
    Name::create().id("a").text("x").exec(&orm).await?;
    let error = Name::create().id("b").text("x").exec(&orm).await.expect_err("the text is taken");
    assert_eq!((error.code(), error.fields()), (ErrorCode::UniqueConstraintViolation, &["text"][..]));
    // But not without end, and then nobody knows.
    let client = FaultyClient::new(embedded.http_client(), |operation, _| {
        (operation == "TransactWriteItems").then(|| Fault::exception(400, "TransactionInProgressException"))
    });
    let orm = Orm::from_runtime(schema![Name], embedded.config().http_client(client).build())?;
    let error = Name::create().id("b").text("y").exec(&orm).await.expect_err("it is at work");
    assert_eq!((error.code(), error.is_outcome_unknown()), (ErrorCode::TransactionConflict, true));
    Ok(())
}

/// DynamoDB answers a transaction that was made before for the units of reading its items.
#[tokio::test]
async fn the_answer_to_a_repeated_transaction_took_a_read() -> Outcome {
    let bed = Bed::new("TransactWriteItems", Fault::AnswerLost).await?;
    let (_, once) = Name::create().id("a").text("x").exec_with_cost(&bed.orm).await?;
    assert_eq!((once.read_units, once.write_units), (0.0, 4.0));
    bed.strike();
    let (_, twice) = Name::create().id("b").text("y").exec_with_cost(&bed.orm).await?;
    assert_eq!((twice.read_units, twice.write_units), (4.0, 0.0));
    Ok(())
}

/// Of many records, only the one whose increment was sent again remembers that.
#[tokio::test]
async fn a_lost_answer_is_that_of_one_record() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let mut sent = 0;
    let client = FaultyClient::new(embedded.http_client(), move |operation, _| {
        sent += usize::from(operation == "UpdateItem");
        (operation == "UpdateItem" && sent == 1).then_some(Fault::Dropped)
    });
    let orm = Orm::bootstrap(schema![Counter], embedded.config().http_client(client).build()).await?;
    let ids: Vec<String> = (0..60).map(|n| format!("c{n}")).collect();
    Counter::create_many(ids.iter().map(|id| Counter::create().id(id.as_str()))).exec(&orm).await?;
    let all = Counter::update_many().filter(Counter::ID.is_in(ids)).increment(Counter::VALUE, 1);
    assert_eq!(all.exec(&orm).await?, 60);
    let items = embedded.client().scan().table_name("counters").send().await?;
    let sent_again = items.items().iter().filter(|item| item.contains_key("__orm_again"));
    assert_eq!(sent_again.count(), 1);
    Ok(())
}

/// Without transactions a create is a request for its lock and one for its record: what either finds is its own.
#[tokio::test(start_paused = true)]
async fn without_transactions_a_create_is_no_duplicate_of_itself() -> Outcome {
    for lost in ["the lock", "the record"] {
        let embedded = Embedded::in_memory()?;
        let mut puts = ["the lock", "the record"].into_iter();
        let client = FaultyClient::new(embedded.http_client(), move |operation, _| match operation {
            "TransactWriteItems" => Some(Fault::unknown_operation()),
            // What is sent again comes after it.
            "PutItem" => (puts.next() == Some(lost)).then_some(Fault::AnswerLost),
            _ => None,
        });
        let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
        let config = embedded.config().http_client(client).retry_config(retries).build();
        let orm = Orm::bootstrap(schema![Name], config).await?;
        let created = Name::create().id("a").text("x").exec(&orm).await;
        assert!(created.is_ok(), "the answer to {lost} is lost: {created:?}");
        let taken = Name::create().id("b").text("x").exec(&orm).await.expect_err("the text is taken");
        assert_eq!((taken.code(), taken.fields()), (ErrorCode::UniqueConstraintViolation, &["text"][..]), "{lost}");
    }
    Ok(())
}

/// Without transactions an update that moves a lock is refused when it is sent again, for it relies on the value that it
/// has changed itself: only what the record remembers tells that it was applied.
#[tokio::test(start_paused = true)]
async fn without_transactions_an_update_that_moves_a_lock_is_no_rival_of_itself() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let next: Arc<AtomicBool> = Arc::default();
    let client = FaultyClient::new(embedded.http_client(), {
        let next = next.clone();
        move |operation, _| match operation {
            "TransactWriteItems" => Some(Fault::unknown_operation()),
            "UpdateItem" => next.swap(false, Ordering::Relaxed).then_some(Fault::AnswerLost),
            _ => None,
        }
    });
    let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let config = embedded.config().http_client(client).retry_config(retries).build();
    let orm = Orm::bootstrap(schema![Name], config).await?;
    // The driver finds out about the engine.
    Name::create().id("a").text("x").exec(&orm).await?;
    next.store(true, Ordering::Relaxed);
    let moved = Name::update(Name::ID.eq("a")).set(Name::TEXT, "y").exec(&orm).await?;
    assert_eq!((moved.map(|name| name.text), next.load(Ordering::Relaxed)), (Some("y".into()), false));
    // The lock that it took is kept, and the other one is freed.
    let taken = Name::create().id("b").text("y").exec(&orm).await.expect_err("the text is taken");
    assert_eq!((taken.code(), taken.fields()), (ErrorCode::UniqueConstraintViolation, &["text"][..]));
    Name::create().id("b").text("x").exec(&orm).await?;
    Ok(())
}
