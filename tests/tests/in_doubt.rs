//! A write whose answer is lost is sent again, and something has happened in between: what the second answer says is not
//! taken for what became of the first.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use orm::prelude::*;
use orm_dynamodb::audit::Auditor;
use orm_dynamodb::{DynamoDb, Embedded, ScanPolicy};
use tests::faults::{Fault, FaultyClient};
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

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "coupons")]
struct Coupon {
    #[orm(id)]
    id: String,
    #[orm(default = "new")]
    label: String,
}

/// The first write of an operation is applied and its answer lost; the second is held up, and so is a look at the record
/// before it. The second write is told.
struct Bed {
    plain: Orm,
    driver: DynamoDb,
    faulty: Orm,
    held_up: Arc<Notify>,
    writes: Arc<AtomicUsize>,
}

impl Bed {
    async fn new(operation: &'static str, transactions: bool, first: Fault) -> Result<Self, Error> {
        let embedded = Embedded::in_memory()?;
        let (held_up, writes) = (Arc::<Notify>::default(), Arc::new(AtomicUsize::new(usize::MAX)));
        let unknown = move |sent: &str| (sent == "TransactWriteItems" && !transactions).then(Fault::unknown_operation);
        let client = |faulty| {
            let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
            Client::from_conf(embedded.config().http_client(faulty).retry_config(retries).build())
        };
        let driver = |faulty| DynamoDb::builder(client(faulty)).scan_policy(ScanPolicy::Allow).build();
        let plain = driver(FaultyClient::new(embedded.http_client(), move |sent, _| unknown(sent)));
        let faulty = driver(FaultyClient::new(embedded.http_client(), {
            let (held_up, writes) = (held_up.clone(), writes.clone());
            move |sent, _| {
                let is_looking = sent == "GetItem" && writes.load(Ordering::Relaxed) == 1;
                if is_looking {
                    return Some(Fault::Delayed(Duration::from_secs(1)));
                }
                if sent != operation || writes.load(Ordering::Relaxed) == usize::MAX {
                    return unknown(sent);
                }
                match writes.fetch_add(1, Ordering::Relaxed) {
                    0 => Some(first.clone()),
                    1 => {
                        held_up.notify_one();
                        Some(Fault::Delayed(Duration::from_secs(1)))
                    }
                    _ => None,
                }
            }
        }));
        let bed = Self {
            plain: Orm::bootstrap(schema![Name, Coupon], &plain).await?,
            driver: plain,
            faulty: Orm::from_runtime(schema![Name, Coupon], faulty)?,
            held_up,
            writes,
        };
        Name::create().id("a").text("x".to_owned()).exec(&bed.plain).await?;
        // The driver finds out about the engine.
        Name::create().id("warm").text("warm".to_owned()).exec(&bed.faulty).await?;
        Coupon::create().id("c").exec(&bed.plain).await?;
        Ok(bed)
    }

    /// The operation, and what happens while its second request is under way.
    async fn meanwhile<A, B>(&self, operation: impl Future<Output = A>, other: impl Future<Output = B>) -> (A, B) {
        self.writes.store(0, Ordering::Relaxed);
        tokio::join!(operation, async {
            let _ = tokio::time::timeout(Duration::from_secs(30), self.held_up.notified()).await;
            other.await
        })
    }
}

fn is_unknown<T: std::fmt::Debug>(result: Result<T, Error>, case: &str) {
    let error = result.expect_err(case);
    assert!(error.is_outcome_unknown(), "{case}: {error:?}");
    assert!(matches!(error.code(), ErrorCode::Timeout | ErrorCode::Connection), "{case}: {error:?}");
}

#[tokio::test(start_paused = true)]
async fn an_update_by_a_key_that_is_moved_meanwhile_is_not_reported_as_missing() -> Outcome {
    let bed = Bed::new("UpdateItem", true, Fault::AnswerLost).await?;
    let (update, moved) = bed
        .meanwhile(
            Name::update(Name::TEXT.eq("x")).set(Name::USES, 7).exec(&bed.faulty),
            Name::update(Name::ID.eq("a")).set(Name::TEXT, "y".to_owned()).exec(&bed.plain),
        )
        .await;
    moved?;
    is_unknown(update, "it was applied");
    assert_eq!(Name::find_unique(Name::ID.eq("a")).select(Name::USES).exec(&bed.plain).await?, Some(7));
    // One that was certainly not applied is not in doubt.
    let bed = Bed::new("UpdateItem", true, Fault::exception(400, "ThrottlingException")).await?;
    let (update, moved) = bed
        .meanwhile(
            Name::update(Name::TEXT.eq("x")).set(Name::USES, 7).exec(&bed.faulty),
            Name::update(Name::ID.eq("a")).set(Name::TEXT, "y".to_owned()).exec(&bed.plain),
        )
        .await;
    moved?;
    assert_eq!(update?, None);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_another_undoes_meanwhile_is_not_reported_as_none() -> Outcome {
    let bed = Bed::new("UpdateItem", true, Fault::AnswerLost).await?;
    let (claimed, undone) = bed
        .meanwhile(
            Name::update_many().filter(Name::ID.eq("a").and(Name::TEXT.eq("x"))).set(Name::USES, 7).exec(&bed.faulty),
            Name::update(Name::ID.eq("a")).set(Name::TEXT, "y".to_owned()).exec(&bed.plain),
        )
        .await;
    undone?;
    is_unknown(claimed, "it was applied");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_was_applied_is_not_reported_as_none() -> Outcome {
    let bed = Bed::new("DeleteItem", true, Fault::AnswerLost).await?;
    let (gone, ()) = bed.meanwhile(Coupon::delete(Coupon::ID.eq("c")).exec(&bed.faulty), async {}).await;
    is_unknown(gone, "it was applied");
    assert_eq!(Coupon::count().exec(&bed.plain).await?, 0);
    // With a condition, too.
    let bed = Bed::new("DeleteItem", true, Fault::AnswerLost).await?;
    let unused = Coupon::ID.eq("c").and(Coupon::LABEL.eq("new"));
    let (gone, ()) = bed.meanwhile(Coupon::delete_many().filter(unused).exec(&bed.faulty), async {}).await;
    is_unknown(gone, "it was applied");
    assert_eq!(Coupon::count().exec(&bed.plain).await?, 0);
    // One that was throttled is sent again.
    let bed = Bed::new("DeleteItem", true, Fault::exception(400, "ThrottlingException")).await?;
    let (gone, ()) = bed.meanwhile(Coupon::delete(Coupon::ID.eq("c")).exec(&bed.faulty), async {}).await;
    assert_eq!(gone?, 1);
    Ok(())
}

/// The record of the id is another one by the time the delete would be sent again.
#[tokio::test(start_paused = true)]
async fn a_delete_that_is_sent_again_leaves_a_new_record_alone() -> Outcome {
    for (case, first) in [("applied", Fault::AnswerLost), ("not applied", Fault::Dropped)] {
        let bed = Bed::new("DeleteItem", true, first).await?;
        let again = async {
            Coupon::delete(Coupon::ID.eq("c")).exec(&bed.plain).await?;
            Coupon::create().id("c").label("second").exec(&bed.plain).await
        };
        // Whenever the other two come: as soon as the first answer is lost.
        let soon = async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            again.await
        };
        bed.writes.store(0, Ordering::Relaxed);
        let (gone, created) = tokio::join!(Coupon::delete(Coupon::ID.eq("c")).exec(&bed.faulty), soon);
        created?;
        let left = Coupon::find_unique(Coupon::ID.eq("c")).select(Coupon::LABEL).exec(&bed.plain).await?;
        assert_eq!(left.as_deref(), Some("second"), "{case}: {gone:?}");
    }
    Ok(())
}

/// The record of the id is another one by the time the increment would be sent again: it is not made on both.
#[tokio::test(start_paused = true)]
async fn an_increment_of_a_record_that_was_replaced_is_not_made_on_the_new_one() -> Outcome {
    for transactions in [true, false] {
        let bed = Bed::new("UpdateItem", transactions, Fault::AnswerLost).await?;
        let replaced = async {
            // As soon as the first answer is lost.
            tokio::time::sleep(Duration::from_millis(1)).await;
            let first = Name::consume(Name::ID.eq("a")).exec(&bed.plain).await?;
            Name::create().id("a").exec(&bed.plain).await?;
            Ok::<_, Error>(first.map(|name| name.uses))
        };
        bed.writes.store(0, Ordering::Relaxed);
        let increment = Name::update(Name::ID.eq("a")).increment(Name::USES, 1).exec(&bed.faulty);
        let (incremented, first) = tokio::join!(increment, replaced);
        assert_eq!(first?, Some(1));
        is_unknown(incremented, "it was applied");
        assert_eq!(Name::find_unique(Name::ID.eq("a")).select(Name::USES).exec(&bed.plain).await?, Some(0));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_create_whose_record_was_replaced_is_not_reported_as_a_duplicate() -> Outcome {
    let bed = Bed::new("PutItem", true, Fault::AnswerLost).await?;
    let (created, replaced) = bed
        .meanwhile(Coupon::create().id("d").exec(&bed.faulty), async {
            assert_eq!(Coupon::delete(Coupon::ID.eq("d")).exec(&bed.plain).await?, 1);
            Coupon::create().id("d").exec(&bed.plain).await
        })
        .await;
    replaced?;
    is_unknown(created, "it was applied");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_claim_of_a_record_that_was_replaced_is_not_reported_as_none() -> Outcome {
    let bed = Bed::new("UpdateItem", true, Fault::AnswerLost).await?;
    let unclaimed = Coupon::ID.eq("c").and(Coupon::LABEL.eq("new"));
    let (claimed, replaced) = bed
        .meanwhile(Coupon::update_many().filter(unclaimed).set(Coupon::LABEL, "claimed").exec(&bed.faulty), async {
            let first = Coupon::consume(Coupon::ID.eq("c")).exec(&bed.plain).await?;
            Coupon::create().id("c").label("other").exec(&bed.plain).await?;
            Ok::<_, Error>(first.map(|coupon| coupon.label))
        })
        .await;
    assert_eq!(replaced?.as_deref(), Some("claimed"));
    is_unknown(claimed, "it was applied");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn without_transactions_a_consume_that_was_applied_is_not_reported_as_none() -> Outcome {
    let bed = Bed::new("DeleteItem", false, Fault::AnswerLost).await?;
    let (consumed, ()) = bed.meanwhile(Name::consume(Name::ID.eq("a")).exec(&bed.faulty), async {}).await;
    is_unknown(consumed, "it was applied");
    let (consumed, ()) = bed.meanwhile(Name::consume(Name::ID.eq("a")).exec(&bed.faulty), async {}).await;
    assert_eq!(consumed?, None);
    Ok(())
}

/// Somebody has seen what it set, and deleted it with the record.
#[tokio::test(start_paused = true)]
async fn without_transactions_an_update_whose_record_is_gone_is_in_doubt() -> Outcome {
    let bed = Bed::new("UpdateItem", false, Fault::AnswerLost).await?;
    bed.writes.store(0, Ordering::Relaxed);
    let update = Name::update(Name::ID.eq("a")).set(Name::TEXT, "y".to_owned()).exec(&bed.faulty);
    let (updated, consumed) = tokio::join!(update, async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        Name::consume(Name::ID.eq("a")).exec(&bed.plain).await
    });
    assert_eq!(consumed?.and_then(|name| name.text).as_deref(), Some("y"));
    is_unknown(updated, "it was applied");
    Ok(())
}

/// A record that is young, but cannot be a new one: this driver has seen it before, or nobody takes its id twice.
#[tokio::test(start_paused = true)]
async fn a_delete_that_did_not_arrive_is_made_again() -> Outcome {
    let bed = Bed::new("DeleteItem", true, Fault::Dropped).await?;
    let seen = Coupon::create().id("d").exec(&bed.faulty).await?;
    let claimed = Coupon::create().exec(&bed.plain).await?;
    let claim =
        Coupon::update(Coupon::ID.eq(&claimed.id)).filter(Coupon::LABEL.eq("new")).set(Coupon::LABEL, "claimed");
    assert!(claim.exec(&bed.plain).await?.is_some());
    for id in [&seen.id, &claimed.id] {
        let (gone, ()) = bed.meanwhile(Coupon::consume(Coupon::ID.eq(id)).exec(&bed.faulty), async {}).await;
        assert_eq!(gone?.map(|coupon| coupon.id).as_ref(), Some(id));
    }
    Ok(())
}

/// Another program stores a record again under an id that it has chosen, without a token.
#[tokio::test(start_paused = true)]
async fn a_delete_that_is_sent_again_leaves_the_record_of_another_program_alone() -> Outcome {
    let bed = Bed::new("DeleteItem", true, Fault::AnswerLost).await?;
    let driver = bed.plain.driver();
    let client = driver.client::<Client>().ok_or("the SDK client")?;
    bed.writes.store(0, Ordering::Relaxed);
    let (gone, stored) = tokio::join!(Coupon::consume(Coupon::ID.eq("c")).exec(&bed.faulty), async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let put = client.put_item().table_name("coupons").item("__orm_pk", text("record#c"));
        put.item("__orm_kind", text("record")).item("id", text("c")).item("label", text("second")).send().await
    });
    stored?;
    is_unknown(gone, "it was applied");
    assert_eq!(
        Coupon::find_unique(Coupon::ID.eq("c")).select(Coupon::LABEL).exec(&bed.plain).await?.as_deref(),
        Some("second")
    );
    Ok(())
}

/// Others write so often in between that the record does not remember its create any more: what it finds in its place may
/// be its own record.
#[tokio::test(start_paused = true)]
async fn a_create_that_is_forgotten_is_not_reported_as_a_duplicate() -> Outcome {
    let claims = async |orm: &Orm| {
        for round in 0..8 {
            let (before, after) = (format!("label {round}"), format!("label {}", round + 1));
            let unclaimed = Coupon::ID.eq("d").and(Coupon::LABEL.eq(before));
            let claimed = Coupon::update_many().filter(unclaimed).set(Coupon::LABEL, after).exec(orm).await?;
            assert_eq!(claimed, 1, "in round {round}");
        }
        Ok::<_, Error>(())
    };
    let bed = Bed::new("PutItem", true, Fault::AnswerLost).await?;
    let create = Coupon::create().id("d").label("label 0").exec(&bed.faulty);
    let (created, claimed) = bed.meanwhile(create, claims(&bed.plain)).await;
    claimed?;
    is_unknown(created, "it was applied");
    // One that was certainly not applied is a duplicate.
    let bed = Bed::new("PutItem", true, Fault::exception(400, "ThrottlingException")).await?;
    let create = Coupon::create().id("d").label("late").exec(&bed.faulty);
    let (created, claimed) = bed
        .meanwhile(create, async {
            Coupon::create().id("d").label("label 0").exec(&bed.plain).await?;
            claims(&bed.plain).await
        })
        .await;
    claimed?;
    let duplicate = created.expect_err("the id is taken");
    assert_eq!((duplicate.code(), duplicate.fields()), (ErrorCode::UniqueConstraintViolation, &["id"][..]));
    Ok(())
}

/// A record gives a value up and takes it again, while the request that frees the first lock is sent a second time.
#[tokio::test(start_paused = true)]
async fn without_transactions_a_lock_that_was_taken_again_is_not_freed() -> Outcome {
    let bed = Bed::new("DeleteItem", false, Fault::AnswerLost).await?;
    let (given_up, taken) = bed
        .meanwhile(
            Name::update(Name::ID.eq("a")).set(Name::TEXT, None::<String>).exec(&bed.faulty),
            Name::update(Name::ID.eq("a")).set(Name::TEXT, "x".to_owned()).exec(&bed.plain),
        )
        .await;
    given_up?;
    taken?;
    let report = Auditor::new(&bed.driver).audit::<Name>().await?;
    assert!(report.is_clean(), "{report}");
    let taken = Name::create().id("b").text("x".to_owned()).exec(&bed.plain).await.expect_err("it is taken");
    assert_eq!(taken.code(), ErrorCode::UniqueConstraintViolation);
    Ok(())
}

/// A create that is refused releases the lock that it took, and is asked to again when that has been taken anew: by the
/// record of the same id, so that only the stamp tells the two locks apart.
#[tokio::test(start_paused = true)]
async fn without_transactions_a_lock_that_was_taken_again_is_not_released() -> Outcome {
    let bed = Bed::new("DeleteItem", false, Fault::AnswerLost).await?;
    let (refused, taken) = bed
        .meanwhile(
            Name::create().id("a").text("y".to_owned()).exec(&bed.faulty),
            Name::update(Name::ID.eq("a")).set(Name::TEXT, "y".to_owned()).exec(&bed.plain),
        )
        .await;
    let refused = refused.expect_err("the id is taken");
    assert_eq!((refused.code(), refused.fields()), (ErrorCode::UniqueConstraintViolation, &["id"][..]));
    taken?;
    let report = Auditor::new(&bed.driver).audit::<Name>().await?;
    assert!(report.is_clean(), "{report}");
    Ok(())
}

/// An attempt that was given up can arrive while the next one is under way.
#[tokio::test(start_paused = true)]
async fn a_delete_that_arrives_late_leaves_a_new_record_alone() -> Outcome {
    for with_others in [false, true] {
        let bed = Bed::new("DeleteItem", true, Fault::ArrivesLate(Duration::from_millis(500))).await?;
        let old = Coupon::create().exec(&bed.plain).await?;
        let (gone, created) = bed
            .meanwhile(Coupon::delete(Coupon::ID.eq(old.id.as_str())).exec(&bed.faulty), async {
                tokio::time::sleep(Duration::from_millis(700)).await;
                let new = [(old.id.as_str(), "second"), ("other", "other")]
                    .map(|(id, label)| Coupon::create().id(id).label(label));
                let new = new.into_iter().take(if with_others { 2 } else { 1 });
                Coupon::create_many(new).exec(&bed.plain).await
            })
            .await;
        created?;
        let error = gone.expect_err("it may have been this delete");
        assert!(error.is_outcome_unknown(), "{error}");
        let left = Coupon::find_unique(Coupon::ID.eq(old.id.as_str())).select(Coupon::LABEL).exec(&bed.plain).await?;
        assert_eq!(left.as_deref(), Some("second"));
    }
    Ok(())
}
