//! An update that got no answer, whose record, or whose unique key, is gone when it looks again: whether it was applied before
//! that, nothing tells.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use orm::prelude::*;
use orm_dynamodb::{DynamoDb, Embedded, Retries};
use rust_decimal::Decimal;
use tests::faults::{Fault, FaultyClient};
use tests::suite::Outcome;
use tokio::sync::watch;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "counters")]
struct Counter {
    #[orm(id)]
    id: String,
    #[orm(default = 0)]
    value: i64,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "purses")]
struct Purse {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    name: String,
    /// The sum is made by the driver, and set.
    #[orm(default = Decimal::ZERO)]
    amount: Decimal,
}

/// How many reads and updates were sent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sent {
    reads: usize,
    updates: usize,
}

/// What happens to a read or an update, by its number from 0.
type Script = fn(usize) -> Option<Fault>;

/// Two drivers of one engine: a plain one, and one whose reads and updates follow a script, and which waits long for others
/// to get on.
struct Bed {
    plain: Orm,
    scripted: Orm,
    sent: watch::Sender<Sent>,
}

impl Bed {
    async fn new(reads: Script, updates: Script) -> Result<Self, Error> {
        let embedded = Embedded::in_memory()?;
        let sent = watch::Sender::new(Sent::default());
        let client = FaultyClient::new(embedded.http_client(), {
            let sent = sent.clone();
            move |operation, _| {
                let before = *sent.borrow();
                match operation {
                    "GetItem" => {
                        sent.send_modify(|sent| sent.reads += 1);
                        reads(before.reads)
                    }
                    "UpdateItem" | "TransactWriteItems" => {
                        sent.send_modify(|sent| sent.updates += 1);
                        updates(before.updates)
                    }
                    _ => None,
                }
            }
        });
        let soon = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
        let client = Client::from_conf(embedded.config().http_client(client).retry_config(soon).build());
        let pauses = Retries::default().first_pause(Duration::from_secs(600)).longest_pause(Duration::from_secs(600));
        let schema = || schema![Counter, Purse];
        let plain = Orm::bootstrap(schema(), &embedded).await?;
        let scripted = Orm::from_runtime(schema(), DynamoDb::builder(client).retries(pauses).build())?;
        Ok(Self { plain, scripted, sent })
    }

    /// Until so many updates were sent.
    async fn updates(&self, number: usize) -> Outcome {
        self.until(|sent| sent.updates >= number).await
    }

    /// Until so many reads were sent.
    async fn reads(&self, number: usize) -> Outcome {
        self.until(|sent| sent.reads >= number).await
    }

    async fn until(&self, is_sent: impl FnMut(&Sent) -> bool) -> Outcome {
        tokio::time::timeout(Duration::from_secs(3600), self.sent.subscribe().wait_for(is_sent)).await??;
        Ok(())
    }
}

fn in_a_second() -> Option<Fault> {
    Some(Fault::Delayed(Duration::from_secs(1)))
}

fn is_in_doubt<T: std::fmt::Debug>(result: Result<T, Error>) {
    let error = result.expect_err("whether it was applied, nothing tells");
    assert!(error.is_outcome_unknown(), "{error:?}");
}

fn counter(id: &str) -> orm::query::Update<Counter> {
    Counter::update(Counter::ID.eq(id))
}

/// Under a filter of so many values that the record is read first.
fn claim(id: &str) -> orm::query::Update<Counter> {
    counter(id).filter(Counter::VALUE.is_in(0..500)).set(Counter::VALUE, 1000)
}

/// Somebody gets the record as it was claimed, before the claim has heard of its success: that nobody holds it any more does
/// not say who did.
#[tokio::test(start_paused = true)]
async fn a_claim_whose_record_is_gone_is_in_doubt() -> Outcome {
    let bed = Bed::new(|_| None, |update| if update == 0 { Some(Fault::AnswerLost) } else { in_a_second() }).await?;
    let id = &Counter::create().select(Counter::ID).exec(&bed.plain).await?;
    let claim = counter(id).filter(Counter::VALUE.eq(0)).set(Counter::VALUE, 7);
    let (claimed, others) = tokio::join!(claim.exec(&bed.scripted), async {
        bed.updates(2).await?;
        let gone = Counter::consume(Counter::ID.eq(id)).filter(Counter::VALUE.eq(7)).exec(&bed.plain).await?;
        gone.ok_or("it was claimed")?;
        Outcome::Ok(())
    });
    others?;
    is_in_doubt(claimed);
    Ok(())
}

/// An update that is none the worse for being made twice: somebody has seen what it set, and deleted it with the record.
#[tokio::test(start_paused = true)]
async fn an_update_whose_record_is_gone_is_in_doubt() -> Outcome {
    for case in ["by id", "by a unique field", "many"] {
        let bed =
            Bed::new(|_| None, |update| if update == 0 { Some(Fault::AnswerLost) } else { in_a_second() }).await?;
        let id = &Purse::create().name("x").select(Purse::ID).exec(&bed.plain).await?;
        let update = async {
            let orm = &bed.scripted;
            match case {
                "by id" => Purse::update(Purse::ID.eq(id)).set(Purse::AMOUNT, Decimal::TEN).exec(orm).await.map(drop),
                "many" => Purse::update_many()
                    .filter(Purse::ID.eq(id))
                    .set(Purse::AMOUNT, Decimal::TEN)
                    .exec(orm)
                    .await
                    .map(drop),
                _ => Purse::update(Purse::NAME.eq("x")).set(Purse::AMOUNT, Decimal::TEN).exec(orm).await.map(drop),
            }
        };
        let (updated, others) = tokio::join!(update, async {
            bed.updates(2).await?;
            let gone = Purse::consume(Purse::ID.eq(id)).exec(&bed.plain).await?;
            assert_eq!(gone.map(|purse| purse.amount), Some(Decimal::TEN), "{case}");
            Outcome::Ok(())
        });
        others?;
        is_in_doubt(updated);
    }
    Ok(())
}

/// Of an upsert there is often no record, and it stores it as if it came after whoever has deleted it.
#[tokio::test(start_paused = true)]
async fn an_upsert_whose_record_is_not_there_stores_it() -> Outcome {
    let bed = Bed::new(|_| None, |update| (update == 0).then_some(Fault::Dropped)).await?;
    let upsert = Counter::upsert(Counter::ID.eq("a")).create(Counter::create().id("a"));
    let stored = upsert.update(|counter| counter.set(Counter::VALUE, 1)).exec(&bed.scripted).await?;
    assert_eq!((stored.value, bed.sent.borrow().updates), (0, 2));
    Ok(())
}

/// The record is replaced after the claim was applied, and gone when the claim has waited for others to get on.
#[tokio::test(start_paused = true)]
async fn a_claim_whose_record_is_gone_after_a_pause_is_in_doubt() -> Outcome {
    let bed = Bed::new(|_| None, |update| if update == 2 { Some(Fault::AnswerLost) } else { in_a_second() }).await?;
    let id = &Counter::create().select(Counter::ID).exec(&bed.plain).await?;
    let (claimed, others) = tokio::join!(claim(id).exec(&bed.scripted), async {
        for update in [1, 2] {
            bed.updates(update).await?;
            counter(id).increment(Counter::VALUE, 1).exec(&bed.plain).await?;
        }
        bed.updates(4).await?;
        let claimed = Counter::consume(Counter::ID.eq(id)).exec(&bed.plain).await?;
        assert_eq!(claimed.map(|counter| counter.value), Some(1000));
        Counter::create().id(id).exec(&bed.plain).await?;
        // The last update is refused, and followed by a pause.
        tokio::time::sleep(Duration::from_millis(1001)).await;
        assert_eq!(Counter::delete(Counter::ID.eq(id)).exec(&bed.plain).await?, 1);
        Outcome::Ok(())
    });
    others?;
    is_in_doubt(claimed);
    Ok(())
}

/// The claim of a name, which moves a lock, begins anew, and finds no record: at once, or after it has found the record with
/// the name, so that there is no lock to move.
#[tokio::test(start_paused = true)]
async fn a_claim_that_begins_anew_and_finds_no_record_is_in_doubt() -> Outcome {
    let names = || (0..500).map(|name| name.to_string());
    let cases: [(&str, usize, Script); 2] = [
        ("8", 2, |read| if read < 1 { None } else { in_a_second() }),
        ("7", 4, |read| if read < 3 { None } else { in_a_second() }),
    ];
    for (name, reads, on_read) in cases {
        let bed = Bed::new(on_read, |update| if update == 0 { Some(Fault::Dropped) } else { in_a_second() }).await?;
        let id = &Purse::create().name("1").select(Purse::ID).exec(&bed.plain).await?;
        let purse = || Purse::update(Purse::ID.eq(id));
        let claim = purse().filter(Purse::NAME.is_in(names())).set(Purse::NAME, "7");
        let (claimed, others) = tokio::join!(claim.exec(&bed.scripted), async {
            bed.updates(2).await?;
            purse().set(Purse::NAME, name).exec(&bed.plain).await?;
            bed.reads(reads).await?;
            assert_eq!(Purse::delete(Purse::ID.eq(id)).exec(&bed.plain).await?, 1);
            Outcome::Ok(())
        });
        others?;
        is_in_doubt(claimed);
        assert_eq!(*bed.sent.borrow(), Sent { reads, updates: 2 });
    }
    Ok(())
}

/// So does an increment by a unique key, which nothing has when it is looked up again.
#[tokio::test(start_paused = true)]
async fn an_increment_that_begins_anew_and_finds_no_key_is_in_doubt() -> Outcome {
    for is_moved in [false, true] {
        let reads: Script = |read| if read < 3 { None } else { in_a_second() };
        let bed = Bed::new(reads, |update| if update == 0 { Some(Fault::Dropped) } else { in_a_second() }).await?;
        let id = &Purse::create().name("x").select(Purse::ID).exec(&bed.plain).await?;
        let purse = || Purse::update(Purse::ID.eq(id));
        let add = Purse::update(Purse::NAME.eq("x")).increment(Purse::AMOUNT, Decimal::ONE);
        let (added, others) = tokio::join!(add.exec(&bed.scripted), async {
            bed.updates(2).await?;
            // The record does not remember this one.
            purse().set(Purse::AMOUNT, Decimal::TEN).exec(&bed.plain).await?;
            bed.reads(4).await?;
            if is_moved {
                purse().set(Purse::NAME, "y").exec(&bed.plain).await?;
            } else {
                assert_eq!(Purse::delete(Purse::ID.eq(id)).exec(&bed.plain).await?, 1);
            }
            Outcome::Ok(())
        });
        others?;
        is_in_doubt(added);
        assert_eq!(*bed.sent.borrow(), Sent { reads: 4, updates: 2 });
    }
    Ok(())
}
