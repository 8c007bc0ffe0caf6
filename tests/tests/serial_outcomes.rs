//! Two operations on one record at once, one of which is held up at each of its requests in turn while all of the other
//! happens: what they answer and what is stored is that of one after the other, as the memory driver has it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use orm::MemoryDriver;
use orm::driver::BoxFuture;
use orm::prelude::*;
use orm_dynamodb::audit::Auditor;
use orm_dynamodb::{DynamoDb, Embedded, ScanPolicy};
use tests::faults::{Fault, FaultyClient};
use tests::suite::Outcome;
use tokio::sync::Notify;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "people")]
struct Person {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    email: Option<String>,
    #[orm(default = 0)]
    visits: i64,
    note: Option<String>,
    state: Option<String>,
}

type Operation = (&'static str, for<'o> fn(&'o Orm) -> BoxFuture<'o, String>);

macro_rules! operations {
    ($($what:literal = |$orm:ident| $send:expr;)*) => {
        [$(($what, |$orm| Box::pin(async move { $send.await.map(|answer| format!("{answer:?}")) }))),*]
    };
}

fn text(text: &str) -> String {
    text.to_owned()
}

const OPERATIONS: [Operation; 22] = operations! {
    "set a column by id" = |orm| Person::update(Person::ID.eq("a")).set(Person::NOTE, text("n")).exec(orm);
    "set another by email" = |orm| Person::update(Person::EMAIL.eq("x")).set(Person::STATE, text("s")).exec(orm);
    "increment by id" = |orm| Person::update(Person::ID.eq("a")).increment(Person::VISITS, 1).exec(orm);
    "increment by email" = |orm| Person::update(Person::EMAIL.eq("x")).increment(Person::VISITS, 2).exec(orm);
    "move the key by id" = |orm| Person::update(Person::ID.eq("a")).set(Person::EMAIL, text("y")).exec(orm);
    "move the key by itself" = |orm| {
        Person::update(Person::EMAIL.eq("x")).set(Person::EMAIL, text("z")).increment(Person::VISITS, 4).exec(orm)
    };
    "keep the key" = |orm| Person::update(Person::ID.eq("a")).set(Person::EMAIL, text("x")).exec(orm);
    "give the key up" = |orm| Person::update(Person::ID.eq("a")).set(Person::EMAIL, None::<String>).exec(orm);
    "delete by id" = |orm| Person::delete(Person::ID.eq("a")).exec(orm);
    "delete by email" = |orm| Person::delete(Person::EMAIL.eq("x")).exec(orm);
    "consume by email" = |orm| Person::consume(Person::EMAIL.eq("x")).exec(orm);
    "upsert by email" = |orm| {
        let upsert = Person::upsert(Person::EMAIL.eq("x")).create(Person::create().id("new").email(text("x")));
        upsert.update(|person| person.increment(Person::VISITS, 8)).exec(orm)
    };
    "upsert by id" = |orm| {
        let upsert = Person::upsert(Person::ID.eq("a")).create(Person::create().id("a").email(text("x")));
        upsert.update(|person| person.set(Person::NOTE, text("upserted"))).exec(orm)
    };
    "create with the key" = |orm| Person::insert(Person {
        id: text("b"), email: Some(text("x")), visits: 0, note: None, state: None
    }).exec(orm);
    "create with the next key" = |orm| Person::insert(Person {
        id: text("c"), email: Some(text("y")), visits: 0, note: None, state: None
    }).exec(orm);
    "claim" = |orm| {
        let free = Person::ID.eq("a").and(Person::NOTE.is_null());
        Person::update_many().filter(free).set(Person::NOTE, text("claimed")).exec(orm)
    };
    "claim by the key" = |orm| {
        Person::update(Person::ID.eq("a")).filter(Person::NOTE.is_null()).set(Person::NOTE, text("taken")).exec(orm)
    };
    "count few visits" = |orm| {
        let update = Person::update(Person::EMAIL.eq("x")).filter(Person::VISITS.lt(2));
        update.increment(Person::VISITS, 16).exec(orm)
    };
    "move the key without a note" = |orm| {
        Person::update(Person::ID.eq("a")).filter(Person::NOTE.is_null()).set(Person::EMAIL, text("w")).exec(orm)
    };
    "delete without visits" = |orm| Person::delete(Person::EMAIL.eq("x")).filter(Person::VISITS.lt(1)).exec(orm);
    "consume without a state" = |orm| Person::consume(Person::ID.eq("a")).filter(Person::STATE.is_null()).exec(orm);
    "delete many" = |orm| Person::delete_many().filter(Person::ID.eq("a").and(Person::VISITS.lt(1))).exec(orm);
};

async fn set_up(orm: &Orm) -> Result<(), Error> {
    Person::create().id("a").email(text("x")).exec(orm).await.map(drop)
}

fn shown(answer: Result<String, Error>) -> String {
    answer.unwrap_or_else(|error| format!("{:?} {:?}", error.code(), error.fields()))
}

async fn people(orm: &Orm) -> Result<String, Error> {
    let mut people = Person::find_many().exec(orm).await?;
    people.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    Ok(format!("{people:?}"))
}

/// What an operation that gives up answers: a writer without transactions waits for another one's lock, but not for ever.
const CONFLICT: &str = "TransactionConflict []";

/// What one of them answers and what is stored, when the other gives up.
async fn alone(one: Operation) -> Result<(String, String), Error> {
    let memory = Orm::bootstrap(schema![Person], MemoryDriver::new()).await?;
    set_up(&memory).await?;
    Ok((shown(one.1(&memory).await), people(&memory).await?))
}

/// What the two answer and what is stored, when the first is done before the second.
async fn one_after_the_other(first: Operation, second: Operation) -> Result<(String, String, String), Error> {
    let memory = Orm::bootstrap(schema![Person], MemoryDriver::new()).await?;
    set_up(&memory).await?;
    let answers = (shown(first.1(&memory).await), shown(second.1(&memory).await));
    Ok((answers.0, answers.1, people(&memory).await?))
}

async fn at_once(held: Operation, other: Operation, transactions: bool) -> Outcome {
    let (a, b, stored) = one_after_the_other(held, other).await?;
    let held_first = (a, b, stored);
    let (b, a, stored) = one_after_the_other(other, held).await?;
    let other_first = (a, b, stored);
    let mut right = vec![held_first, other_first];
    if !transactions {
        let (a, stored) = alone(held).await?;
        right.push((a, CONFLICT.to_owned(), stored));
        let (b, stored) = alone(other).await?;
        right.push((CONFLICT.to_owned(), b, stored));
    }
    for request in 0.. {
        let embedded = Embedded::in_memory()?;
        let plan =
            move |operation: &str| (operation == "TransactWriteItems" && !transactions).then(Fault::unknown_operation);
        let client = |faulty| Client::from_conf(embedded.config().http_client(faulty).build());
        let driver = |faulty| DynamoDb::builder(client(faulty)).scan_policy(ScanPolicy::Allow).build();
        let plain = driver(FaultyClient::new(embedded.http_client(), move |operation, _| plan(operation)));
        let plain_orm = Orm::bootstrap(schema![Person], &plain).await?;
        set_up(&plain_orm).await?;
        let (sent, struck) = (Arc::new(AtomicUsize::new(0)), Arc::<Notify>::default());
        let faulty = FaultyClient::new(embedded.http_client(), {
            let (sent, struck) = (sent.clone(), struck.clone());
            move |operation, _| {
                plan(operation).or_else(|| {
                    (sent.fetch_add(1, Ordering::Relaxed) == request).then(|| {
                        struck.notify_one();
                        Fault::Delayed(Duration::from_secs(2))
                    })
                })
            }
        });
        let slow = Orm::from_runtime(schema![Person], driver(faulty))?;
        let (a, b) = tokio::join!(held.1(&slow), async {
            // An operation that has no such request is not held up.
            let held_up = tokio::time::timeout(Duration::from_secs(60), struck.notified()).await;
            (held_up.is_ok(), other.1(&plain_orm).await)
        });
        let case = format!("{} held up at request {request}, {}, transactions: {transactions}", held.0, other.0);
        let (held_up, b) = b;
        let outcome = (shown(a), shown(b), people(&plain_orm).await?);
        assert!(right.contains(&outcome), "{case}: {outcome:?} is none of {right:#?}");
        let report = Auditor::new(&plain).audit::<Person>().await?;
        assert!(report.is_clean(), "{case}: {report}");
        if !held_up {
            break;
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn two_at_once_are_one_after_the_other() -> Outcome {
    for held in OPERATIONS {
        for other in OPERATIONS {
            at_once(held, other, true).await?;
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn two_at_once_are_one_after_the_other_without_transactions() -> Outcome {
    for held in OPERATIONS {
        for other in OPERATIONS {
            at_once(held, other, false).await?;
        }
    }
    Ok(())
}
