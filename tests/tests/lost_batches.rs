//! Batches whose answer is lost: nothing is put again over what others have made of it, and what is not known to be written
//! is not said to be missing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use orm::prelude::*;
use orm_dynamodb::{DynamoDb, DynamoDbBuilder, Embedded, Retries, ScanPolicy};
use tests::faults::{Fault, FaultyClient};
use tests::suite::Outcome;
use tokio::sync::Notify;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "jobs")]
struct Job {
    #[orm(id)]
    id: String,
    #[orm(default = 0)]
    runs: i64,
}

/// Two drivers of one engine: a plain one, and one whose BatchWriteItems follow a script, by their number from 0.
struct Bed {
    plain: Orm,
    scripted: Orm,
    sent: Arc<AtomicUsize>,
    looks: Arc<AtomicUsize>,
    held_up: Arc<Notify>,
}

impl Bed {
    /// What happens to a look at its records comes with the script.
    async fn new(script: fn(usize) -> Option<Fault>, on_look: Fault) -> Result<Self, Error> {
        Self::with(script, on_look, |driver| driver.retries(Retries::default().attempts(4))).await
    }

    async fn with(
        script: fn(usize) -> Option<Fault>,
        on_look: Fault,
        settings: impl FnOnce(DynamoDbBuilder) -> DynamoDbBuilder,
    ) -> Result<Self, Error> {
        let embedded = Embedded::in_memory()?;
        let (sent, looks) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let held_up = Arc::<Notify>::default();
        let client = FaultyClient::new(embedded.http_client(), {
            let (sent, looks, held_up) = (sent.clone(), looks.clone(), held_up.clone());
            move |operation, _| match operation {
                "BatchWriteItem" => {
                    let number = sent.fetch_add(1, Ordering::Relaxed);
                    if number == 1 {
                        held_up.notify_one();
                    }
                    script(number)
                }
                "BatchGetItem" => {
                    looks.fetch_add(1, Ordering::Relaxed);
                    held_up.notify_one();
                    Some(on_look.clone())
                }
                _ => None,
            }
        });
        let soon = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
        let client = Client::from_conf(embedded.config().http_client(client).retry_config(soon).build());
        let driver = settings(DynamoDb::builder(client).scan_policy(ScanPolicy::Allow));
        let plain = Orm::bootstrap(schema![Job], &embedded).await?;
        Ok(Self { plain, scripted: Orm::from_runtime(schema![Job], driver.build())?, sent, looks, held_up })
    }

    fn counts(&self) -> (usize, usize) {
        (self.sent.load(Ordering::Relaxed), self.looks.load(Ordering::Relaxed))
    }

    async fn create(&self, jobs: usize) -> Result<Vec<String>, Error> {
        Job::create_many((0..jobs).map(|_| Job::create())).select(Job::ID).exec(&self.scripted).await
    }
}

fn in_a_second() -> Fault {
    Fault::Delayed(Duration::from_secs(1))
}

fn first(number: usize, fault: Fault) -> Option<Fault> {
    Some(if number == 0 { fault } else { in_a_second() })
}

#[tokio::test(start_paused = true)]
async fn what_others_make_of_new_records_is_not_undone() -> Outcome {
    let bed = Bed::new(|number| first(number, Fault::AnswerLost), in_a_second()).await?;
    let (created, run) = tokio::join!(bed.create(3), async {
        bed.held_up.notified().await;
        Job::update_many().increment(Job::RUNS, 1).allow_scan().exec(&bed.plain).await
    });
    assert_eq!((created?.len(), run?), (3, 3));
    assert_eq!(Job::find_many().select(Job::RUNS).exec(&bed.plain).await?, [1, 1, 1]);
    assert_eq!(bed.counts(), (1, 1));
    Ok(())
}

/// A part of the batch is left unprocessed, and the answer to the rest is lost; or the batch does not arrive.
#[tokio::test(start_paused = true)]
async fn what_is_not_stored_is_sent_again() -> Outcome {
    type Script = fn(usize) -> Option<Fault>;
    let cases: [(Script, (usize, usize)); 4] = [
        (|number| [Some(Fault::Unprocessed(1)), Some(Fault::AnswerLost)].into_iter().nth(number).flatten(), (2, 1)),
        (|number| (number == 0).then_some(Fault::Dropped), (2, 1)),
        (|number| (number < 2).then(|| Fault::exception(500, "InternalServerError")), (3, 2)),
        // That it was not applied, it says itself.
        (|number| (number < 2).then(|| Fault::exception(400, "ThrottlingException")), (3, 0)),
    ];
    for (script, counts) in cases {
        let bed = Bed::new(script, in_a_second()).await?;
        let mut created = bed.create(7).await?;
        let mut stored = Job::find_many().select(Job::ID).exec(&bed.plain).await?;
        created.sort();
        stored.sort();
        assert_eq!(created, stored);
        assert_eq!(bed.counts(), counts);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_was_not_answered_in_the_end_is_in_doubt() -> Outcome {
    // How far it came is not known: what is left can be of an attempt before, and the look at it fails.
    let left: fn(usize) -> Option<Fault> =
        |number| Some([Fault::AnswerLost, Fault::Unprocessed(0)][number.min(1)].clone());
    let bed = Bed::new(left, Fault::exception(400, "ThrottlingException")).await?;
    let error = bed.create(3).await.expect_err("it never ends");
    assert_eq!((error.is_outcome_unknown(), error.written()), (true, Some(0)), "{error:?}");
    assert_eq!(Job::count().exec(&bed.plain).await?, 3);

    let bed = Bed::new(left, in_a_second()).await?;
    Job::create_many((0..3).map(|_| Job::create())).exec(&bed.plain).await?;
    let error = Job::delete_many().exec(&bed.scripted).await.expect_err("it never ends");
    assert_eq!((error.code(), error.written()), (ErrorCode::Throttled, Some(0)), "{error:?}");
    assert!(error.is_outcome_unknown(), "{error:?}");
    assert_eq!(Job::count().exec(&bed.plain).await?, 0);

    // What was only refused is not.
    let bed = Bed::new(|_| Some(Fault::exception(400, "ThrottlingException")), in_a_second()).await?;
    let error = bed.create(3).await.expect_err("it never ends");
    assert_eq!((error.code(), error.written()), (ErrorCode::Throttled, Some(0)), "{error:?}");
    assert!(!error.is_outcome_unknown(), "{error:?}");
    assert_eq!(bed.counts(), (4, 0));
    Ok(())
}

/// The first batch is found to be stored, and the second is throttled until the time is over.
#[tokio::test(start_paused = true)]
async fn a_time_out_does_not_forget_what_was_found_to_be_stored() -> Outcome {
    let script: fn(usize) -> Option<Fault> =
        |number| Some(if number == 0 { Fault::AnswerLost } else { Fault::exception(400, "ThrottlingException") });
    let settings =
        |driver: DynamoDbBuilder| driver.retries(Retries::default().attempts(1000)).timeout(Duration::from_secs(5));
    let bed = Bed::with(script, in_a_second(), settings).await?;
    let error = bed.create(26).await.expect_err("one is left");
    assert_eq!((error.code(), error.is_outcome_unknown()), (ErrorCode::Timeout, true), "{error}");
    assert!(!error.to_string().contains("nothing was written"), "{error}");
    assert_eq!(Job::count().exec(&bed.plain).await?, 25);
    Ok(())
}
