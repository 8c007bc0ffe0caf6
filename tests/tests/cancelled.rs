//! A future that is dropped, at each point at which it can be: the auditor accepts what it leaves, and the next writer is
//! not held up by it.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use orm::driver::BoxFuture;
use orm::prelude::*;
use orm_dynamodb::audit::{Auditor, Finding};
use orm_dynamodb::{DynamoDb, Embedded, ScanPolicy};
use tests::faults::{Fault, FaultyClient};
use tests::suite::Outcome;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "people")]
#[orm(unique(org, badge))]
struct Person {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    email: String,
    #[orm(default = "o")]
    org: String,
    badge: i64,
    #[orm(default = 0)]
    visits: i64,
}

fn person(id: &str, badge: i64) -> orm::query::Create<Person> {
    orm::query::IntoCreate::into_create(Person::create().id(id).email(format!("{id}@x.dev")).badge(badge))
}

fn email(id: &str) -> String {
    format!("{id}@x.dev")
}

/// An engine on which the answer to each request takes a while, so that its future can be dropped before the request is
/// applied and after.
struct Bed {
    embedded: Embedded,
    driver: DynamoDb,
    slow: Orm,
    plain: Orm,
}

impl Bed {
    async fn new(transactions: bool) -> Result<Self, Error> {
        let embedded = Embedded::in_memory()?;
        let client = FaultyClient::new(embedded.http_client(), move |operation, _| {
            if operation == "TransactWriteItems" && !transactions {
                return Some(Fault::unknown_operation());
            }
            Some(Fault::AnswerDelayed(Duration::from_millis(1)))
        });
        let config = embedded.config().http_client(client).build();
        let driver = DynamoDb::builder(Client::from_conf(config)).scan_policy(ScanPolicy::Allow).build();
        let slow = Orm::bootstrap(schema![Person], &driver).await?;
        // With the driver's knowledge of the engine.
        let plain = Orm::from_runtime(schema![Person], &embedded)?;
        for (id, badge) in [("a", 1), ("b", 2)] {
            person(id, badge).exec(&slow).await?;
        }
        Ok(Self { embedded, driver, slow, plain })
    }

    /// The people, by id: what the operation has changed is whole or nothing.
    async fn people(&self) -> Result<BTreeMap<String, Person>, Error> {
        Ok(Person::find_many().exec(&self.plain).await?.into_iter().map(|person| (person.id.clone(), person)).collect())
    }

    /// What the auditor has to say, but for what the path without transactions may leave.
    async fn damage(&self, transactions: bool) -> Result<Vec<Finding>, Error> {
        let report = Auditor::new(&self.driver).audit::<Person>().await?;
        let orphan = |finding: &Finding| {
            matches!(finding, Finding::LockWithoutRecord { .. } | Finding::LockOfAnotherValue { .. })
        };
        let left = transactions && report.locks_under_way() > 0;
        assert!(!left, "a lock of the path without transactions");
        Ok(report.findings().iter().filter(|finding| transactions || !orphan(finding)).cloned().collect())
    }

    /// Makes all locks older than any writer can be.
    async fn age_locks(&self) -> Outcome {
        let client = self.embedded.client();
        let items = client.scan().table_name("people").send().await?.items.unwrap_or_default();
        for item in items.iter().filter(|item| item.contains_key("__orm_taken")) {
            client
                .update_item()
                .table_name("people")
                .key("__orm_pk", item.get("__orm_pk").cloned().ok_or("a key")?)
                .update_expression("SET #taken = :taken")
                .expression_attribute_names("#taken", "__orm_taken")
                .expression_attribute_values(":taken", AttributeValue::S("1000-old".to_owned()))
                .send()
                .await?;
        }
        Ok(())
    }
}

type Operation = (&'static str, for<'o> fn(&'o Orm) -> BoxFuture<'o, ()>);

macro_rules! operations {
    ($($what:literal = |$orm:ident| $send:expr;)*) => {
        [$(($what, |$orm| Box::pin(async move { $send.await.map(drop) }))),*]
    };
}

const OPERATIONS: [Operation; 16] = operations! {
    "create" = |orm| person("c", 3).exec(orm);
    "create many" = |orm| Person::create_many([person("c", 3), person("d", 4)]).exec(orm);
    "update without locks" = |orm| Person::update(Person::ID.eq("a")).set(Person::VISITS, 5).exec(orm);
    "increment by a unique field" =
        |orm| Person::update(Person::EMAIL.eq(email("a"))).increment(Person::VISITS, 1).exec(orm);
    "move a lock" = |orm| Person::update(Person::ID.eq("a")).set(Person::EMAIL, email("c")).exec(orm);
    "move all locks" = |orm| {
        let update = Person::update(Person::EMAIL.eq(email("a"))).set(Person::EMAIL, email("c"));
        update.set(Person::BADGE, 7).increment(Person::VISITS, 1).exec(orm)
    };
    "move many locks" = |orm| Person::update_many().increment(Person::BADGE, 10).exec(orm);
    "update many" = |orm| Person::update_many().increment(Person::VISITS, 1).exec(orm);
    "upsert, to create" = |orm| {
        let upsert = Person::upsert(Person::EMAIL.eq(email("c"))).create(person("c", 3));
        upsert.update(|person| person.increment(Person::VISITS, 1)).exec(orm)
    };
    "upsert, to update" = |orm| {
        let upsert = Person::upsert(Person::EMAIL.eq(email("a"))).create(person("a", 1));
        upsert.update(|person| person.increment(Person::VISITS, 1)).exec(orm)
    };
    "move a lock if it may" = |orm| {
        let update = Person::update(Person::EMAIL.eq(email("a"))).filter(Person::VISITS.lt(5));
        update.set(Person::EMAIL, email("c")).increment(Person::VISITS, 1).exec(orm)
    };
    "consume if it may" = |orm| Person::consume(Person::ID.eq("a")).filter(Person::ORG.eq("o")).exec(orm);
    "delete" = |orm| Person::delete(Person::ID.eq("a")).exec(orm);
    "consume" = |orm| Person::consume(Person::EMAIL.eq(email("a"))).exec(orm);
    "delete many" = |orm| Person::delete_many().exec(orm);
    "give a value up and take it" = |orm| async move {
        Person::update(Person::ID.eq("a")).set(Person::EMAIL, email("free")).exec(orm).await?;
        Person::update(Person::ID.eq("b")).set(Person::EMAIL, email("a")).exec(orm).await
    };
};

/// Polls a future until it has been pending so often, and drops it then; whether it was finished before.
async fn dropped_after<F: Future<Output = Result<(), Error>>>(times: usize, future: F) -> Result<bool, Error> {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(move |context| match Pin::as_mut(&mut future).poll(context) {
        Poll::Ready(result) => Poll::Ready(result.map(|()| true)),
        Poll::Pending if left == 0 => Poll::Ready(Ok(false)),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

async fn drop_at_each_point(transactions: bool) -> Outcome {
    for (what, operation) in OPERATIONS {
        let whole = Bed::new(transactions).await?;
        let before = whole.people().await?;
        operation(&whole.slow).await?;
        let after = whole.people().await?;
        let mut points = 0;
        for times in 0.. {
            let bed = Bed::new(transactions).await?;
            if dropped_after(times, operation(&bed.slow)).await? {
                break;
            }
            points += 1;
            let case = format!("{what}, dropped at point {times}, transactions: {transactions}");
            assert_eq!(bed.damage(transactions).await?, [], "{case}");
            let people = bed.people().await?;
            for id in before.keys().chain(after.keys()) {
                let now = people.get(id);
                let halfway =
                    what == "give a value up and take it" && now.is_some_and(|now| now.email == email("free"));
                assert!(now == before.get(id) || now == after.get(id) || halfway, "{case}: {id} is {now:?}");
            }
            // The next writer gets what it wants.
            bed.age_locks().await?;
            match operation(&bed.slow).await {
                Ok(()) => {}
                // It had been applied.
                Err(error) if error.code() == ErrorCode::UniqueConstraintViolation && people != before => {}
                Err(error) => panic!("{case}, and then again: {error:?}"),
            }
            assert_eq!(bed.damage(transactions).await?, [], "{case}, and then again");
        }
        assert!(points >= 2, "{what} was dropped at {points} points");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_dropped_future_leaves_nothing_half_done() -> Outcome {
    drop_at_each_point(true).await
}

#[tokio::test(start_paused = true)]
async fn without_transactions_a_dropped_future_leaves_orphaned_locks_at_most() -> Outcome {
    drop_at_each_point(false).await
}
