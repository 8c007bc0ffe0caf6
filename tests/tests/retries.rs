//! How often the driver tries again, how long it goes on, and what its errors say about writes without an answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use chrono::Utc;
use futures_util::StreamExt;
use orm::prelude::*;
use orm_dynamodb::{DynamoDb, DynamoDbBuilder, Embedded, Retries, ScanPolicy};
use rust_decimal::Decimal;
use tests::beside::data::schema;
use tests::faults::{Fault, FaultyClient};
use tests::models::{Session, User};
use tests::seed::age;
use tests::suite::Outcome;
use tokio::time::Instant;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "names")]
struct Name {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    text: String,
    #[orm(default = 0)]
    uses: i64,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "counters")]
struct Counter {
    #[orm(id)]
    id: String,
    #[orm(default = 0)]
    value: i64,
    /// The sum is made by the driver, and set.
    #[orm(default = Decimal::ZERO)]
    exact: Decimal,
}

/// An engine on which every request of one operation has the same fault, and how many of them there were.
struct Bed {
    orm: Orm,
    plain: Orm,
    sent: Arc<AtomicUsize>,
}

impl Bed {
    async fn new(
        operation: &'static str,
        fault: Fault,
        settings: impl FnOnce(DynamoDbBuilder) -> DynamoDbBuilder,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Self::with(operation, move |_| Some(fault.clone()), settings).await
    }

    /// The plan is asked with the number of the request, from 0.
    async fn with(
        operation: &'static str,
        plan: impl Fn(usize) -> Option<Fault> + Send + 'static,
        settings: impl FnOnce(DynamoDbBuilder) -> DynamoDbBuilder,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let embedded = Embedded::in_memory()?;
        let sent = Arc::<AtomicUsize>::default();
        let client = FaultyClient::new(embedded.http_client(), {
            let sent = sent.clone();
            move |of, _| (of == operation).then(|| sent.fetch_add(1, Ordering::Relaxed)).and_then(&plan)
        });
        let config = embedded.config().http_client(client).retry_config(RetryConfig::disabled()).build();
        let plain = Orm::bootstrap(schema![Name, Counter], embedded.client()).await?;
        for n in ["a", "b"] {
            Name::create().id(n).text(n).exec(&plain).await?;
            Counter::create().id(n).exec(&plain).await?;
            age(&embedded.client(), "counters", n).await?;
        }
        let driver = DynamoDb::builder(Client::from_conf(config)).scan_policy(ScanPolicy::Allow);
        Ok(Self { orm: Orm::new(schema![Name, Counter], settings(driver).build())?, plain, sent })
    }

    fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }
}

fn in_ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[tokio::test(start_paused = true)]
async fn attempts_are_those_of_the_settings() -> Outcome {
    for attempts in [1, 2, 6] {
        let settings = move |driver: DynamoDbBuilder| driver.retries(Retries::default().attempts(attempts));
        let conflict = || Fault::cancelled(["TransactionConflict", "None"]);
        let bed = Bed::new("TransactWriteItems", conflict(), settings).await?;
        let error = Name::create().text("c").exec(&bed.orm).await.expect_err("it keeps conflicting");
        assert_eq!((error.code(), bed.sent()), (ErrorCode::TransactionConflict, attempts as usize));

        let bed = Bed::new("TransactWriteItems", Fault::cancelled(["None", "ThrottlingError"]), settings).await?;
        let error = Name::create().text("c").exec(&bed.orm).await.expect_err("it keeps being throttled");
        assert_eq!((error.code(), bed.sent()), (ErrorCode::Throttled, attempts as usize));

        let throttled = Fault::exception(400, "ThrottlingException");
        let bed = Bed::new("TransactWriteItems", throttled, settings).await?;
        let error = Name::create().text("c").exec(&bed.orm).await.expect_err("it keeps being throttled as a whole");
        assert_eq!((error.code(), bed.sent()), (ErrorCode::Throttled, attempts as usize));
        assert!(!error.is_outcome_unknown(), "nothing was applied");

        // Of an increment, which the SDK may not send again by itself.
        let increment = Counter::update(Counter::ID.eq("a")).increment(Counter::VALUE, 1);
        let bed = Bed::new("UpdateItem", Fault::exception(400, "ThrottlingException"), settings).await?;
        let error = increment.clone().exec(&bed.orm).await.expect_err("it keeps being throttled");
        assert_eq!((error.code(), error.is_outcome_unknown()), (ErrorCode::Throttled, false));
        assert_eq!(bed.sent(), attempts as usize);
        let once = |number| (number == 0).then(|| Fault::exception(400, "ThrottlingException"));
        let bed = Bed::with("UpdateItem", once, settings).await?;
        let value = increment.select(Counter::VALUE).exec(&bed.orm).await;
        assert_eq!(value.ok(), (attempts > 1).then_some(Some(1)));

        let bed = Bed::new("PutItem", Fault::exception(400, "TransactionConflictException"), settings).await?;
        let error = Counter::create().id("c").exec(&bed.orm).await.expect_err("it keeps conflicting");
        assert_eq!((error.code(), bed.sent()), (ErrorCode::TransactionConflict, attempts as usize));

        let elsewhere = "ReplicatedWriteConflictException";
        for (operation, conflict) in ["UpdateItem", "DeleteItem"]
            .into_iter()
            .flat_map(|of| ["TransactionConflictException", elsewhere].map(|conflict| (of, conflict)))
        {
            let conflict = Fault::exception(400, conflict);
            let bed = Bed::new(operation, conflict, settings).await?;
            let result = match operation {
                "UpdateItem" => {
                    Counter::update(Counter::ID.eq("a")).increment(Counter::VALUE, 1).exec(&bed.orm).await.map(drop)
                }
                _ => Counter::delete(Counter::ID.eq("a")).exec(&bed.orm).await.map(drop),
            };
            let error = result.expect_err("it keeps conflicting");
            assert_eq!((error.code(), error.is_outcome_unknown()), (ErrorCode::TransactionConflict, false));
            assert_eq!(bed.sent(), attempts as usize, "{operation}");
        }

        let bed = Bed::new("UpdateItem", Fault::Dropped, settings).await?;
        let increment = Counter::update(Counter::ID.eq("a")).increment(Counter::VALUE, 1);
        let error = increment.exec(&bed.orm).await.expect_err("it never arrives");
        assert_eq!((error.code(), bed.sent()), (ErrorCode::Connection, attempts as usize));

        let bed = Bed::new("BatchGetItem", Fault::Unprocessed(0), settings).await?;
        let error = Name::find_many().filter(Name::ID.is_in(["a", "b"])).exec(&bed.orm).await;
        let error = error.expect_err("nothing is ever processed");
        assert_eq!((error.code(), bed.sent()), (ErrorCode::Throttled, attempts as usize));

        let bed = Bed::new("BatchWriteItem", Fault::Unprocessed(0), settings).await?;
        let error = Counter::delete_many().exec(&bed.orm).await.expect_err("nothing is ever processed");
        assert_eq!((error.code(), error.written(), bed.sent()), (ErrorCode::Throttled, Some(0), attempts as usize));
    }
    Ok(())
}

/// A race that is lost again and again, for what has to be read before it is written.
#[tokio::test(start_paused = true)]
async fn races_are_lost_as_often_as_the_settings_say() -> Outcome {
    for many in [false, true] {
        let settings = |driver: DynamoDbBuilder| driver.retries(Retries::default().attempts(4));
        let bed = Bed::new("UpdateItem", Fault::Delayed(in_ms(1000)), settings).await?;
        let others = async {
            loop {
                tokio::time::sleep(in_ms(100)).await;
                let other = Counter::update(Counter::ID.eq("a")).increment(Counter::EXACT, Decimal::ONE);
                if let Err(error) = other.exec(&bed.plain).await {
                    return error;
                }
            }
        };
        let add = async {
            match many {
                false => {
                    let one = Counter::update(Counter::ID.eq("a")).increment(Counter::EXACT, Decimal::ONE);
                    one.exec(&bed.orm).await.map(drop)
                }
                true => {
                    let all =
                        Counter::update_many().filter(Counter::ID.eq("a")).increment(Counter::EXACT, Decimal::ONE);
                    all.exec(&bed.orm).await.map(drop)
                }
            }
        };
        let error = tokio::select! { error = others => error, added = add => added.expect_err("it loses each race") };
        assert_eq!((error.code(), bed.sent()), (ErrorCode::TransactionConflict, 4), "many: {many}");
    }
    Ok(())
}

/// After a pause, in which others go on, the record is read as it is then: not as it was when it refused the last try.
#[tokio::test(start_paused = true)]
async fn a_race_is_run_from_where_the_record_is_after_the_pause() -> Outcome {
    let plan = |number| (number < 2).then_some(Fault::Delayed(in_ms(1000)));
    let pauses = Retries::default().first_pause(in_ms(60_000)).longest_pause(in_ms(60_000));
    let bed = Bed::with("UpdateItem", plan, |driver| driver.retries(pauses)).await?;
    let add = |orm: &Orm| {
        let orm = orm.clone();
        async move { Counter::update(Counter::ID.eq("a")).increment(Counter::EXACT, Decimal::ONE).exec(&orm).await }
    };
    let others = async {
        loop {
            tokio::time::sleep(in_ms(100)).await;
            if let Err(error) = add(&bed.plain).await {
                return error;
            }
        }
    };
    tokio::select! { error = others => return Err(error.into()), added = add(&bed.orm) => added?.ok_or("there is one")? };
    assert_eq!(bed.sent(), 3);
    Ok(())
}

/// So does a delete, under a filter of so many values that the record is read first.
#[tokio::test(start_paused = true)]
async fn a_delete_runs_its_race_from_where_the_record_is_after_the_pause() -> Outcome {
    let plan = |number| (number < 2).then_some(Fault::Delayed(in_ms(1000)));
    let pauses = Retries::default().first_pause(in_ms(60_000)).longest_pause(in_ms(60_000));
    let bed = Bed::with("DeleteItem", plan, |driver| driver.retries(pauses)).await?;
    let others = async {
        loop {
            tokio::time::sleep(in_ms(100)).await;
            if let Err(error) = Counter::update(Counter::ID.eq("a")).increment(Counter::VALUE, 1).exec(&bed.plain).await
            {
                return error;
            }
        }
    };
    let delete = Counter::delete(Counter::ID.eq("a")).filter(Counter::VALUE.is_in(0..5_000)).exec(&bed.orm);
    tokio::select! { error = others => return Err(error.into()), deleted = delete => assert_eq!(deleted?, 1) };
    assert_eq!(bed.sent(), 3);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_will_not_pass_is_not_tried_again() -> Outcome {
    for (reasons, code) in [
        (["ValidationError", "None"], ErrorCode::InvalidQuery),
        (["ItemCollectionSizeLimitExceeded", "None"], ErrorCode::Backend),
        (["TransactionConflict", "ValidationError"], ErrorCode::InvalidQuery),
    ] {
        let bed = Bed::new("TransactWriteItems", Fault::cancelled(reasons), |driver| driver).await?;
        let error = Name::create().text("c").exec(&bed.orm).await.expect_err("refused");
        assert_eq!((error.code(), error.index(), bed.sent()), (code, None, 1), "{reasons:?}");
    }
    // The second lock of three records, which have two items each.
    let refused = Fault::cancelled(["None", "None", "None", "ValidationError", "None", "None"]);
    let bed = Bed::new("TransactWriteItems", refused, |driver| driver).await?;
    let names = ["c", "d", "e"].map(|text| Name::create().text(text));
    let error = Name::create_many(names).exec(&bed.orm).await.expect_err("refused");
    assert_eq!((error.index(), error.written(), bed.sent()), (Some(1), Some(0), 1));
    // The third value is taken, and by whom cannot be read.
    let bed = Bed::new("GetItem", Fault::exception(400, "ValidationException"), |driver| driver).await?;
    let names = ["c", "d", "b"].map(|text| Name::create().text(text));
    let error = Name::create_many(names).exec(&bed.orm).await.expect_err("the record cannot be read");
    assert_eq!((error.code(), error.index(), error.written()), (ErrorCode::InvalidQuery, Some(2), Some(0)));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn work_that_gets_on_is_not_given_up() -> Outcome {
    // Of three keys or writes one is done each time: more rounds than attempts.
    let settings = |driver: DynamoDbBuilder| driver.retries(Retries::default().attempts(2));
    let bed = Bed::new("BatchWriteItem", Fault::Unprocessed(1), settings).await?;
    Counter::create_many((0..9).map(|_| Counter::create())).exec(&bed.orm).await?;
    assert_eq!((Counter::count().exec(&bed.plain).await?, bed.sent()), (11, 9));

    let bed = Bed::new("BatchGetItem", Fault::Unprocessed(1), settings).await?;
    let found = Name::find_many().filter(Name::ID.is_in(["a", "b", "c"])).exec(&bed.orm).await?;
    assert_eq!((found.len(), bed.sent()), (2, 3));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_operation_ends_at_its_time_out_and_says_what_it_wrote() -> Outcome {
    let settings = |driver: DynamoDbBuilder| driver.retries(Retries::default().attempts(1000)).timeout(in_ms(700));
    let conflict = || Fault::cancelled(["TransactionConflict", "None"]);
    // What happens to which requests; whether something may have been written.
    let cases: [(&str, &str, Fault, bool); 6] = [
        ("a conflict without end", "TransactWriteItems", conflict(), false),
        ("a transaction without an answer", "TransactWriteItems", Fault::AnswerDelayed(in_ms(60_000)), true),
        ("a transaction that does not arrive", "TransactWriteItems", Fault::Delayed(in_ms(60_000)), true),
        ("a read before the write", "GetItem", Fault::Delayed(in_ms(60_000)), false),
        ("an increment that does not arrive", "UpdateItem", Fault::Dropped, true),
        ("many writes of which none is done", "BatchWriteItem", Fault::Unprocessed(0), true),
    ];
    for (case, operation, fault, unknown) in cases {
        let bed = Bed::new(operation, fault, settings).await?;
        let before = Instant::now();
        let result = match operation {
            "TransactWriteItems" => Name::create().text("c").exec(&bed.orm).await.map(drop),
            "GetItem" => Name::delete(Name::ID.eq("a")).exec(&bed.orm).await.map(drop),
            "UpdateItem" => {
                Counter::update(Counter::ID.eq("a")).increment(Counter::VALUE, 1).exec(&bed.orm).await.map(drop)
            }
            _ => Counter::create_many((0..3).map(|_| Counter::create())).exec(&bed.orm).await.map(drop),
        };
        let error = result.expect_err(case);
        assert_eq!((error.code(), error.is_outcome_unknown()), (ErrorCode::Timeout, unknown), "{case}: {error}");
        assert_eq!((error.backend_kind(), error.model().is_some()), (Some("dynamodb"), true), "{case}");
        // The clock is the runtime's, and stands still while something is done.
        let elapsed = before.elapsed();
        assert!((in_ms(700)..in_ms(705)).contains(&elapsed), "{case}: {elapsed:?}");
        assert!(error.to_string().contains("700ms"), "{error}");
        assert_eq!(error.to_string().contains("nothing was written"), !unknown, "{error}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn reads_have_the_time_out_too() -> Outcome {
    let bed = Bed::new("Scan", Fault::Delayed(in_ms(60_000)), |driver| driver.timeout(in_ms(50))).await?;
    let error = Name::find_many().exec(&bed.orm).await.expect_err("it is late");
    assert_eq!((error.code(), error.is_outcome_unknown()), (ErrorCode::Timeout, false));
    assert_eq!(Name::find_many().exec(&bed.plain).await?.len(), 2);
    Ok(())
}

/// One segment fails while the answers of the others take their time.
#[tokio::test(start_paused = true)]
async fn a_stream_waits_for_nothing_after_an_error() -> Outcome {
    let plan = |number| {
        Some(match number {
            0 => Fault::exception(400, "AccessDeniedException"),
            _ => Fault::AnswerDelayed(in_ms(60_000)),
        })
    };
    let bed = Bed::with("Scan", plan, |builder| builder).await?;
    let mut names = Name::find_many().allow_scan().parallel(4).stream(&bed.orm);
    let before = Instant::now();
    assert!(names.next().await.is_some_and(|name| name.is_err()));
    assert!(names.next().await.is_none());
    assert_eq!(before.elapsed(), Duration::ZERO);
    Ok(())
}

/// All that is read for one query has its time in common; each part of a stream has its own.
#[tokio::test(start_paused = true)]
async fn relations_are_within_the_time_out_of_their_query() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let plain = Orm::bootstrap(schema(), &embedded).await?;
    for user in ["a", "b"] {
        User::create().id(user).email(user).name("Ada").exec(&plain).await?;
        Session::create().user_id(user).token(user).expires_at(Utc::now()).exec(&plain).await?;
    }
    // Users, their sessions, and the users of these.
    let selection = || (User::ID, User::SESSIONS.select((Session::ID, Session::USER.select(User::ID))));
    for (limit, is_in_time) in [(5000, false), (6500, true)] {
        let client = FaultyClient::new(embedded.http_client(), |_, _| Some(Fault::Delayed(in_ms(2000))));
        let client = Client::from_conf(embedded.config().http_client(client).build());
        let driver = DynamoDb::builder(client).scan_policy(ScanPolicy::Allow).timeout(in_ms(limit)).build();
        let orm = Orm::from_runtime(schema(), driver)?;
        let before = Instant::now();
        let found = User::find_many().select(selection()).exec(&orm).await;
        match is_in_time {
            true => assert_eq!(found?.len(), 2),
            false => {
                let error = found.expect_err("it is late");
                assert_eq!((error.code(), error.is_outcome_unknown()), (ErrorCode::Timeout, false));
                assert!((in_ms(limit)..in_ms(limit + 5)).contains(&before.elapsed()), "{:?}", before.elapsed());
            }
        }
        // Two parts, each of three requests one after the other.
        let streamed: Vec<_> = User::find_many().select(selection()).parallel(2).stream(&orm).collect().await;
        assert_eq!(streamed.iter().all(Result::is_ok), is_in_time);
    }
    Ok(())
}

/// The record is stored, and the time is over before its relation is loaded.
#[tokio::test(start_paused = true)]
async fn a_time_out_after_a_write_does_not_say_that_nothing_was_written() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let plain = Orm::bootstrap(schema(), &embedded).await?;
    User::create().id("a").email("a").name("Ada").exec(&plain).await?;
    let client = FaultyClient::new(embedded.http_client(), |_, _| Some(Fault::Delayed(in_ms(2000))));
    let client = Client::from_conf(embedded.config().http_client(client).build());
    let orm = Orm::from_runtime(schema(), DynamoDb::builder(client).timeout(in_ms(3000)).build())?;
    let create = Session::create().user_id("a").token("t").expires_at(Utc::now());
    let error = create.select((Session::ID, Session::USER)).exec(&orm).await.expect_err("it is late");
    assert_eq!((error.code(), error.written()), (ErrorCode::Timeout, Some(1)));
    assert!(!error.to_string().contains("nothing was written"), "{error}");
    assert_eq!(Session::count().filter(Session::USER_ID.eq("a")).exec(&plain).await?, 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_was_written_before_a_time_out_is_said() -> Outcome {
    // The first of two transactions is done, the second is late; then it is refused.
    for late in [true, false] {
        let plan = move |number| {
            let fault = if late { Fault::Delayed(in_ms(60_000)) } else { Fault::exception(400, "ValidationException") };
            (number > 0).then_some(fault)
        };
        let bed = Bed::with("TransactWriteItems", plan, |driver| driver.timeout(in_ms(700))).await?;
        let names = (0..60).map(|n| Name::create().id(format!("n{n}")).text(format!("n{n}")));
        let error = Name::create_many(names).exec(&bed.orm).await.expect_err("it is not finished");
        assert_eq!(Name::count().exec(&bed.plain).await?, 52);
        assert_eq!(error.is_outcome_unknown(), late, "{error}");
        assert_eq!((error.index(), error.written()), if late { (None, None) } else { (Some(50), Some(50)) });
    }
    Ok(())
}

/// Whether a write may have been applied in spite of its error.
#[tokio::test(start_paused = true)]
async fn an_error_says_whether_its_write_may_have_been_applied() -> Outcome {
    let create = async |bed: &Bed| Name::create().text("c").exec(&bed.orm).await.map(drop);
    for (fault, unknown) in [
        (Fault::Dropped, true),
        (Fault::AnswerLost, true),
        (Fault::Truncated(0.5), true),
        (Fault::exception(500, "InternalServerError"), true),
        (Fault::exception(400, "ThrottlingException"), false),
        (Fault::cancelled(["TransactionConflict", "None"]), false),
        (Fault::cancelled(["None", "ThrottlingError"]), false),
        (Fault::exception(400, "ValidationException"), false),
        (Fault::exception(400, "AccessDeniedException"), false),
        (Fault::cancelled(["None", "ConditionalCheckFailed"]), false),
    ] {
        let bed = Bed::new("TransactWriteItems", fault.clone(), |driver| driver).await?;
        let error = create(&bed).await.expect_err("it fails");
        assert_eq!(error.is_outcome_unknown(), unknown, "{fault:?}: {error:?}");
    }
    let bed = Bed::new("TransactWriteItems", Fault::Dropped, |driver| driver).await?;
    let taken = Name::create().text("a").exec(&bed.plain).await.expect_err("it is taken");
    assert!(!taken.is_outcome_unknown());
    let read = Bed::new("GetItem", Fault::Dropped, |driver| driver).await?;
    let error = Name::find_unique(Name::ID.eq("a")).exec(&read.orm).await.expect_err("a read");
    assert!(!error.is_outcome_unknown());
    Ok(())
}

/// The read that finds out what became of an increment fails for a moment, too.
#[tokio::test(start_paused = true)]
async fn an_increment_is_found_out_about_though_reads_fail() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let (mut updates, mut reads) = (0, 0);
    let client = FaultyClient::new(embedded.http_client(), move |operation, _| match operation {
        "UpdateItem" => {
            updates += 1;
            (updates == 1).then_some(Fault::AnswerLost)
        }
        "GetItem" => {
            reads += 1;
            (reads <= 3).then_some(Fault::Dropped)
        }
        _ => None,
    });
    let config = embedded.config().http_client(client).retry_config(RetryConfig::disabled()).build();
    let orm = Orm::bootstrap(schema![Counter], config).await?;
    Counter::create().id("a").exec(&orm).await?;
    let counter = Counter::update(Counter::ID.eq("a")).increment(Counter::VALUE, 1).exec(&orm).await?;
    assert_eq!(counter.map(|counter| counter.value), Some(1));
    Ok(())
}
