//! Writes on an engine without TransactWriteItems, with each of their steps made to fail in turn: no record without
//! its locks, no lock kept by a write that failed, no partial update; and what a crash leaves is taken over.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use orm::prelude::*;
use orm_dynamodb::{DynamoDb, Embedded, Retries};
use tests::faults::{Fault, FaultyClient};
use tests::models::Organization;
use tests::requests::{RequestCounter, counts};
use tests::suite::Outcome;

/// What to do to the writes: the number of the write from which on something happens, and what.
#[derive(Clone, Debug)]
struct Failure {
    /// Which write fails, from 0.
    at: usize,
    fault: Fault,
    /// Whether all writes after it fail too: then the writer has crashed.
    crash: bool,
}

/// An embedded engine without transactions, whose writes can be made to fail.
struct Bed {
    embedded: Embedded,
    client: Client,
    orm: Orm,
    failure: Arc<Mutex<Option<Failure>>>,
    writes: Arc<AtomicUsize>,
    transactions: Arc<AtomicUsize>,
    /// Whether what is read after the first write is refused.
    refuses_reads: Arc<AtomicBool>,
}

impl Bed {
    async fn new() -> Result<Self, Error> {
        Self::on(Embedded::in_memory()?, RetryConfig::disabled()).await
    }

    /// One whose writers make one attempt.
    async fn of_one_attempt() -> Result<Self, Error> {
        let bed = Self::new().await?;
        let client = bed.client.clone();
        let driver = DynamoDb::builder(client).retries(Retries::default().attempts(1)).build();
        Ok(Self { orm: Orm::from_runtime(schema![Organization], driver)?, ..bed })
    }

    async fn on(embedded: Embedded, retries: RetryConfig) -> Result<Self, Error> {
        let failure: Arc<Mutex<Option<Failure>>> = Arc::default();
        let (writes, transactions) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let refuses_reads = Arc::<AtomicBool>::default();
        let client = FaultyClient::new(embedded.http_client(), {
            let (failure, writes, transactions) = (failure.clone(), writes.clone(), transactions.clone());
            let refuses_reads = refuses_reads.clone();
            move |operation, _| match operation {
                "GetItem" if refuses_reads.load(Ordering::Relaxed) && writes.load(Ordering::Relaxed) > 0 => {
                    Some(Fault::exception(400, "ValidationException"))
                }
                "TransactWriteItems" => {
                    transactions.fetch_add(1, Ordering::Relaxed);
                    Some(Fault::unknown_operation())
                }
                "PutItem" | "UpdateItem" | "DeleteItem" => {
                    let write = writes.fetch_add(1, Ordering::Relaxed);
                    let failure = failure.lock().unwrap().clone()?;
                    let hit = write == failure.at || failure.crash && write > failure.at;
                    hit.then_some(if write == failure.at { failure.fault } else { Fault::Dropped })
                }
                _ => None,
            }
        });
        let config = embedded.config().http_client(client).retry_config(retries).build();
        let client = Client::from_conf(config);
        let orm = Orm::bootstrap(schema![Organization], client.clone()).await?;
        Ok(Self { embedded, client, orm, failure, writes, transactions, refuses_reads })
    }

    fn fail(&self, failure: Failure) {
        self.writes.store(0, Ordering::Relaxed);
        *self.failure.lock().unwrap() = Some(failure);
    }

    fn heal(&self) {
        *self.failure.lock().unwrap() = None;
    }

    /// Every item of the table: records as "id name slug", locks as "key -> target".
    async fn items(&self) -> Result<BTreeSet<String>, Box<dyn std::error::Error + Send + Sync>> {
        let output = self.embedded.client().scan().table_name("organizations").send().await?;
        let text = |item: &std::collections::HashMap<String, AttributeValue>, name: &str| {
            item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
        };
        Ok(output
            .items()
            .iter()
            .map(|item| match text(item, "__orm_target") {
                target if target.is_empty() => {
                    format!("{} {} {}", text(item, "id"), text(item, "name"), text(item, "slug"))
                }
                target => format!("{} -> {target}", text(item, "__orm_pk")),
            })
            .collect())
    }

    /// No record without both of its locks; the locks that no record stands behind.
    async fn orphans(&self) -> Result<Vec<String>, Box<dyn std::error::Error + Send + Sync>> {
        let items = self.items().await?;
        let mut locks: BTreeSet<String> = items.iter().filter(|item| item.contains(" -> ")).cloned().collect();
        for record in items.iter().filter(|item| !item.contains(" -> ")) {
            let parts: Vec<&str> = record.split(' ').collect();
            for (field, value) in [("name", parts[1]), ("slug", parts[2])] {
                let lock = format!("unique#organization#{field}#%22{value}%22 -> record#{}", parts[0]);
                assert!(locks.remove(&lock), "{record} lacks {lock}: {items:?}");
            }
        }
        Ok(locks.into_iter().collect())
    }
}

fn create(id: &str, name: &str) -> orm::query::Create<Organization> {
    orm::query::IntoCreate::into_create(Organization::create().id(id).name(name).slug(name))
}

/// Refused outright, lost on the way, and applied with the answer lost.
fn faults() -> [Fault; 3] {
    [Fault::exception(400, "ValidationException"), Fault::Dropped, Fault::AnswerLost]
}

#[tokio::test]
async fn the_engine_is_asked_for_a_transaction_once() -> Outcome {
    let bed = Bed::new().await?;
    for n in 0..5 {
        create(&format!("o{n}"), &format!("n{n}")).exec(&bed.orm).await?;
    }
    assert_eq!(bed.transactions.load(Ordering::Relaxed), 1);
    assert_eq!(bed.orphans().await?, Vec::<String>::new());
    Ok(())
}

/// As a table needs it that knows transactions and refuses them.
#[tokio::test]
async fn transactions_can_be_turned_off() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let counter = RequestCounter::default();
    let client = Client::from_conf(embedded.config().interceptor(counter.clone()).build());
    let orm = Orm::bootstrap(schema![Organization], DynamoDb::builder(client).transactions(false).build()).await?;
    counter.take();
    create("a", "Initech").exec(&orm).await?;
    assert_eq!(counter.take(), counts("3 PutItem"));
    let error = create("b", "Initech").exec(&orm).await.expect_err("the name is taken");
    assert_eq!(error.code(), ErrorCode::UniqueConstraintViolation);
    counter.take();
    Organization::delete(Organization::ID.eq("a")).exec(&orm).await?;
    assert_eq!(counter.take().get("TransactWriteItems"), None);
    create("b", "Initech").exec(&orm).await?;
    Ok(())
}

#[tokio::test]
async fn a_create_that_fails_at_any_step_leaves_nothing() -> Outcome {
    // Two locks, then the record.
    for step in 0..3 {
        for fault in faults() {
            let bed = Bed::of_one_attempt().await?;
            bed.fail(Failure { at: step, fault: fault.clone(), crash: false });
            let error = create("a", "x").exec(&bed.orm).await.expect_err("a step fails");
            assert_ne!(error.code(), ErrorCode::UniqueConstraintViolation);
            bed.heal();
            let (items, orphans) = (bed.items().await?, bed.orphans().await?);
            let applied = step == 2 && fault == Fault::AnswerLost;
            let unknown = step == 2 && fault == Fault::Dropped;
            assert_eq!(items.contains("a x x"), applied, "{step} {fault:?}: {items:?}");
            // Only where it is unknown whether the record was written do its locks stay.
            assert_eq!(orphans.len(), if unknown { 2 } else { 0 }, "{step} {fault:?}: {orphans:?}");
        }
    }
    Ok(())
}

/// The answer to a lock was lost, or that to its release: its stamp tells that it was taken, and when it is free again. What
/// refuses the next lock is then no secret.
#[tokio::test]
async fn a_violation_after_a_lock_that_was_taken_twice_is_certain() -> Outcome {
    for at in [0, 2] {
        let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
        let bed = Bed::on(Embedded::in_memory()?, retries).await?;
        create("a", "x").exec(&bed.orm).await?;
        bed.fail(Failure { at, fault: Fault::AnswerLost, crash: false });
        let create = Organization::create().id("b").name("y").slug("x").exec(&bed.orm);
        let error = create.await.expect_err("the slug is taken");
        assert_eq!((error.code(), error.fields()), (ErrorCode::UniqueConstraintViolation, &["slug"][..]));
        assert!(!error.is_outcome_unknown(), "{at}: {error}");
        assert_eq!(bed.orphans().await?, Vec::<String>::new());
    }
    Ok(())
}

#[tokio::test]
async fn a_duplicate_frees_what_it_took() -> Outcome {
    let bed = Bed::new().await?;
    create("a", "x").exec(&bed.orm).await?;
    let before = bed.items().await?;
    let taken_slug = Organization::create().id("b").name("y").slug("x");
    let error = taken_slug.exec(&bed.orm).await.expect_err("the slug is taken");
    assert_eq!((error.code(), error.fields()), (ErrorCode::UniqueConstraintViolation, &["slug"][..]));
    let error = Organization::create().id("a").name("z").slug("z").exec(&bed.orm).await.expect_err("the id is taken");
    assert_eq!((error.code(), error.fields()), (ErrorCode::UniqueConstraintViolation, &["id"][..]));
    assert_eq!(bed.items().await?, before);
    // The id is named before a value that another record has, as it is with transactions.
    create("b", "y").exec(&bed.orm).await?;
    let before = bed.items().await?;
    let error = Organization::create().id("a").name("y").slug("z").exec(&bed.orm).await.expect_err("both are taken");
    assert_eq!((error.code(), error.fields()), (ErrorCode::UniqueConstraintViolation, &["id"][..]));
    assert_eq!(bed.items().await?, before);
    Ok(())
}

/// Its id is that of a record whose lock is lost, by hand or because the constraint is younger: the lock that was taken
/// for the record that could not be stored is the one that this record needs.
#[tokio::test]
async fn a_duplicate_leaves_the_lock_that_the_record_lacked() -> Outcome {
    let bed = Bed::new().await?;
    create("a", "x").exec(&bed.orm).await?;
    let whole = bed.items().await?;
    let lock = AttributeValue::S("unique#organization#name#%22x%22".to_owned());
    bed.embedded.client().delete_item().table_name("organizations").key("__orm_pk", lock).send().await?;
    assert_ne!(bed.items().await?, whole);
    let error = Organization::create().id("a").name("x").slug("z").exec(&bed.orm).await.expect_err("the id is taken");
    assert_eq!((error.code(), error.fields()), (ErrorCode::UniqueConstraintViolation, &["id"][..]));
    assert_eq!(bed.items().await?, whole);
    Ok(())
}

#[tokio::test]
async fn an_update_that_fails_at_any_step_is_whole_or_nothing() -> Outcome {
    // The new lock, the record, the old lock.
    for step in 0..3 {
        for fault in faults() {
            let bed = Bed::of_one_attempt().await?;
            create("a", "x").exec(&bed.orm).await?;
            bed.fail(Failure { at: step, fault: fault.clone(), crash: false });
            let result =
                Organization::update(Organization::ID.eq("a")).set(Organization::NAME, "y").exec(&bed.orm).await;
            bed.heal();
            // Once the record is written, the update has happened.
            assert_eq!(result.is_ok(), step == 2, "{step} {fault:?}: {result:?}");
            let items = bed.items().await?;
            let renamed = items.contains("a y x");
            assert!(renamed || items.contains("a x x"), "{items:?}");
            assert_eq!(renamed, step == 2 || step == 1 && fault == Fault::AnswerLost, "{step} {fault:?}");
            bed.orphans().await?;
            // Whatever was left does not stand in the way of the same update, but for the lock of a write that may
            // still arrive.
            let again =
                Organization::update(Organization::ID.eq("a")).set(Organization::NAME, "y").exec(&bed.orm).await;
            if step == 1 && fault == Fault::Dropped {
                assert!(again.is_err_and(|error| error.is_retryable()));
            } else {
                assert!(again.is_ok(), "{step} {fault:?}: {again:?}");
            }
        }
    }
    Ok(())
}

/// The old lock is looked at once the new one is taken, so that it is freed as it was seen.
#[tokio::test]
async fn an_update_that_cannot_see_its_old_lock_frees_the_new_one() -> Outcome {
    let bed = Bed::new().await?;
    create("a", "x").exec(&bed.orm).await?;
    let before = bed.items().await?;
    bed.writes.store(0, Ordering::Relaxed);
    bed.refuses_reads.store(true, Ordering::Relaxed);
    let rename = Organization::update(Organization::ID.eq("a")).set(Organization::NAME, "y");
    let error = rename.exec(&bed.orm).await.expect_err("the old lock cannot be read");
    assert_eq!((error.code(), error.is_outcome_unknown()), (ErrorCode::InvalidQuery, false));
    assert!(bed.writes.load(Ordering::Relaxed) > 0, "a lock was taken");
    assert_eq!(bed.items().await?, before);
    Ok(())
}

#[tokio::test]
async fn a_delete_that_fails_at_any_step_keeps_no_record_without_locks() -> Outcome {
    for step in 0..3 {
        for fault in faults() {
            let bed = Bed::new().await?;
            create("a", "x").exec(&bed.orm).await?;
            bed.fail(Failure { at: step, fault: fault.clone(), crash: false });
            let result = Organization::delete(Organization::ID.eq("a")).exec(&bed.orm).await;
            bed.heal();
            assert_eq!(result.is_ok(), step > 0, "{step} {fault:?}: {result:?}");
            let gone = !bed.items().await?.contains("a x x");
            assert_eq!(gone, step > 0 || fault == Fault::AnswerLost, "{step} {fault:?}");
            bed.orphans().await?;
        }
    }
    Ok(())
}

/// A crash between any two steps leaves at most orphans; after the time that a writer may take, the next one gets
/// their values. Here the stamps are made old instead of waiting.
#[tokio::test]
async fn what_a_crash_leaves_is_taken_over() -> Outcome {
    for step in 0..3 {
        for fault in [Fault::Dropped, Fault::AnswerLost] {
            let bed = Bed::of_one_attempt().await?;
            bed.fail(Failure { at: step, fault: fault.clone(), crash: true });
            create("a", "x").exec(&bed.orm).await.expect_err("the writer crashes");
            bed.heal();
            let written = bed.items().await?.contains("a x x");
            let orphans = bed.orphans().await?;
            age_locks(&bed, &orphans).await?;
            let next = Bed::on(bed.embedded.clone(), RetryConfig::disabled()).await?;
            let other = create("b", "x").exec(&next.orm).await;
            match (written, other) {
                (false, Ok(_)) => assert_eq!(bed.orphans().await?, Vec::<String>::new()),
                (true, Err(error)) => assert_eq!(error.code(), ErrorCode::UniqueConstraintViolation),
                (written, other) => panic!("{step} {fault:?}: written {written}, then {other:?}"),
            }
        }
    }
    Ok(())
}

/// The lock of a writer that may still be at work is not taken.
#[tokio::test(start_paused = true)]
async fn a_live_writers_lock_is_left_alone() -> Outcome {
    let bed = Bed::new().await?;
    bed.fail(Failure { at: 1, fault: Fault::AnswerLost, crash: true });
    create("a", "x").exec(&bed.orm).await.expect_err("the writer crashes");
    bed.heal();
    let before = bed.items().await?;
    assert_eq!(before.len(), 2, "{before:?}");
    let error = create("b", "x").exec(&bed.orm).await.expect_err("the first writer may still go on");
    assert_eq!(error.code(), ErrorCode::TransactionConflict);
    assert!(error.is_retryable());
    assert_eq!(bed.items().await?, before);
    Ok(())
}

/// A stamp of a time that no clock shows would be waited for until then.
#[tokio::test(start_paused = true)]
async fn a_lock_from_the_far_future_is_no_live_writers() -> Outcome {
    let bed = Bed::new().await?;
    bed.fail(Failure { at: 1, fault: Fault::Dropped, crash: true });
    create("gone", "x").exec(&bed.orm).await.expect_err("the writer crashes");
    bed.heal();
    stamp_locks(&bed, &bed.orphans().await?, "99999999999999-x").await?;
    create("b", "x").exec(&bed.orm).await?;
    assert!(bed.orphans().await?.is_empty());
    Ok(())
}

/// Two writers find one orphan. The first has seen it, and takes it over after the second has: it comes too late.
#[tokio::test(start_paused = true)]
async fn an_orphan_is_taken_over_by_one() -> Outcome {
    // By another record, or by the one that the orphan names: then only the stamp tells that it is an orphan no more.
    for winner in ["first", "gone"] {
        let (bed, orphan) = {
            let bed = Bed::new().await?;
            bed.fail(Failure { at: 1, fault: Fault::Dropped, crash: true });
            create("gone", "x").exec(&bed.orm).await.expect_err("the writer crashes");
            bed.heal();
            let orphans = bed.orphans().await?;
            (bed, orphans)
        };
        assert_eq!(orphan.len(), 1, "{orphan:?}");
        age_locks(&bed, &orphan).await?;
        let other = Bed::on(bed.embedded.clone(), RetryConfig::disabled()).await?;
        // The first request finds the orphan, the second takes it over.
        bed.fail(Failure { at: 1, fault: Fault::Delayed(Duration::from_secs(1)), crash: false });
        let (late, first) = tokio::join!(create("late", "x").exec(&bed.orm), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            create(winner, "x").exec(&other.orm).await
        });
        first?;
        let late = late.expect_err("the value is taken");
        assert_eq!((late.code(), late.fields()), (ErrorCode::UniqueConstraintViolation, &["name"][..]));
        assert_eq!(bed.orphans().await?, Vec::<String>::new());
    }
    Ok(())
}

async fn age_locks(bed: &Bed, locks: &[String]) -> Outcome {
    stamp_locks(bed, locks, "1000-old").await
}

async fn stamp_locks(bed: &Bed, locks: &[String], stamp: &str) -> Outcome {
    for lock in locks {
        let (key, _) = lock.split_once(" -> ").ok_or("a lock")?;
        bed.embedded
            .client()
            .update_item()
            .table_name("organizations")
            .key("__orm_pk", AttributeValue::S(key.to_owned()))
            .update_expression("SET #taken = :taken")
            .expression_attribute_names("#taken", "__orm_taken")
            .expression_attribute_values(":taken", AttributeValue::S(stamp.to_owned()))
            .send()
            .await?;
    }
    Ok(())
}
