//! Requests that were given up, and arrive after the operation was made again: what they would do is done once, by
//! whichever attempt comes first, or it is said that nobody knows.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use orm::prelude::*;
use orm_dynamodb::Embedded;
use rust_decimal::Decimal;
use tests::faults::{Fault, FaultyClient};
use tests::seed::age;
use tests::suite::Outcome;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "accounts")]
struct Account {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    name: Option<String>,
    #[orm(default = 0)]
    visits: i64,
    /// DynamoDB does not add to it: the sum is made here, and set.
    #[orm(default = Decimal::ONE)]
    balance: Decimal,
}

/// What is added to is unique, so that each addition moves a lock.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "serials")]
struct Serial {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    number: i64,
}

const BY_ID: &str = "a";

/// One engine by two ways, of which one has faults.
struct Bed {
    embedded: Embedded,
    plain: Orm,
    faulty: Orm,
    /// How many requests of the kind that has faults there were.
    sent: Arc<AtomicUsize>,
}

impl Bed {
    /// What happens to requests of an operation, by their number since [`arm`](Self::arm).
    async fn new(
        operation: &'static str,
        transactions: bool,
        plan: impl Fn(usize) -> Option<Fault> + Send + 'static,
    ) -> Result<Self, Error> {
        let embedded = Embedded::in_memory()?;
        let sent = Arc::new(AtomicUsize::new(usize::MAX / 2));
        let numbers = sent.clone();
        let unknown = move |sent: &str| sent == "TransactWriteItems" && !transactions;
        let faulty = FaultyClient::new(embedded.http_client(), move |sent, _| match sent {
            sent if unknown(sent) => Some(Fault::unknown_operation()),
            sent if sent == operation => plan(numbers.fetch_add(1, Ordering::Relaxed)),
            _ => None,
        });
        let plain =
            FaultyClient::new(embedded.http_client(), move |sent, _| unknown(sent).then(Fault::unknown_operation));
        let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
        let schema = || schema![Account, Serial];
        let plain = Orm::bootstrap(schema(), embedded.config().http_client(plain).build()).await?;
        let faulty = embedded.config().http_client(faulty).retry_config(retries).build();
        let faulty = Orm::from_runtime(schema(), faulty)?;
        // The driver finds out about the engine.
        Serial::create().id("first").number(-1).exec(&faulty).await?;
        Ok(Self { embedded, plain, faulty, sent })
    }

    fn arm(&self) {
        self.sent.store(0, Ordering::Relaxed);
    }

    async fn account(&self, name: &str) -> Result<Account, Box<dyn std::error::Error + Send + Sync>> {
        let account = Account::create().id(BY_ID).name(name).exec(&self.plain).await?;
        // One that is younger may be a new one.
        age(&self.embedded.client(), "accounts", BY_ID).await?;
        self.arm();
        Ok(account)
    }

    /// A lock of this name whose record is gone.
    async fn orphan(&self, name: &str) -> Outcome {
        let gone = Account::create().name(name).exec(&self.plain).await?;
        let key = AttributeValue::S(format!("record#{}", gone.id));
        self.embedded.client().delete_item().table_name("accounts").key("__orm_pk", key).send().await?;
        self.arm();
        Ok(())
    }

    /// Gives the record another name, but not its lock.
    async fn rename_by_hand(&self, name: &str) -> Outcome {
        let update = self.embedded.client().update_item().table_name("accounts");
        let update = update.key("__orm_pk", AttributeValue::S(format!("record#{BY_ID}")));
        let update = update.update_expression("SET #name = :name").expression_attribute_names("#name", "name");
        update.expression_attribute_values(":name", AttributeValue::S(name.to_owned())).send().await?;
        Ok(())
    }

    async fn stored(&self) -> Result<Option<Account>, Error> {
        // Whatever is late has arrived by then.
        tokio::time::sleep(Duration::from_secs(20)).await;
        Account::find_unique(Account::ID.eq(BY_ID)).exec(&self.plain).await
    }
}

/// The first attempt arrives five seconds late, and the second takes one.
fn first_is_late(number: usize) -> Option<Fault> {
    match number {
        0 => Some(Fault::ArrivesLate(Duration::from_secs(5))),
        1 => Some(Fault::Delayed(Duration::from_secs(1))),
        _ => None,
    }
}

/// The first attempt arrives just before the second.
fn first_comes_first(number: usize) -> Option<Fault> {
    match number {
        0 => Some(Fault::ArrivesLate(Duration::from_millis(1500))),
        1 => Some(Fault::Delayed(Duration::from_secs(3))),
        _ => None,
    }
}

/// While the first attempt is on its way.
async fn meanwhile<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::time::sleep(Duration::from_millis(500)).await;
    work.await
}

fn update() -> orm::query::Update<Account> {
    Account::update(Account::ID.eq(BY_ID))
}

fn half() -> Decimal {
    Decimal::new(5, 1)
}

#[tokio::test(start_paused = true)]
async fn an_increment_is_applied_once_whichever_attempt_comes_first() -> Outcome {
    for plan in [first_comes_first, first_is_late] {
        let bed = Bed::new("UpdateItem", true, plan).await?;
        bed.account("x").await?;
        let added = update().increment(Account::VISITS, 1).exec(&bed.faulty).await?;
        assert_eq!(added.map(|account| account.visits), Some(1));
        assert_eq!(bed.stored().await?.map(|account| account.visits), Some(1));
    }
    Ok(())
}

/// So many others come after it that the record no longer remembers it: then nobody knows.
#[tokio::test(start_paused = true)]
async fn an_increment_that_is_forgotten_is_not_applied_twice() -> Outcome {
    let bed = Bed::new("UpdateItem", true, first_comes_first).await?;
    bed.account("x").await?;
    let (late, others) = tokio::join!(update().increment(Account::VISITS, 1).exec(&bed.faulty), async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        for _ in 0..8 {
            update().increment(Account::VISITS, 10).exec(&bed.plain).await?;
        }
        Ok::<_, Error>(())
    });
    others?;
    assert!(late.expect_err("it may have been applied").is_outcome_unknown());
    assert_eq!(bed.stored().await?.map(|account| account.visits), Some(81));
    Ok(())
}

/// The first attempt arrives when the second one was applied, and so many others after it that they are all that the
/// record remembers of increments.
#[tokio::test(start_paused = true)]
async fn an_increment_that_arrives_after_many_others_is_applied_once() -> Outcome {
    let bed = Bed::new("UpdateItem", true, first_is_late).await?;
    bed.account("x").await?;
    let added = update().increment(Account::VISITS, 1).exec(&bed.faulty).await?;
    assert_eq!(added.map(|account| account.visits), Some(1));
    for _ in 0..8 {
        update().increment(Account::VISITS, 10).exec(&bed.plain).await?;
    }
    assert_eq!(bed.stored().await?.map(|account| account.visits), Some(81));
    Ok(())
}

/// The first attempt is still under way when the others have been refused for as long as there were any.
#[tokio::test(start_paused = true)]
async fn an_increment_that_may_still_arrive_is_in_doubt() -> Outcome {
    for refused in ["ThrottlingException", "AccessDeniedException"] {
        let bed = Bed::new("UpdateItem", true, move |number| {
            Some(match number {
                0 => Fault::ArrivesLate(Duration::from_secs(15)),
                _ => Fault::exception(400, refused),
            })
        });
        let bed = bed.await?;
        bed.account("x").await?;
        let error = update().increment(Account::VISITS, 1).exec(&bed.faulty).await.expect_err("it is refused");
        assert!(error.is_outcome_unknown(), "{error}");
        assert_eq!(bed.stored().await?.map(|account| account.visits), Some(1));
    }
    Ok(())
}

/// The second attempt is refused by what is no longer so when the first one arrives.
#[tokio::test(start_paused = true)]
async fn an_increment_that_was_refused_and_may_still_arrive_is_in_doubt() -> Outcome {
    for gone in [true, false] {
        let bed = Bed::new("UpdateItem", true, first_is_late).await?;
        let account = bed.account("x").await?;
        let open = Account::update_many().filter(Account::NAME.starts_with("x")).increment(Account::VISITS, 1);
        let (added, others) = tokio::join!(
            open.exec(&bed.faulty),
            meanwhile(async {
                match gone {
                    true => Account::delete(Account::ID.eq(BY_ID)).exec(&bed.plain).await.map(drop),
                    false => update().set(Account::NAME, "y").exec(&bed.plain).await.map(drop),
                }
            })
        );
        others?;
        let error = added.expect_err("it may still be applied");
        assert!(error.is_outcome_unknown(), "{error}");
        match gone {
            true => Account::insert(account).exec(&bed.plain).await.map(drop)?,
            false => update().set(Account::NAME, "x").exec(&bed.plain).await.map(drop)?,
        }
        assert_eq!(bed.stored().await?.map(|account| account.visits), Some(1));
    }
    Ok(())
}

/// The same where a lock moves: the value is free when the first attempt arrives.
#[tokio::test(start_paused = true)]
async fn an_increment_whose_transaction_may_still_arrive_is_in_doubt() -> Outcome {
    let late = |number| (number == 0).then_some(Fault::ArrivesLate(Duration::from_secs(5)));
    let bed = Bed::new("TransactWriteItems", true, late).await?;
    bed.account("x").await?;
    let holder = Account::create().name("y").exec(&bed.plain).await?;
    bed.arm();
    let moved = update().set(Account::NAME, "y").increment(Account::VISITS, 1).exec(&bed.faulty).await;
    let error = moved.expect_err("the name is taken");
    assert_eq!(error.code(), ErrorCode::UniqueConstraintViolation);
    assert!(error.is_outcome_unknown(), "{error}");
    Account::delete(Account::ID.eq(&holder.id)).exec(&bed.plain).await?;
    assert_eq!(bed.stored().await?.map(|account| account.visits), Some(1));
    Ok(())
}

/// The same where it is not found out who has the value.
#[tokio::test(start_paused = true)]
async fn an_increment_whose_transaction_may_still_arrive_is_in_doubt_whatever_comes_next() -> Outcome {
    let late = |number| (number == 0).then_some(Fault::ArrivesLate(Duration::from_secs(5)));
    let bed = Bed::new("TransactWriteItems", true, late).await?;
    bed.account("x").await?;
    let holder = Account::create().name("y").exec(&bed.plain).await?;
    let client = bed.embedded.client();
    let key = |key: String| AttributeValue::S(key);
    let record = || key(format!("record#{}", holder.id));
    let no_name = client.update_item().table_name("accounts").key("__orm_pk", record());
    let no_name = no_name.update_expression("SET #name = :no").expression_attribute_names("#name", "name");
    no_name.expression_attribute_values(":no", AttributeValue::B(Blob::new(b"y"))).send().await?;
    bed.arm();
    let moved = update().set(Account::NAME, "y").increment(Account::VISITS, 1).exec(&bed.faulty).await;
    let error = moved.expect_err("the name of its holder cannot be read");
    assert_eq!(error.code(), ErrorCode::Decode);
    assert!(error.is_outcome_unknown(), "{error}");
    for item in [record(), key("unique#account#name#%22y%22".to_owned())] {
        client.delete_item().table_name("accounts").key("__orm_pk", item).send().await?;
    }
    assert_eq!(bed.stored().await?.map(|account| account.visits), Some(1));
    Ok(())
}

/// The same where an orphan was in the way, and others are when it is gone.
#[tokio::test(start_paused = true)]
async fn an_increment_past_an_orphan_whose_transaction_may_still_arrive_is_in_doubt() -> Outcome {
    // The second attempt is refused, the third request frees the orphan.
    let bed = Bed::new("TransactWriteItems", true, |number| match number {
        0 => Some(Fault::ArrivesLate(Duration::from_secs(15))),
        3..100 => Some(Fault::cancelled(["TransactionConflict", "None", "None"])),
        _ => None,
    })
    .await?;
    bed.account("x").await?;
    bed.orphan("y").await?;
    let moved = update().set(Account::NAME, "y").increment(Account::VISITS, 1).exec(&bed.faulty).await;
    let error = moved.expect_err("others are at it");
    assert_eq!(error.code(), ErrorCode::TransactionConflict);
    assert!(error.is_outcome_unknown(), "{error}");
    assert_eq!(bed.stored().await?.map(|account| account.visits), Some(1));
    Ok(())
}

/// The same without transactions: the filter holds again when the first attempt arrives.
#[tokio::test(start_paused = true)]
async fn an_increment_beside_a_lock_without_transactions_that_may_still_arrive_is_in_doubt() -> Outcome {
    let bed = Bed::new("UpdateItem", false, first_is_late).await?;
    bed.account("x").await?;
    let unchanged = update().filter(Account::BALANCE.eq(Decimal::ONE));
    let (moved, other) = tokio::join!(
        unchanged.set(Account::NAME, "y").increment(Account::VISITS, 1).exec(&bed.faulty),
        meanwhile(update().set(Account::BALANCE, half()).exec(&bed.plain))
    );
    other?;
    let error = moved.expect_err("it may still be applied");
    assert!(error.is_outcome_unknown(), "{error}");
    update().set(Account::BALANCE, Decimal::ONE).exec(&bed.plain).await?;
    assert_eq!(bed.stored().await?.map(|account| account.visits), Some(1));
    Ok(())
}

fn first_is_dropped(number: usize) -> Option<Fault> {
    match number {
        0 => Some(Fault::Dropped),
        1 => Some(Fault::Delayed(Duration::from_secs(1))),
        _ => None,
    }
}

/// Without transactions, what sets values beside a lock is not made late: it is conditional on what the record remembers.
#[tokio::test(start_paused = true)]
async fn a_claim_beside_a_lock_without_transactions_is_made_again_when_others_come_first() -> Outcome {
    let bed = Bed::new("UpdateItem", false, first_is_dropped).await?;
    Account::create().id(BY_ID).name("x").exec(&bed.plain).await?;
    bed.arm();
    let few = update().filter(Account::VISITS.lt(10));
    let (moved, other) = tokio::join!(
        few.set(Account::NAME, "y").set(Account::VISITS, 5).exec(&bed.faulty),
        meanwhile(update().increment(Account::VISITS, 1).exec(&bed.plain))
    );
    other?;
    assert_eq!(moved?.map(|account| account.visits), Some(5));
    Ok(())
}

/// Of many, those that have not been sent yet are not in doubt.
#[tokio::test(start_paused = true)]
async fn only_what_was_sent_may_still_arrive_without_transactions() -> Outcome {
    let bed = Bed::new("UpdateItem", false, first_is_dropped).await?;
    bed.account("x").await?;
    let second = Account::create().id("b").name("z").exec(&bed.plain).await?;
    age(&bed.embedded.client(), "accounts", "b").await?;
    bed.arm();
    let few = Account::update_many().filter(Account::ID.is_in([BY_ID, "b"]).and(Account::VISITS.lt(10)));
    let others = async {
        update().increment(Account::VISITS, 1).exec(&bed.plain).await?;
        Account::update(Account::ID.eq(&second.id)).set(Account::VISITS, 100).exec(&bed.plain).await
    };
    let (moved, others) =
        tokio::join!(few.set(Account::NAME, None).increment(Account::VISITS, 1).exec(&bed.faulty), meanwhile(others));
    others?;
    assert_eq!(moved?, 1);
    Ok(())
}

/// The second attempt finds a record that does not have the name, which it has again when the first one arrives.
#[tokio::test(start_paused = true)]
async fn a_delete_by_name_without_transactions_that_may_still_arrive_is_in_doubt() -> Outcome {
    let bed = Bed::new("DeleteItem", false, first_is_late).await?;
    bed.account("x").await?;
    let (gone, other) = tokio::join!(Account::delete(Account::NAME.eq("x")).exec(&bed.faulty), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        bed.rename_by_hand("y").await
    });
    other?;
    let error = gone.expect_err("it may still be applied");
    assert!(error.is_outcome_unknown(), "{error}");
    bed.rename_by_hand("x").await?;
    assert_eq!(bed.stored().await?, None);
    Ok(())
}

/// An orphaned lock refuses the second attempt. The first one arrives when it has been freed, and before the third.
#[tokio::test(start_paused = true)]
async fn a_transaction_that_comes_late_past_an_orphan_does_not_run_into_itself() -> Outcome {
    let plan = |number| match number {
        0 => Some(Fault::ArrivesLate(Duration::from_secs(2))),
        // What frees the orphan comes in between.
        3 => Some(Fault::Delayed(Duration::from_secs(5))),
        _ => None,
    };
    for create in [true, false] {
        let bed = Bed::new("TransactWriteItems", true, plan).await?;
        if !create {
            bed.account("x").await?;
        }
        bed.orphan("y").await?;
        let stored = match create {
            true => Some(Account::create().id(BY_ID).name("y").exec(&bed.faulty).await?),
            false => Account::update(Account::NAME.eq("x")).set(Account::NAME, "y").exec(&bed.faulty).await?,
        };
        assert_eq!(bed.sent.load(Ordering::Relaxed), 4);
        assert_eq!(stored.as_ref().and_then(|account| account.name.as_deref()), Some("y"), "create: {create}");
        assert_eq!(bed.stored().await?, stored);
    }
    Ok(())
}

/// Others set the sum back to what it was made from, with an increment and without.
#[tokio::test(start_paused = true)]
async fn a_sum_is_set_once_though_it_is_made_from_the_same_value_again() -> Outcome {
    for adds in [true, false] {
        let bed = Bed::new("UpdateItem", true, first_is_late).await?;
        bed.account("x").await?;
        let back = match adds {
            true => update().set(Account::NAME, "y").increment(Account::BALANCE, -half()),
            false => update().set(Account::BALANCE, half()),
        };
        let (added, moved) = tokio::join!(
            update().increment(Account::BALANCE, half()).exec(&bed.faulty),
            meanwhile(back.exec(&bed.plain))
        );
        added?;
        moved?;
        assert_eq!(bed.stored().await?.map(|account| account.balance), Some(Decimal::ONE), "adds: {adds}");
    }
    Ok(())
}

/// A try that keeps the key loses a race for it; the next one is a transaction that moves it back.
#[tokio::test(start_paused = true)]
async fn an_increment_that_moves_a_lock_in_its_second_try_is_applied_once() -> Outcome {
    for decimal in [true, false] {
        let bed = Bed::new("UpdateItem", true, first_is_late).await?;
        bed.account("x").await?;
        let add = match decimal {
            true => update().set(Account::NAME, "x").increment(Account::BALANCE, half()),
            false => update().set(Account::NAME, "x").increment(Account::VISITS, 1),
        };
        let move_away = update().set(Account::NAME, "y").exec(&bed.plain);
        let (added, moved) = tokio::join!(add.exec(&bed.faulty), meanwhile(move_away));
        moved?;
        assert_eq!(added?.and_then(|account| account.name).as_deref(), Some("x"));
        if decimal {
            // The sum is again what the late one was made from.
            update().set(Account::BALANCE, Decimal::ONE).exec(&bed.plain).await?;
        }
        let stored = bed.stored().await?.map(|account| (account.visits, account.balance));
        assert_eq!(stored, Some((i64::from(!decimal), Decimal::ONE)), "decimal: {decimal}");
    }
    Ok(())
}

/// Each try is a transaction: with one more and one less the value is again what the late one relies on.
#[tokio::test(start_paused = true)]
async fn a_transaction_that_adds_is_applied_once_in_however_many_tries() -> Outcome {
    for many in [false, true] {
        let bed = Bed::new("TransactWriteItems", true, first_is_late).await?;
        Serial::create().id("a").number(1).exec(&bed.plain).await?;
        age(&bed.embedded.client(), "serials", "a").await?;
        bed.arm();
        let add = async {
            match many {
                true => {
                    Serial::update_many()
                        .filter(Serial::ID.eq("a"))
                        .increment(Serial::NUMBER, 1)
                        .exec(&bed.faulty)
                        .await
                }
                false => {
                    let one = Serial::update(Serial::ID.eq("a")).increment(Serial::NUMBER, 1).exec(&bed.faulty).await;
                    one.map(|one| one.map_or(0, |_| 1))
                }
            }
        };
        let less = Serial::update(Serial::ID.eq("a")).increment(Serial::NUMBER, -1).exec(&bed.plain);
        let (added, taken) = tokio::join!(add, meanwhile(less));
        assert_eq!((added?, taken?.is_some()), (1, true));
        tokio::time::sleep(Duration::from_secs(20)).await;
        let stored = Serial::find_unique(Serial::ID.eq("a")).select(Serial::NUMBER).exec(&bed.plain).await?;
        assert_eq!(stored, Some(1), "many: {many}");
    }
    Ok(())
}
