//! Guards of writes to one record: locks and records agree whoever gets in between, refusals name what is really taken,
//! and what got no answer is not taken for something else.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use orm::prelude::*;
use orm_dynamodb::{DynamoDb, Embedded, ScanPolicy};
use rust_decimal::Decimal;
use tests::faults::{Fault, FaultyClient, Next};
use tests::requests::RequestCounter;
use tests::suite::Outcome;

/// Its only unique field besides the id.
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

/// A compound key that is not bound while a part of it is null.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "pages")]
#[orm(unique(org, slug))]
struct Page {
    #[orm(id)]
    id: String,
    org: String,
    slug: Option<String>,
}

/// Two constraints, of which either can be the taken one.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "logins")]
struct Login {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    email: String,
    #[orm(unique)]
    username: String,
}

/// Nothing unique but its id.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "purses")]
struct Purse {
    #[orm(id)]
    id: String,
    amount: Decimal,
    status: String,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "users")]
#[orm(has_many(jobs: Job, foreign_key = user_id))]
struct User {
    #[orm(id)]
    id: String,
}

/// Its index begins with the foreign key, and lacks the records without a second value.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "jobs")]
#[orm(index(user_id, done_at))]
#[orm(belongs_to(user: User, foreign_key = user_id))]
struct Job {
    #[orm(id)]
    id: String,
    user_id: String,
    done_at: Option<String>,
}

/// What changes a record, with locks or without.
const WRITES: &[&str] = &["UpdateItem", "TransactWriteItems"];
const LATER: Fault = Fault::Delayed(Duration::from_secs(1));

/// One engine and two ways to it: a plain one, and one on which something happens to the next of some requests.
struct Bed {
    client: Client,
    plain: Orm,
    faulty: Orm,
    counter: RequestCounter,
    next: Next,
}

impl Bed {
    async fn new() -> Result<Self, Error> {
        Self::with(&[], LATER).await
    }

    async fn with(operations: &'static [&'static str], fault: Fault) -> Result<Self, Error> {
        let embedded = Embedded::in_memory()?;
        let next = Next::default();
        let faulty = next.client(embedded.http_client(), operations, fault);
        let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
        let faulty = embedded.config().http_client(faulty).retry_config(retries).build();
        let counter = RequestCounter::default();
        let plain = embedded.config().interceptor(counter.clone()).build();
        let schema = || schema![Name, Page, Login, Purse];
        let plain = Orm::bootstrap(schema(), plain).await?;
        Ok(Self { client: embedded.client(), plain, faulty: Orm::from_runtime(schema(), faulty)?, counter, next })
    }

    /// Every item as it is stored: of a record these columns, of a lock the record that has it.
    async fn items(&self, table: &str, columns: &[&str]) -> BTreeMap<String, String> {
        let output = self.client.scan().table_name(table).send().await.expect("a scan");
        let text = |item: &std::collections::HashMap<String, AttributeValue>, name: &str| {
            item.get(name).and_then(|value| value.as_s().ok()).cloned()
        };
        let line = |item: &std::collections::HashMap<String, AttributeValue>| {
            let values =
                || columns.iter().map(|name| text(item, name).unwrap_or_default()).collect::<Vec<_>>().join(" ");
            (text(item, "__orm_pk").unwrap_or_default(), text(item, "__orm_target").unwrap_or_else(values))
        };
        output.items().iter().map(line).collect()
    }

    /// Removes one item, as TTL or a hand does.
    async fn lose(&self, table: &str, pk: &str) {
        let delete = self.client.delete_item().table_name(table).key("__orm_pk", AttributeValue::S(pk.to_owned()));
        let gone = delete.return_values(aws_sdk_dynamodb::types::ReturnValue::AllOld).send().await.expect("a delete");
        assert!(gone.attributes().is_some(), "there is no {pk}");
    }

    /// `a` and `b` both have the text "x", and its lock is that of `b`: the constraint is younger than `a`.
    async fn with_a_shared_value() -> Result<Self, Error> {
        let bed = Self::new().await?;
        Name::create().id("a").text("x").exec(&bed.plain).await?;
        bed.lose("names", "unique#name#text#%22x%22").await;
        Name::create().id("b").text("x").exec(&bed.plain).await?;
        Ok(bed)
    }

    /// The e-mail "free" is locked, but no record has it; the username "taken" is that of a record.
    async fn with_an_orphaned_email() -> Result<Self, Error> {
        let bed = Self::new().await?;
        Login::create().id("gone").email("free").username("gone").exec(&bed.plain).await?;
        bed.lose("logins", "record#gone").await;
        Login::create().id("real").email("real").username("taken").exec(&bed.plain).await?;
        Ok(bed)
    }
}

fn items<const N: usize>(items: [(&str, &str); N]) -> BTreeMap<String, String> {
    items.into_iter().map(|(pk, content)| (pk.to_owned(), content.to_owned())).collect()
}

fn name(id: &str, text: &str, uses: i64) -> Name {
    Name { id: id.into(), text: text.into(), uses }
}

#[tokio::test(start_paused = true)]
async fn a_unique_value_set_to_what_it_was_does_not_undo_a_move_without_its_lock() -> Outcome {
    let bed = Bed::with(WRITES, LATER).await?;
    Name::create().id("a").text("x").exec(&bed.plain).await?;
    let (same, moved) = bed
        .next
        .race(
            Name::update(Name::ID.eq("a")).set(Name::TEXT, "x").set(Name::USES, 5).exec(&bed.faulty),
            Name::update(Name::ID.eq("a")).set(Name::TEXT, "y").exec(&bed.plain),
        )
        .await;
    assert_eq!((same?, moved?), (Some(name("a", "x", 5)), Some(name("a", "y", 0))), "one after the other");
    assert_eq!(
        bed.items("names", &["text"]).await,
        items([("record#a", "x"), ("unique#name#text#%22x%22", "record#a")])
    );
    let second = Name::create().id("b").text("x").exec(&bed.plain).await.expect_err("it is taken");
    assert_eq!((second.code(), second.fields()), (ErrorCode::UniqueConstraintViolation, &["text"][..]));
    Name::create().id("b").text("y").exec(&bed.plain).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_compound_key_that_becomes_complete_by_two_updates_is_locked() -> Outcome {
    let bed = Bed::with(WRITES, LATER).await?;
    Page::create().id("a").org("o1").exec(&bed.plain).await?;
    let (org, slug) = bed
        .next
        .race(
            Page::update(Page::ID.eq("a")).set(Page::ORG, "o2").exec(&bed.faulty),
            Page::update(Page::ID.eq("a")).set(Page::SLUG, "s").exec(&bed.plain),
        )
        .await;
    let page = |org: &str| Some(Page { id: "a".into(), org: org.into(), slug: Some("s".into()) });
    assert_eq!((org?, slug?), (page("o2"), page("o1")), "one after the other");
    assert_eq!(
        bed.items("pages", &["org", "slug"]).await,
        items([("record#a", "o2 s"), ("unique#page#org+slug#%22o2%22#%22s%22", "record#a")])
    );
    let second = Page::create().id("b").org("o2").slug("s").exec(&bed.plain).await.expect_err("it is taken");
    assert_eq!((second.code(), second.fields()), (ErrorCode::UniqueConstraintViolation, &["org", "slug"][..]));
    Ok(())
}

/// An update of many answers no values, so that nothing holds it to what it read but what its locks are made of.
#[tokio::test(start_paused = true)]
async fn an_update_of_many_that_moves_a_compound_key_moves_it_with_its_other_part() -> Outcome {
    let bed = Bed::with(WRITES, LATER).await?;
    Page::create().id("a").org("o1").slug("s1").exec(&bed.plain).await?;
    let (org, slug) = bed
        .next
        .race(
            Page::update_many().filter(Page::ID.eq("a")).set(Page::ORG, "o2").exec(&bed.faulty),
            Page::update(Page::ID.eq("a")).set(Page::SLUG, "s2").exec(&bed.plain),
        )
        .await;
    assert_eq!((org?, slug?.map(|page| page.org)), (1, Some("o1".into())), "one after the other");
    assert_eq!(
        bed.items("pages", &["org", "slug"]).await,
        items([("record#a", "o2 s2"), ("unique#page#org+slug#%22o2%22#%22s2%22", "record#a")])
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_update_of_many_that_moves_locks_leaves_what_no_longer_matches() -> Outcome {
    let bed = Bed::with(WRITES, LATER).await?;
    Name::create().id("a").text("x").exec(&bed.plain).await?;
    let unused = Name::ID.eq("a").and(Name::USES.eq(0));
    let (moved, used) = bed
        .next
        .race(
            Name::update_many().filter(unused).set(Name::TEXT, "y").exec(&bed.faulty),
            Name::update(Name::ID.eq("a")).set(Name::USES, 1).exec(&bed.plain),
        )
        .await;
    assert_eq!((moved?, used?), (0, Some(name("a", "x", 1))));
    assert_eq!(
        bed.items("names", &["text"]).await,
        items([("record#a", "x"), ("unique#name#text#%22x%22", "record#a")])
    );
    Ok(())
}

/// It answers nothing of the key, and moves another: nothing but the key itself holds it to the record.
#[tokio::test(start_paused = true)]
async fn an_update_by_a_key_that_moves_another_leaves_a_record_that_lost_the_key() -> Outcome {
    let bed = Bed::with(WRITES, LATER).await?;
    Login::create().id("a").email("old").username("u").exec(&bed.plain).await?;
    let (updated, renamed) = bed
        .next
        .race(
            Login::update(Login::USERNAME.eq("u")).set(Login::EMAIL, "new").select(Login::ID).exec(&bed.faulty),
            Login::update(Login::ID.eq("a")).set(Login::USERNAME, "v").exec(&bed.plain),
        )
        .await;
    let renamed = renamed?.map(|login| (login.email, login.username));
    assert_eq!((updated?, renamed), (None, Some(("old".into(), "v".into()))), "one after the other");
    assert_eq!(
        bed.items("logins", &["email", "username"]).await,
        items([
            ("record#a", "old v"),
            ("unique#login#email#%22old%22", "record#a"),
            ("unique#login#username#%22v%22", "record#a"),
        ])
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_record_without_its_lock_can_be_updated_and_leaves_the_other_records_lock() -> Outcome {
    let bed = Bed::with_a_shared_value().await?;
    let updated = Name::update(Name::ID.eq("a")).set(Name::TEXT, "z").exec(&bed.plain).await?;
    assert_eq!(updated, Some(name("a", "z", 0)));
    let after = items([
        ("record#a", "z"),
        ("record#b", "x"),
        ("unique#name#text#%22x%22", "record#b"),
        ("unique#name#text#%22z%22", "record#a"),
    ]);
    assert_eq!(bed.items("names", &["text"]).await, after);

    let bed = Bed::with_a_shared_value().await?;
    assert_eq!(Name::update_many().filter(Name::ID.eq("a")).set(Name::TEXT, "z").exec(&bed.plain).await?, 1);
    assert_eq!(bed.items("names", &["text"]).await, after);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_record_without_its_lock_can_be_deleted_and_leaves_the_other_records_lock() -> Outcome {
    let after = items([("record#b", "x"), ("unique#name#text#%22x%22", "record#b")]);
    let bed = Bed::with_a_shared_value().await?;
    assert_eq!(Name::delete(Name::ID.eq("a")).exec(&bed.plain).await?, 1);
    assert_eq!(bed.items("names", &["text"]).await, after);

    let bed = Bed::with_a_shared_value().await?;
    assert_eq!(Name::delete_many().filter(Name::ID.eq("a")).exec(&bed.plain).await?, 1);
    assert_eq!(bed.items("names", &["text"]).await, after);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_violation_names_what_is_taken_and_not_an_orphaned_lock() -> Outcome {
    let bed = Bed::with_an_orphaned_email().await?;
    let both = || Login::create().id("new").email("free").username("taken");
    let created = both().exec(&bed.plain).await.expect_err("the username is taken");
    assert_eq!((created.code(), created.fields()), (ErrorCode::UniqueConstraintViolation, &["username"][..]));
    let upserted = Login::upsert(Login::EMAIL.eq("free")).create(both()).exec(&bed.plain).await;
    let upserted = upserted.expect_err("the username is taken");
    assert_eq!((upserted.code(), upserted.fields()), (ErrorCode::UniqueConstraintViolation, &["username"][..]));
    let first = Login::create().id("n0").email("free").username("n0");
    let second = Login::create().id("n1").email("n1").username("taken");
    let many = Login::create_many([first, second]).exec(&bed.plain).await.expect_err("a username is taken");
    assert_eq!((many.code(), many.fields()), (ErrorCode::UniqueConstraintViolation, &["username"][..]));
    assert_eq!((many.index(), many.written()), (Some(1), Some(0)));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn racing_upserts_of_one_key_and_one_id_store_one_record_and_change_it() -> Outcome {
    let bed = Bed::with(&["TransactWriteItems"], LATER).await?;
    let upsert = |orm: &Orm| {
        let orm = orm.clone();
        async move {
            let create = Name::create().id("a").text("x");
            Name::upsert(Name::TEXT.eq("x"))
                .create(create)
                .update(|name| name.increment(Name::USES, 1))
                .exec(&orm)
                .await
        }
    };
    let (changed, stored) = bed.next.race(upsert(&bed.faulty), upsert(&bed.plain)).await;
    assert_eq!((stored?, changed?), (name("a", "x", 0), name("a", "x", 1)));
    assert_eq!(Name::find_many().exec(&bed.plain).await?, [name("a", "x", 1)]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_delete_by_an_orphaned_lock_finds_nothing_within_a_few_requests() -> Outcome {
    let bed = Bed::new().await?;
    Name::create().id("a").text("x").exec(&bed.plain).await?;
    bed.lose("names", "record#a").await;
    bed.counter.take();
    assert_eq!(Name::delete(Name::TEXT.eq("x")).exec(&bed.plain).await?, 0);
    let requests = bed.counter.take();
    assert!(requests.values().sum::<usize>() <= 6, "{requests:?}");
    Ok(())
}

#[tokio::test]
async fn a_consume_that_answers_the_id_works_with_locks_of_ids() -> Outcome {
    let client = Embedded::in_memory()?.client();
    let orm = Orm::bootstrap(schema![Purse], DynamoDb::builder(client).id_locks(true).build()).await?;
    Purse::create().id("a").amount(Decimal::ONE).status("s").exec(&orm).await?;
    assert_eq!(Purse::consume(Purse::ID.eq("a")).select(Purse::ID).exec(&orm).await?, Some("a".to_owned()));
    assert_eq!(Purse::consume(Purse::ID.eq("a")).select(Purse::ID).exec(&orm).await?, None);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_consume_without_an_answer_is_not_taken_for_a_missing_record() -> Outcome {
    let bed = Bed::with(&["DeleteItem"], Fault::AnswerLost).await?;
    Purse::create().id("a").amount(Decimal::ONE).status("s").exec(&bed.plain).await?;
    bed.next.strike();
    let error = Purse::consume(Purse::ID.eq("a")).exec(&bed.faulty).await.expect_err("it may have been consumed");
    assert!(matches!(error.code(), ErrorCode::Timeout | ErrorCode::Connection), "{error:?}");
    assert!(bed.next.has_struck());

    let bed = Bed::with(&["DeleteItem"], Fault::Dropped).await?;
    Purse::create().id("a").amount(Decimal::ONE).status("s").exec(&bed.plain).await?;
    bed.next.strike();
    let consumed = Purse::consume(Purse::ID.eq("a")).exec(&bed.faulty).await;
    assert!(bed.next.has_struck());
    let left = Purse::count().exec(&bed.plain).await?;
    match consumed {
        Ok(Some(purse)) => assert_eq!((purse.id.as_str(), left), ("a", 0)),
        Ok(None) => panic!("it was there, and {left} are left"),
        Err(error) => {
            assert!(matches!(error.code(), ErrorCode::Timeout | ErrorCode::Connection), "{error:?}");
            assert_eq!(left, 1);
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_write_of_one_item_waits_for_a_transaction_on_it() -> Outcome {
    let conflict = || Fault::exception(400, "TransactionConflictException");
    let bed = async |operation: &'static [&'static str]| -> Result<Bed, Error> {
        let bed = Bed::with(operation, conflict()).await?;
        Purse::create().id("a").amount(Decimal::ONE).status("s").exec(&bed.plain).await?;
        bed.next.strike();
        Ok(bed)
    };
    let put = bed(&["PutItem"]).await?;
    Purse::create().id("b").amount(Decimal::ONE).status("s").exec(&put.faulty).await?;
    assert_eq!((put.next.has_struck(), Purse::count().exec(&put.plain).await?), (true, 2));

    let update = bed(&["UpdateItem"]).await?;
    let claimed = Purse::update(Purse::ID.eq("a")).set(Purse::STATUS, "t").exec(&update.faulty).await?;
    assert_eq!((update.next.has_struck(), claimed.map(|purse| purse.status)), (true, Some("t".to_owned())));
    update.next.strike();
    let raised = Purse::update(Purse::ID.eq("a")).increment(Purse::AMOUNT, Decimal::TEN).exec(&update.faulty).await?;
    assert_eq!((update.next.has_struck(), raised.map(|purse| purse.amount)), (true, Some(Decimal::from(11))));

    let delete = bed(&["DeleteItem"]).await?;
    assert_eq!(Purse::delete(Purse::ID.eq("a")).exec(&delete.faulty).await?, 1);
    assert_eq!((delete.next.has_struck(), Purse::count().exec(&delete.plain).await?), (true, 0));

    let consume = bed(&["DeleteItem"]).await?;
    let consumed = Purse::consume(Purse::ID.eq("a")).select(Purse::ID).exec(&consume.faulty).await?;
    assert_eq!((consume.next.has_struck(), consumed), (true, Some("a".to_owned())));
    Ok(())
}

#[tokio::test]
async fn two_models_on_one_table_are_refused() -> Outcome {
    let driver = DynamoDb::builder(Embedded::in_memory()?.client()).table::<Purse>("names").build();
    let refused = Orm::bootstrap(schema![Purse, Name], driver).await.err().ok_or("it is not refused")?;
    assert_eq!(refused.code(), ErrorCode::InvalidQuery);
    assert!(refused.to_string().contains("`names`"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn a_relation_whose_index_may_lack_records_is_queried_and_not_scanned() -> Outcome {
    let counter = RequestCounter::default();
    let client = Client::from_conf(Embedded::in_memory()?.config().interceptor(counter.clone()).build());
    let driver = DynamoDb::builder(client).scan_policy(ScanPolicy::Allow).build();
    let orm = Orm::bootstrap(schema![User, Job], driver).await?;
    User::create().id("u").exec(&orm).await?;
    Job::create().id("open").user_id("u").exec(&orm).await?;
    Job::create().id("done").user_id("u").done_at("today").exec(&orm).await?;
    counter.take();
    let user = User::find_unique(User::ID.eq("u")).select((User::ID, User::JOBS.select(Job::ID))).exec(&orm).await?;
    let mut jobs = user.map(|(_, jobs)| jobs).unwrap_or_default();
    jobs.sort_unstable();
    assert_eq!(jobs, ["done", "open"]);
    let requests = counter.take();
    assert_eq!((requests.get("Scan"), requests.get("Query")), (None, Some(&1)), "{requests:?}");
    Ok(())
}

/// A lock that looks orphaned may be its record's again, and look the same, before another writer comes to take it.
#[tokio::test(start_paused = true)]
async fn a_value_that_leaves_and_comes_back_is_not_taken_meanwhile() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let plain = Orm::bootstrap(schema![Name], embedded.client()).await?;
    Name::create().id("a").text("t").exec(&plain).await?;
    let client = FaultyClient::new(embedded.http_client(), {
        let mut transactions = 0;
        move |operation, _| {
            transactions += usize::from(operation == "TransactWriteItems");
            // The look at the record, and what is written after it.
            let late =
                operation == "GetItem" && transactions == 1 || operation == "TransactWriteItems" && transactions == 2;
            late.then_some(Fault::Delayed(Duration::from_secs(1)))
        }
    });
    let orm = Orm::new(schema![Name], DynamoDb::new(Client::from_conf(embedded.config().http_client(client).build())))?;
    let moved = async |after_ms, text: &str| {
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        Name::update(Name::ID.eq("a")).set(Name::TEXT, text).exec(&plain).await
    };
    let (created, moves) = tokio::join!(Name::create().id("b").text("t").exec(&orm), async {
        moved(500, "u").await?;
        moved(1_000, "t").await
    });
    moves?;
    assert_eq!(created.expect_err("it is taken").code(), ErrorCode::UniqueConstraintViolation);
    let error = Name::create().id("c").text("t").exec(&plain).await.expect_err("the lock is the record's");
    assert_eq!(error.code(), ErrorCode::UniqueConstraintViolation);
    Ok(())
}

/// A record stands under the key that it has: one that another writer stored under the wrong key hides no other.
#[tokio::test]
async fn a_record_under_the_wrong_key_hides_no_other() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let orm = Orm::bootstrap(schema![Purse], &embedded).await?;
    Purse::create().id("b").amount(Decimal::ONE).status("right").exec(&orm).await?;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let wrong = [("__orm_pk", "record#a"), ("__orm_kind", "record"), ("id", "b"), ("status", "wrong")];
    let put = wrong
        .into_iter()
        .fold(embedded.client().put_item().table_name("purses"), |put, (name, value)| put.item(name, text(value)));
    put.item("amount", AttributeValue::N("2".into())).send().await?;
    let statuses = |ids: &[&str]| Purse::find_many().filter(Purse::ID.is_in(ids.to_vec())).select(Purse::STATUS);
    for ids in [["a", "b"], ["b", "a"]] {
        assert_eq!(statuses(&ids).exec(&orm).await?, ["right"]);
    }
    let none: [String; 0] = [];
    assert_eq!(statuses(&["a"]).exec(&orm).await?, none);
    Ok(())
}
