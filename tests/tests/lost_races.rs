//! Writes that another writer gets ahead of, every request being answered: they are made on what is there then, and no
//! error says that an answer was lost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use orm::prelude::*;
use orm_dynamodb::{DynamoDb, Embedded, Retries};
use rust_decimal::Decimal;
use tests::faults::{Fault, FaultyClient, Next};
use tests::suite::Outcome;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "purses")]
struct Purse {
    #[orm(id)]
    id: String,
    amount: Decimal,
    label: String,
    #[orm(default = "")]
    text: String,
    #[orm(default = 0)]
    uses: i64,
}

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
#[orm(table = "notes")]
struct Note {
    #[orm(id)]
    id: String,
    document: serde_json::Value,
    #[orm(default = "")]
    text: String,
}

/// One engine and two drivers of it: a plain one, and one whose next UpdateItem is held back on its way.
struct Bed {
    plain: Orm,
    held: Orm,
    next: Next,
}

impl Bed {
    async fn new() -> Result<Self, Error> {
        let embedded = Embedded::in_memory()?;
        let next = Next::default();
        let holding = next.client(embedded.http_client(), &["UpdateItem"], Fault::Delayed(Duration::from_secs(1)));
        let plain = Orm::bootstrap(schema![Purse], embedded.client()).await?;
        let held = Client::from_conf(embedded.config().http_client(holding).build());
        Ok(Self { plain, held: Orm::from_runtime(schema![Purse], held)?, next })
    }
}

/// The record remembers its last writes. That others have pushed all of them out says nothing, when no answer was lost.
#[tokio::test(start_paused = true)]
async fn a_sum_is_made_again_however_many_writes_the_record_has_seen() -> Outcome {
    let bed = Bed::new().await?;
    let one = |orm| {
        let purse = Purse::update(Purse::ID.eq("p")).increment(Purse::AMOUNT, Decimal::ONE);
        async move { purse.select(Purse::AMOUNT).exec(orm).await }
    };
    Purse::create().id("p").amount(Decimal::ZERO).label("a").exec(&bed.plain).await?;
    for _ in 0..9 {
        one(&bed.plain).await?;
    }
    let (held, other) = bed.next.race(one(&bed.held), one(&bed.plain)).await;
    assert_eq!((other?, held?), (Some(Decimal::from(10)), Some(Decimal::from(11))));
    Ok(())
}

/// A filter that is too long for an expression is evaluated on what was read, which must still be so.
#[tokio::test(start_paused = true)]
async fn an_update_of_many_does_not_skip_what_matches_before_and_after() -> Outcome {
    let bed = Bed::new().await?;
    Purse::create().id("p").amount(Decimal::ZERO).label("7").exec(&bed.plain).await?;
    let labels: Vec<String> = (0..500).map(|n| n.to_string()).collect();
    let update = Purse::update_many().filter(Purse::LABEL.is_in(labels)).set(Purse::TEXT, "x").allow_scan();
    let other = Purse::update(Purse::ID.eq("p")).set(Purse::LABEL, "8").increment(Purse::USES, 1);
    let (held, other) = bed.next.race(update.exec(&bed.held), other.exec(&bed.plain)).await;
    other?;
    assert_eq!(held?, 1);
    let purse = Purse::find_many().exec(&bed.plain).await?;
    assert_eq!((purse[0].text.as_str(), purse[0].label.as_str()), ("x", "8"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_was_read_for_a_long_filter_has_to_be_so_when_it_is_written() -> Outcome {
    let bed = Bed::new().await?;
    Purse::create().id("p").amount(Decimal::ZERO).label("7").exec(&bed.plain).await?;
    let labels = || (0..500).map(|n| n.to_string());
    let update = Purse::update(Purse::ID.eq("p")).filter(Purse::LABEL.is_in(labels())).set(Purse::TEXT, "x");
    let other = Purse::update(Purse::ID.eq("p")).set(Purse::LABEL, "none of them");
    let (held, other) = bed.next.race(update.exec(&bed.held), other.exec(&bed.plain)).await;
    assert_eq!((held?, other?.map(|purse| purse.label).as_deref()), (None, Some("none of them")));
    let purse = Purse::find_many().exec(&bed.plain).await?;
    assert_eq!((purse[0].text.as_str(), purse[0].label.as_str()), ("", "none of them"));
    Ok(())
}

/// A filter that still holds is no lost race, whatever its field is now.
#[tokio::test(start_paused = true)]
async fn a_delete_under_a_filter_does_not_mind_a_change_after_which_it_holds() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let next = Next::default();
    let holding = next.client(embedded.http_client(), &["TransactWriteItems"], Fault::Delayed(Duration::from_secs(1)));
    let plain = Orm::bootstrap(schema![Name], embedded.client()).await?;
    let held = Orm::from_runtime(schema![Name], embedded.config().http_client(holding).build())?;
    let used = |times: i64| Name::update(Name::ID.eq("a")).increment(Name::USES, times);
    for (times, deleted) in [(5, 1), (50, 0)] {
        Name::create().id("a").text("t").exec(&plain).await?;
        let delete = Name::delete(Name::TEXT.eq("t")).filter(Name::USES.lt(10)).exec_with_cost(&held);
        let (held, other) = next.race(delete, used(times).exec(&plain)).await;
        let ((count, cost), other) = (held?, other?);
        assert_eq!((count, other.is_some()), (deleted, true));
        assert_eq!(cost.requests_of("TransactWriteItems"), 1, "{cost}");
    }
    assert_eq!(Name::count().exec(&plain).await?, 1);
    Ok(())
}

/// Without transactions, what is found to be taken first is not the key, but a value that the other has stored with it.
#[tokio::test(start_paused = true)]
async fn an_upsert_that_comes_second_changes_the_record_of_the_first() -> Outcome {
    #[derive(Model, Clone, Debug, PartialEq)]
    #[orm(table = "logins", unique(provider, account))]
    struct Login {
        #[orm(id)]
        id: String,
        #[orm(unique)]
        email: String,
        provider: String,
        account: String,
        #[orm(default = 0)]
        uses: i64,
    }
    let embedded = Embedded::in_memory()?;
    let next = Next::default();
    let holding = next.client(embedded.http_client(), &["PutItem"], Fault::Delayed(Duration::from_secs(1)));
    // Looking again is no retry.
    let once = Retries::default().attempts(1);
    let driver = |client: Client| DynamoDb::builder(client).transactions(false).retries(once).build();
    let plain = Orm::bootstrap(schema![Login], driver(embedded.client())).await?;
    let held = Client::from_conf(embedded.config().http_client(holding).build());
    let held = Orm::from_runtime(schema![Login], driver(held))?;
    let upsert = |account: &'static str| {
        let new = Login::create().email("a@x.dev").provider("github").account(account);
        Login::upsert(Login::PROVIDER_ACCOUNT.eq("github", account))
            .create(new)
            .update(|one| one.increment(Login::USES, 1))
    };
    let (second, first) = next.race(upsert("1").exec(&held), upsert("1").exec(&plain)).await;
    let (second, first) = (second?, first?);
    assert_eq!((second.id, first.uses, second.uses), (first.id, 0, 1));
    // Who has another key has the value taken.
    let (second, _) = next.race(upsert("2").exec(&held), async {}).await;
    assert!(second.expect_err("taken").violates(Login::EMAIL));
    Ok(())
}

/// Dynalite does not say what refused a write, and when it is looked at it may be gone.
#[tokio::test]
async fn a_lock_that_is_let_go_meanwhile_is_not_a_taken_value() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let refused = AtomicBool::default();
    let faulty = FaultyClient::new(embedded.http_client(), move |sent, body| match sent {
        "TransactWriteItems" => Some(Fault::unknown_operation()),
        "PutItem" if String::from_utf8_lossy(body).contains("unique#name#text#") => {
            let first = !refused.swap(true, Ordering::Relaxed);
            first.then(|| Fault::exception(400, "ConditionalCheckFailedException"))
        }
        _ => None,
    });
    let client = Client::from_conf(embedded.config().http_client(faulty).build());
    let orm = Orm::bootstrap(schema![Name], client).await?;
    let name = Name::create().id("a").text("x").exec(&orm).await?;
    assert_eq!(Name::find_unique(Name::TEXT.eq("x")).exec(&orm).await?, Some(name));
    Ok(())
}

/// The same for a record that has nothing unique but its id.
#[tokio::test]
async fn a_record_that_is_deleted_meanwhile_is_not_a_duplicate() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let next = Next::default();
    let fault = Fault::exception(400, "ConditionalCheckFailedException");
    let faulty = next.client(embedded.http_client(), &["PutItem"], fault);
    let client = Client::from_conf(embedded.config().http_client(faulty).build());
    let orm = Orm::bootstrap(schema![Note], client).await?;
    let note = |id: &str| Note::create().id(id).document(serde_json::json!(1));
    next.strike();
    assert_eq!(note("a").exec(&orm).await?.id, "a");
    next.strike();
    let upsert = Note::upsert(Note::ID.eq("b")).create(note("b")).update(|note| note.set(Note::TEXT, "x"));
    assert_eq!(upsert.exec(&orm).await?.text, "");
    assert!(next.has_struck());
    Ok(())
}

/// A document is part of a filter that is evaluated on what was read, and must still be so; as on Dynalite, no condition on
/// it ever holds.
#[tokio::test(start_paused = true)]
async fn an_engine_that_cannot_compare_documents_is_found_out() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let faulty = FaultyClient::new(embedded.http_client(), |sent, body| {
        let compares = sent == "UpdateItem" && String::from_utf8_lossy(body).contains(r#"{"M":"#);
        compares.then(|| Fault::exception(400, "ConditionalCheckFailedException"))
    });
    let client = Client::from_conf(embedded.config().http_client(faulty).build());
    let orm = Orm::bootstrap(schema![Note], client).await?;
    let document = serde_json::json!({ "a": 1 });
    Note::create().id("n").document(document.clone()).exec(&orm).await?;
    let update = Note::update_many().filter(Note::DOCUMENT.eq(document)).set(Note::TEXT, "x").allow_scan();
    assert_eq!(update.exec(&orm).await?, 1);
    assert_eq!(Note::find_many().select(Note::TEXT).exec(&orm).await?, ["x"]);
    Ok(())
}

/// What TTL leaves behind is found out by a second look, which is no retry.
#[tokio::test]
async fn orphaned_locks_are_no_conflicts_where_nothing_is_tried_again() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let client = embedded.client();
    let driver = DynamoDb::builder(client.clone()).retries(Retries::default().attempts(1)).build();
    let orm = Orm::bootstrap(schema![Name], driver).await?;
    let orphan = async |text: &str| {
        Name::create().id(text).text(text).exec(&orm).await?;
        let key = AttributeValue::S(format!("record#{text}"));
        client.delete_item().table_name("names").key("__orm_pk", key).send().await?;
        Ok::<_, tests::beside::Failure>(())
    };
    orphan("a").await?;
    assert_eq!(Name::update(Name::TEXT.eq("a")).set(Name::USES, 1).exec(&orm).await?, None);
    assert_eq!(Name::delete(Name::TEXT.eq("a")).exec(&orm).await?, 0);
    assert_eq!(Name::consume(Name::TEXT.eq("a")).exec(&orm).await?, None);
    assert_eq!(Name::create().id("b").text("a").exec(&orm).await?.id, "b");
    orphan("c").await?;
    let upsert = Name::upsert(Name::TEXT.eq("c")).create(Name::create().id("d").text("c"));
    assert_eq!(upsert.update(|name| name.set(Name::USES, 1)).exec(&orm).await?.id, "d");
    Ok(())
}
