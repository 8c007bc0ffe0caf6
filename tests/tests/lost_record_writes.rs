//! On an engine without transactions: the answer to the write of a record is lost, and others write before it is known
//! what became of it. No record is left without its locks, and none is written twice.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use orm::prelude::*;
use orm_dynamodb::audit::Auditor;
use orm_dynamodb::{DynamoDb, Embedded, ScanPolicy};
use tests::faults::{Fault, FaultyClient};
use tests::seed::age;
use tests::suite::Outcome;
use tokio::sync::Notify;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "names")]
struct Name {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    text: Option<String>,
    #[orm(default = 0)]
    uses: i64,
}

/// What happens to the next request of an operation.
#[derive(Clone, Debug)]
enum Next {
    Passes(&'static str),
    Has(&'static str, Fault),
    /// It is told, and takes a second.
    IsHeldUp(&'static str),
}

use Next::{Has, IsHeldUp, Passes};

/// One engine by two ways, of which one has faults.
struct Bed {
    embedded: Embedded,
    plain: Orm,
    driver: DynamoDb,
    faulty: Orm,
    script: Arc<Mutex<VecDeque<Next>>>,
    held_up: Arc<Notify>,
}

impl Bed {
    async fn new() -> Result<Self, Error> {
        let embedded = Embedded::in_memory()?;
        let (script, held_up) = (Arc::<Mutex<VecDeque<Next>>>::default(), Arc::<Notify>::default());
        let unknown = |sent: &str| (sent == "TransactWriteItems").then(Fault::unknown_operation);
        let driver = |faulty| {
            let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
            let client = Client::from_conf(embedded.config().http_client(faulty).retry_config(retries).build());
            DynamoDb::builder(client).scan_policy(ScanPolicy::Allow).build()
        };
        let plain = driver(FaultyClient::new(embedded.http_client(), move |sent, _| unknown(sent)));
        let faulty = driver(FaultyClient::new(embedded.http_client(), {
            let (script, held_up) = (script.clone(), held_up.clone());
            move |sent, _| {
                let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
                let next = script.front().cloned();
                match next {
                    Some(Passes(operation) | Has(operation, _) | IsHeldUp(operation)) if operation != sent => {
                        return unknown(sent);
                    }
                    None => return unknown(sent),
                    Some(_) => {}
                }
                script.pop_front();
                match next {
                    Some(Has(_, fault)) => Some(fault),
                    Some(IsHeldUp(_)) => {
                        held_up.notify_one();
                        Some(Fault::Delayed(Duration::from_secs(1)))
                    }
                    _ => None,
                }
            }
        }));
        let bed = Self {
            embedded: embedded.clone(),
            plain: Orm::bootstrap(schema![Name], &plain).await?,
            driver: plain,
            faulty: Orm::from_runtime(schema![Name], faulty)?,
            script,
            held_up,
        };
        Name::create().id("a").exec(&bed.plain).await?;
        // The driver finds out about the engine.
        Name::create().id("warm").text("warm".to_owned()).exec(&bed.faulty).await?;
        Ok(bed)
    }

    /// A third way, on which the lock of the record that is deleted is freed so much later.
    fn freeing_late(&self, late: Duration) -> Result<Orm, Error> {
        let mut deletes = 0;
        let client = FaultyClient::new(self.embedded.http_client(), move |sent, _| match sent {
            "TransactWriteItems" => Some(Fault::unknown_operation()),
            "DeleteItem" => {
                deletes += 1;
                (deletes == 2).then_some(Fault::Delayed(late))
            }
            _ => None,
        });
        Orm::from_runtime(schema![Name], Client::from_conf(self.embedded.config().http_client(client).build()))
    }

    async fn age(&self, id: &str) -> Outcome {
        age(&self.embedded.client(), "names", id).await
    }

    /// Makes the record look as if a writer had stored it that leaves no tokens.
    async fn forget(&self, id: &str) -> Outcome {
        let update = self.embedded.client().update_item().table_name("names");
        let update = update.key("__orm_pk", AttributeValue::S(format!("record#{id}")));
        update.update_expression("REMOVE #once").expression_attribute_names("#once", "__orm_once").send().await?;
        Ok(())
    }

    fn script(&self, script: impl Into<VecDeque<Next>>) {
        *self.script.lock().unwrap_or_else(PoisonError::into_inner) = script.into();
    }

    /// The operation, and what happens while a request of it is held up.
    async fn meanwhile<A, B>(&self, operation: impl Future<Output = A>, other: impl Future<Output = B>) -> (A, B) {
        let outcome = tokio::join!(operation, async {
            let held_up = tokio::time::timeout(Duration::from_secs(60), self.held_up.notified()).await;
            assert!(held_up.is_ok(), "no request was held up: {:?}", self.script);
            other.await
        });
        assert!(self.script.lock().unwrap_or_else(PoisonError::into_inner).is_empty(), "left over: {:?}", self.script);
        outcome
    }

    async fn find(&self, id: &str) -> Result<Option<Name>, Error> {
        Name::find_unique(Name::ID.eq(id)).exec(&self.plain).await
    }

    /// No value is shared, and every record has its locks.
    async fn is_sound(&self) -> Outcome {
        let report = Auditor::new(&self.driver).audit::<Name>().await?;
        assert!(report.is_clean(), "{report}");
        Ok(())
    }
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// It was applied, undone, and its value given to another record.
#[tokio::test(start_paused = true)]
async fn an_update_that_was_undone_is_not_made_again() -> Outcome {
    let bed = Bed::new().await?;
    bed.script([Has("UpdateItem", Fault::AnswerLost), IsHeldUp("GetItem")]);
    let (updated, others) = bed
        .meanwhile(Name::update(Name::ID.eq("a")).set(Name::TEXT, text("y")).exec(&bed.faulty), async {
            Name::update(Name::ID.eq("a")).set(Name::TEXT, None::<String>).exec(&bed.plain).await?;
            Name::create().id("b").text(text("y")).exec(&bed.plain).await
        })
        .await;
    others?;
    assert!(updated?.is_some(), "it was applied");
    assert_eq!(bed.find("a").await?.and_then(|name| name.text), None);
    bed.is_sound().await
}

/// The first attempt arrives when the second has been applied, undone, and its value given to another record.
#[tokio::test(start_paused = true)]
async fn an_update_that_arrives_late_is_not_made_again() -> Outcome {
    let bed = Bed::new().await?;
    bed.script([Has("UpdateItem", Fault::ArrivesLate(Duration::from_secs(5)))]);
    let updated = Name::update(Name::ID.eq("a")).set(Name::TEXT, text("y")).exec(&bed.faulty).await?;
    assert_eq!(updated.and_then(|name| name.text), text("y"));
    Name::update(Name::ID.eq("a")).set(Name::TEXT, None::<String>).exec(&bed.plain).await?;
    Name::create().id("b").text(text("y")).exec(&bed.plain).await?;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(bed.find("a").await?.and_then(|name| name.text), None);
    bed.is_sound().await
}

/// Others write so often in between that the record does not remember the update any more.
#[tokio::test(start_paused = true)]
async fn an_update_that_is_forgotten_is_not_made_again() -> Outcome {
    let bed = Bed::new().await?;
    bed.script([Has("UpdateItem", Fault::AnswerLost), IsHeldUp("GetItem")]);
    let (moved, others) = bed
        .meanwhile(
            Name::update(Name::ID.eq("a")).set(Name::TEXT, text("y")).increment(Name::USES, 1).exec(&bed.faulty),
            async {
                for _ in 0..8 {
                    Name::update(Name::ID.eq("a")).increment(Name::USES, 10).exec(&bed.plain).await?;
                }
                Ok::<_, Error>(())
            },
        )
        .await;
    others?;
    assert!(moved.expect_err("it was applied").is_outcome_unknown());
    assert_eq!(bed.find("a").await?.map(|name| (name.text, name.uses)), Some((text("y"), 81)));
    bed.is_sound().await
}

/// The record was stored and deleted, and its value given to another one.
#[tokio::test(start_paused = true)]
async fn a_create_that_was_undone_is_not_made_again() -> Outcome {
    let bed = Bed::new().await?;
    // The lock, the record, and the look at it.
    bed.script([Passes("PutItem"), Has("PutItem", Fault::AnswerLost), IsHeldUp("GetItem")]);
    let (created, others) = bed
        .meanwhile(Name::create().id("d").text(text("z")).exec(&bed.faulty), async {
            assert_eq!(Name::delete(Name::ID.eq("d")).exec(&bed.plain).await?, 1);
            Name::create().id("e").text(text("z")).exec(&bed.plain).await
        })
        .await;
    others?;
    assert!(created.expect_err("it was applied").is_outcome_unknown());
    assert_eq!(bed.find("d").await?, None);
    bed.is_sound().await
}

/// The record was stored and deleted; the lock is freed only after the create has taken it once more.
#[tokio::test(start_paused = true)]
async fn a_create_that_is_made_again_keeps_its_lock() -> Outcome {
    for freed in [Duration::ZERO, Duration::from_secs(3)] {
        let bed = Bed::new().await?;
        bed.script([Passes("PutItem"), Has("PutItem", Fault::AnswerLost), IsHeldUp("GetItem")]);
        let other = bed.freeing_late(freed)?;
        let (created, deleted) = bed
            .meanwhile(
                Name::create().id("d").text(text("z")).exec(&bed.faulty),
                Name::delete(Name::ID.eq("d")).exec(&other),
            )
            .await;
        assert_eq!(deleted?, 1);
        assert_eq!(created?.text, text("z"));
        bed.is_sound().await?;
        let taken = Name::create().id("e").text(text("z")).exec(&bed.plain).await.expect_err("it is taken");
        assert_eq!(taken.code(), ErrorCode::UniqueConstraintViolation, "{freed:?}");
    }
    Ok(())
}

/// So many others change the record that it no longer remembers its create.
#[tokio::test(start_paused = true)]
async fn a_create_that_is_forgotten_is_no_duplicate() -> Outcome {
    for upserts in [false, true] {
        let bed = Bed::new().await?;
        bed.script([Passes("PutItem"), Has("PutItem", Fault::AnswerLost), IsHeldUp("GetItem")]);
        let new = || Name::create().id("d").text(text("z"));
        let create = async {
            match upserts {
                true => {
                    let upsert = Name::upsert(Name::ID.eq("d")).create(new());
                    upsert.update(|name| name.increment(Name::USES, 100)).exec(&bed.faulty).await
                }
                false => new().exec(&bed.faulty).await,
            }
        };
        let (created, others) = bed
            .meanwhile(create, async {
                for _ in 0..8 {
                    Name::update(Name::ID.eq("d")).increment(Name::USES, 1).exec(&bed.plain).await?;
                }
                Ok::<_, Error>(())
            })
            .await;
        others?;
        let error = created.expect_err("it may have been applied");
        assert!(error.is_outcome_unknown() && error.code() != ErrorCode::UniqueConstraintViolation, "{error:?}");
        assert_eq!(bed.find("d").await?.map(|name| name.uses), Some(8), "stored, and not changed as well");
        bed.is_sound().await?;
    }
    Ok(())
}

/// The record was deleted, and there is a new one under its key that looks the same: by the time of the look at it, and
/// after that.
#[tokio::test(start_paused = true)]
async fn a_delete_leaves_a_new_record_alone() -> Outcome {
    let lost = (Fault::AnswerLost, "GetItem");
    for (fault, held_up) in [lost, (Fault::Dropped, "GetItem"), (Fault::Dropped, "DeleteItem")] {
        let bed = Bed::new().await?;
        bed.age("a").await?;
        bed.script([Has("DeleteItem", fault.clone()), IsHeldUp(held_up)]);
        let (deleted, created) = bed
            .meanwhile(Name::delete(Name::ID.eq("a")).exec(&bed.faulty), async {
                Name::delete(Name::ID.eq("a")).exec(&bed.plain).await?;
                Name::create().id("a").exec(&bed.plain).await
            })
            .await;
        created?;
        assert!(deleted.expect_err("it may have been this delete").is_outcome_unknown(), "{fault:?} {held_up}");
        assert!(bed.find("a").await?.is_some(), "{fault:?} {held_up}");
    }
    Ok(())
}

/// One whose record is still there is sent again.
#[tokio::test(start_paused = true)]
async fn a_delete_that_was_not_applied_is_made_again() -> Outcome {
    let bed = Bed::new().await?;
    bed.script([Has("DeleteItem", Fault::Dropped)]);
    // A record that is younger may be a new one.
    bed.age("a").await?;
    assert_eq!(Name::delete(Name::ID.eq("a")).exec(&bed.faulty).await?, 1);
    assert_eq!(bed.find("a").await?, None);
    Ok(())
}

/// The second attempt is refused for another reason: the first may have been applied all the same.
#[tokio::test(start_paused = true)]
async fn a_refusal_after_a_lost_answer_keeps_the_locks() -> Outcome {
    let bed = Bed::new().await?;
    let denied = Fault::exception(400, "AccessDeniedException");
    // The lock, the record, the lock and the record again.
    bed.script([
        Passes("PutItem"),
        Has("PutItem", Fault::ArrivesLate(Duration::from_secs(5))),
        Passes("PutItem"),
        Has("PutItem", denied),
    ]);
    let error = Name::create().id("d").text(text("z")).exec(&bed.faulty).await.expect_err("it is refused");
    assert!(error.is_outcome_unknown(), "{error:?}");
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(bed.find("d").await?.is_some(), "it arrives late");
    let taken = Name::create().id("e").text(text("z")).exec(&bed.plain).await.expect_err("it is taken");
    assert_eq!(taken.code(), ErrorCode::UniqueConstraintViolation);
    bed.is_sound().await
}

/// The second attempt is refused because of another record, which is gone when the first one arrives.
#[tokio::test(start_paused = true)]
async fn a_violation_after_a_lost_answer_keeps_the_locks() -> Outcome {
    let bed = Bed::new().await?;
    bed.script([
        Passes("PutItem"),
        Has("PutItem", Fault::ArrivesLate(Duration::from_secs(5))),
        Passes("PutItem"),
        IsHeldUp("PutItem"),
    ]);
    let (created, other) = bed
        .meanwhile(Name::create().id("d").text(text("z")).exec(&bed.faulty), async {
            Name::create().id("d").exec(&bed.plain).await?;
            // A record that is younger may have come after one that this create stored.
            bed.age("d").await
        })
        .await;
    other?;
    let error = created.expect_err("the id is taken");
    assert_eq!((error.code(), error.fields()), (ErrorCode::UniqueConstraintViolation, &["id"][..]));
    Name::delete(Name::ID.eq("d")).exec(&bed.plain).await?;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(bed.find("d").await?.and_then(|name| name.text), text("z"), "it arrives late");
    let taken = Name::create().id("e").text(text("z")).exec(&bed.plain).await.expect_err("it is taken");
    assert_eq!(taken.code(), ErrorCode::UniqueConstraintViolation);
    bed.is_sound().await
}

/// Once an answer was lost, each attempt comes after a look and has its locks anew, also after one that was throttled.
#[tokio::test(start_paused = true)]
async fn a_throttled_attempt_after_a_lost_answer_is_no_reason_not_to_look() -> Outcome {
    let bed = Bed::new().await?;
    bed.script([
        Passes("PutItem"),
        Has("PutItem", Fault::Dropped),
        Passes("PutItem"),
        Has("PutItem", Fault::exception(400, "ThrottlingException")),
        IsHeldUp("GetItem"),
        Passes("PutItem"),
        Passes("PutItem"),
    ]);
    let (created, ()) = bed.meanwhile(Name::create().id("d").text(text("z")).exec(&bed.faulty), async {}).await;
    assert_eq!(created?.text, text("z"));
    bed.is_sound().await
}

/// The second attempt is refused because the record has changed, the first one arrives, and then there is none to delete.
#[tokio::test(start_paused = true)]
async fn a_delete_whose_first_attempt_is_late_does_not_say_that_there_was_nothing() -> Outcome {
    for many in [false, true] {
        let bed = Bed::new().await?;
        bed.age("a").await?;
        bed.script([
            Has("DeleteItem", Fault::ArrivesLate(Duration::from_millis(1500))),
            IsHeldUp("DeleteItem"),
            Has("DeleteItem", Fault::Delayed(Duration::from_secs(2))),
        ]);
        let delete = async {
            match many {
                true => Name::delete_many().filter(Name::ID.eq("a")).exec(&bed.faulty).await,
                false => Name::delete(Name::ID.eq("a")).exec(&bed.faulty).await,
            }
        };
        let increment = Name::update(Name::ID.eq("a")).increment(Name::USES, 1).exec(&bed.plain);
        let (deleted, incremented) = bed.meanwhile(delete, increment).await;
        incremented?;
        assert!(deleted.expect_err("it was this delete").is_outcome_unknown(), "many: {many}");
        assert_eq!(bed.find("a").await?, None);
    }
    Ok(())
}

/// Writers without tokens choose ids too: theirs may be a new record under the key.
#[tokio::test(start_paused = true)]
async fn a_record_without_a_token_may_be_a_new_one() -> Outcome {
    let bed = Bed::new().await?;
    bed.forget("a").await?;
    bed.script([Has("DeleteItem", Fault::Dropped)]);
    let error = Name::delete(Name::ID.eq("a")).exec(&bed.faulty).await.expect_err("it cannot be told");
    assert!(error.is_outcome_unknown(), "{error}");
    assert!(bed.find("a").await?.is_some());
    Ok(())
}

/// What comes between the lock and the record takes so long that others may soon take the lock over.
#[tokio::test(start_paused = true)]
async fn a_writer_that_is_too_slow_gives_up() -> Outcome {
    let bed = Bed::new().await?;
    Name::update(Name::ID.eq("a")).set(Name::TEXT, text("x")).exec(&bed.plain).await?;
    // The record is read, and then the lock that is to be freed.
    bed.script([Passes("GetItem"), Has("GetItem", Fault::AnswerDelayed(Duration::from_secs(15)))]);
    let error = Name::update(Name::ID.eq("a")).set(Name::TEXT, text("y")).exec(&bed.faulty).await;
    let error = error.expect_err("it gives up");
    assert_eq!((error.code(), error.is_outcome_unknown()), (ErrorCode::TransactionConflict, false));
    assert_eq!(bed.find("a").await?.and_then(|name| name.text), text("x"));
    bed.is_sound().await
}
