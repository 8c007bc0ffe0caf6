//! DynamoDB's limits, each met with an error that says which field is concerned, before anything is sent; or kept to by
//! splitting the work.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::Client;
use orm::prelude::*;
use orm_dynamodb::{DynamoDb, Embedded, ScanPolicy};
use serde_json::{Value as Document, json};
use tests::faults::{Fault, FaultyClient};
use tests::requests::{RequestCounter, counts};
use tests::suite::Outcome;

/// The limits of an item and of keys of an index.
const MAX_ITEM: usize = 400 * 1024;
const MAX_HASH: usize = 2048;
const MAX_RANGE: usize = 1024;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "papers")]
#[orm(index(topic, place))]
struct Paper {
    #[orm(id)]
    id: String,
    topic: String,
    place: Option<String>,
    #[orm(unique)]
    code: Option<String>,
    text: Option<String>,
    more: Option<String>,
    body: Option<serde_json::Value>,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "vectors")]
struct Vector {
    #[orm(id)]
    id: String,
    values: serde_json::Value,
}

/// A record and 60 locks: one of its updates can need 121 actions.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "wide")]
struct Wide {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    u0: Option<i64>,
    #[orm(unique)]
    u1: Option<i64>,
    #[orm(unique)]
    u2: Option<i64>,
    #[orm(unique)]
    u3: Option<i64>,
    #[orm(unique)]
    u4: Option<i64>,
    #[orm(unique)]
    u5: Option<i64>,
    #[orm(unique)]
    u6: Option<i64>,
    #[orm(unique)]
    u7: Option<i64>,
    #[orm(unique)]
    u8: Option<i64>,
    #[orm(unique)]
    u9: Option<i64>,
    #[orm(unique)]
    u10: Option<i64>,
    #[orm(unique)]
    u11: Option<i64>,
    #[orm(unique)]
    u12: Option<i64>,
    #[orm(unique)]
    u13: Option<i64>,
    #[orm(unique)]
    u14: Option<i64>,
    #[orm(unique)]
    u15: Option<i64>,
    #[orm(unique)]
    u16: Option<i64>,
    #[orm(unique)]
    u17: Option<i64>,
    #[orm(unique)]
    u18: Option<i64>,
    #[orm(unique)]
    u19: Option<i64>,
    #[orm(unique)]
    u20: Option<i64>,
    #[orm(unique)]
    u21: Option<i64>,
    #[orm(unique)]
    u22: Option<i64>,
    #[orm(unique)]
    u23: Option<i64>,
    #[orm(unique)]
    u24: Option<i64>,
    #[orm(unique)]
    u25: Option<i64>,
    #[orm(unique)]
    u26: Option<i64>,
    #[orm(unique)]
    u27: Option<i64>,
    #[orm(unique)]
    u28: Option<i64>,
    #[orm(unique)]
    u29: Option<i64>,
    #[orm(unique)]
    u30: Option<i64>,
    #[orm(unique)]
    u31: Option<i64>,
    #[orm(unique)]
    u32: Option<i64>,
    #[orm(unique)]
    u33: Option<i64>,
    #[orm(unique)]
    u34: Option<i64>,
    #[orm(unique)]
    u35: Option<i64>,
    #[orm(unique)]
    u36: Option<i64>,
    #[orm(unique)]
    u37: Option<i64>,
    #[orm(unique)]
    u38: Option<i64>,
    #[orm(unique)]
    u39: Option<i64>,
    #[orm(unique)]
    u40: Option<i64>,
    #[orm(unique)]
    u41: Option<i64>,
    #[orm(unique)]
    u42: Option<i64>,
    #[orm(unique)]
    u43: Option<i64>,
    #[orm(unique)]
    u44: Option<i64>,
    #[orm(unique)]
    u45: Option<i64>,
    #[orm(unique)]
    u46: Option<i64>,
    #[orm(unique)]
    u47: Option<i64>,
    #[orm(unique)]
    u48: Option<i64>,
    #[orm(unique)]
    u49: Option<i64>,
    #[orm(unique)]
    u50: Option<i64>,
    #[orm(unique)]
    u51: Option<i64>,
    #[orm(unique)]
    u52: Option<i64>,
    #[orm(unique)]
    u53: Option<i64>,
    #[orm(unique)]
    u54: Option<i64>,
    #[orm(unique)]
    u55: Option<i64>,
    #[orm(unique)]
    u56: Option<i64>,
    #[orm(unique)]
    u57: Option<i64>,
    #[orm(unique)]
    u58: Option<i64>,
    #[orm(unique)]
    u59: Option<i64>,
}

struct Bed {
    orm: Orm,
    counter: RequestCounter,
}

impl Bed {
    async fn new() -> Result<Self, Error> {
        let counter = RequestCounter::default();
        let client = Client::from_conf(Embedded::in_memory()?.config().interceptor(counter.clone()).build());
        let driver = DynamoDb::builder(client).scan_policy(ScanPolicy::Allow).build();
        let orm = Orm::bootstrap(schema![Paper, Wide], driver).await?;
        Paper::create().id("p").topic("t").exec(&orm).await?;
        counter.take();
        Ok(Self { orm, counter })
    }

    /// Nothing but these requests was sent, and the value of this field is what was refused.
    #[track_caller]
    fn refused<T: std::fmt::Debug>(&self, result: Result<T, Error>, field: &str, said: &str, requests: &str) {
        let error = result.expect_err("it is over a limit");
        assert_eq!(
            (error.code(), error.fields(), error.model()),
            (ErrorCode::InvalidValue, &[field][..], Some("paper"))
        );
        assert!(error.to_string().contains(said), "{error}");
        assert!(!error.is_retryable() && !error.is_outcome_unknown());
        assert_eq!(self.counter.take(), counts(requests), "{error}");
    }
}

fn long(length: usize) -> String {
    "x".repeat(length)
}

fn update() -> orm::query::Update<Paper> {
    Paper::update(Paper::ID.eq("p"))
}

#[tokio::test]
async fn an_item_has_at_most_400_kb() -> Outcome {
    let bed = Bed::new().await?;
    let paper = || Paper::create().id("q").topic("t");
    let said = "more than the 409600 of a DynamoDB item";
    bed.refused(paper().text(long(MAX_ITEM)).exec(&bed.orm).await, "text", said, "");
    // A digit takes a byte, the number one, and its place in the list one.
    let digits = paper().body(json!(vec![7; 140_000]));
    bed.refused(digits.exec(&bed.orm).await, "body", "with 420003 bytes here", "");
    // Two that are small enough each, and not together: the larger one is named.
    let (two, three) = (long(MAX_ITEM / 2), long(MAX_ITEM / 2 + 100));
    bed.refused(paper().text(two.clone()).more(three.clone()).exec(&bed.orm).await, "more", said, "");
    let upsert = Paper::upsert(Paper::ID.eq("q")).create(paper().text(long(MAX_ITEM))).update(|paper| paper);
    bed.refused(upsert.exec(&bed.orm).await, "text", said, "1 GetItem");
    let many = Paper::create_many([paper(), Paper::create().id("r").topic("t").text(long(MAX_ITEM))]);
    let error = many.clone().exec(&bed.orm).await.expect_err("the second is too large");
    assert_eq!((error.index(), error.written()), (Some(1), Some(0)));
    bed.refused(many.exec(&bed.orm).await, "text", said, "");

    bed.refused(update().set(Paper::TEXT, long(MAX_ITEM)).exec(&bed.orm).await, "text", said, "");
    let both = || update().set(Paper::TEXT, two.clone()).set(Paper::MORE, three.clone());
    bed.refused(both().exec(&bed.orm).await, "more", said, "");
    let many = Paper::update_many().set(Paper::TEXT, two.clone()).set(Paper::MORE, three.clone());
    bed.refused(many.exec(&bed.orm).await, "more", said, "");

    // What is there already counts too. An update that reads the record finds it out; DynamoDB says it of the other.
    update().set(Paper::TEXT, two).exec(&bed.orm).await?;
    bed.counter.take();
    let with_lock = update().set(Paper::MORE, three.clone()).set(Paper::CODE, "c".to_owned());
    bed.refused(with_lock.exec(&bed.orm).await, "more", said, "1 GetItem");
    let error = update().set(Paper::MORE, three).exec(&bed.orm).await.expect_err("DynamoDB refuses it");
    assert_eq!(
        (error.code(), error.is_retryable(), error.is_outcome_unknown()),
        (ErrorCode::InvalidValue, false, false)
    );

    // The edge: what fits is stored.
    // The last is a token, of 22 bytes.
    let names = ["__orm_pk", "record#e", "__orm_kind", "record", "id", "e", "topic", "t", "text", "__orm_once"];
    let names: usize = names.map(str::len).iter().sum::<usize>() + 22;
    let whole = Paper::create().id("e").topic("t").text(long(MAX_ITEM - names));
    whole.exec(&bed.orm).await?;
    let over = Paper::create().id("f").topic("t").text(long(MAX_ITEM - names + 1)).exec(&bed.orm).await;
    assert_eq!(over.map_err(|error| error.code()), Err(ErrorCode::InvalidValue));
    Ok(())
}

#[tokio::test]
async fn fields_of_an_index_have_the_sizes_of_keys() -> Outcome {
    let bed = Bed::new().await?;
    let paper = |topic: &str, place: &str| Paper::create().id("q").topic(topic).place(place.to_owned());
    let (hash, range) = (long(MAX_HASH + 1), long(MAX_RANGE + 1));
    bed.refused(paper(&hash, "p").exec(&bed.orm).await, "topic", "2049 bytes are more than the 2048", "");
    bed.refused(paper("t", &range).exec(&bed.orm).await, "place", "1025 bytes are more than the 1024", "");
    bed.refused(paper("", "p").exec(&bed.orm).await, "topic", "the empty text", "");
    bed.refused(paper("t", "").exec(&bed.orm).await, "place", "the empty text", "");
    bed.refused(update().set(Paper::TOPIC, hash).exec(&bed.orm).await, "topic", "2049 bytes", "");
    bed.refused(update().set(Paper::PLACE, range.clone()).exec(&bed.orm).await, "place", "1025 bytes", "");
    bed.refused(Paper::update_many().set(Paper::PLACE, range).exec(&bed.orm).await, "place", "1025 bytes", "");
    bed.refused(update().set(Paper::PLACE, String::new()).exec(&bed.orm).await, "place", "the empty text", "");
    // The edge: what fits is stored, and found.
    paper(&long(MAX_HASH), &long(MAX_RANGE)).exec(&bed.orm).await?;
    assert_eq!(Paper::count().filter(Paper::TOPIC.eq(long(MAX_HASH))).exec(&bed.orm).await?, 1);
    Ok(())
}

/// An id or a unique value that would be too long for a key is hashed: there is no limit to meet.
#[tokio::test]
async fn ids_and_unique_values_of_any_length_are_keys() -> Outcome {
    let bed = Bed::new().await?;
    for length in [MAX_HASH - 8, MAX_HASH - 7, MAX_HASH - 6, MAX_HASH, 3 * MAX_HASH] {
        let (id, code) = (long(length), long(length));
        Paper::create().id(&id).topic("t").code(code.clone()).exec(&bed.orm).await?;
        let found = Paper::find_unique(Paper::CODE.eq(&code)).select(Paper::ID).exec(&bed.orm).await?;
        assert_eq!(found.as_ref(), Some(&id), "{length} bytes");
        let taken = Paper::create().topic("t").code(code).exec(&bed.orm).await.expect_err("it is taken");
        assert_eq!((taken.code(), taken.fields()), (ErrorCode::UniqueConstraintViolation, &["code"][..]));
        let taken = Paper::create().id(&id).topic("t").exec(&bed.orm).await.expect_err("it is taken");
        assert_eq!((taken.code(), taken.fields()), (ErrorCode::UniqueConstraintViolation, &["id"][..]));
        assert_eq!(Paper::delete(Paper::ID.eq(&id)).exec(&bed.orm).await?, 1);
    }
    Ok(())
}

fn nested(levels: usize) -> Document {
    (0..levels).fold(json!(1), |inner, level| if level % 2 == 0 { json!([inner]) } else { json!({ "a": inner }) })
}

#[tokio::test]
async fn documents_nest_at_most_32_levels() -> Outcome {
    let bed = Bed::new().await?;
    let said = "deeper than the 32 levels";
    let paper = |levels| Paper::create().id("q").topic("t").body(nested(levels));
    bed.refused(paper(32).exec(&bed.orm).await, "body", said, "");
    bed.refused(paper(33).exec(&bed.orm).await, "body", said, "");
    bed.refused(update().set(Paper::BODY, nested(33)).exec(&bed.orm).await, "body", said, "");
    bed.refused(update().set(Paper::BODY, nested(2000)).exec(&bed.orm).await, "body", said, "");
    // An empty array counts as one with a value.
    let empty = |around| (0..around).fold(json!([]), |inner, _| json!([inner]));
    bed.refused(update().set(Paper::BODY, empty(31)).exec(&bed.orm).await, "body", said, "");
    let deep = paper(31).exec(&bed.orm).await?;
    assert_eq!(deep.body, Some(nested(31)));
    update().set(Paper::BODY, nested(31)).exec(&bed.orm).await?;
    let read = Paper::find_unique(Paper::ID.eq("p")).select(Paper::BODY).exec(&bed.orm).await?;
    assert_eq!(read, Some(Some(nested(31))));
    let updated = update().set(Paper::BODY, empty(30)).exec(&bed.orm).await?;
    assert_eq!(updated.and_then(|paper| paper.body), Some(empty(30)));
    Ok(())
}

#[tokio::test]
async fn a_transaction_has_at_most_100_actions() -> Outcome {
    let bed = Bed::new().await?;
    let set = |update: orm::query::Update<Wide>, by: i64| {
        update
            .set(Wide::U0, by)
            .set(Wide::U1, by + 1)
            .set(Wide::U2, by + 2)
            .set(Wide::U3, by + 3)
            .set(Wide::U4, by + 4)
            .set(Wide::U5, by + 5)
            .set(Wide::U6, by + 6)
            .set(Wide::U7, by + 7)
            .set(Wide::U8, by + 8)
            .set(Wide::U9, by + 9)
            .set(Wide::U10, by + 10)
            .set(Wide::U11, by + 11)
            .set(Wide::U12, by + 12)
            .set(Wide::U13, by + 13)
            .set(Wide::U14, by + 14)
            .set(Wide::U15, by + 15)
            .set(Wide::U16, by + 16)
            .set(Wide::U17, by + 17)
            .set(Wide::U18, by + 18)
            .set(Wide::U19, by + 19)
            .set(Wide::U20, by + 20)
            .set(Wide::U21, by + 21)
            .set(Wide::U22, by + 22)
            .set(Wide::U23, by + 23)
            .set(Wide::U24, by + 24)
            .set(Wide::U25, by + 25)
            .set(Wide::U26, by + 26)
            .set(Wide::U27, by + 27)
            .set(Wide::U28, by + 28)
            .set(Wide::U29, by + 29)
            .set(Wide::U30, by + 30)
            .set(Wide::U31, by + 31)
            .set(Wide::U32, by + 32)
            .set(Wide::U33, by + 33)
            .set(Wide::U34, by + 34)
            .set(Wide::U35, by + 35)
            .set(Wide::U36, by + 36)
            .set(Wide::U37, by + 37)
            .set(Wide::U38, by + 38)
            .set(Wide::U39, by + 39)
            .set(Wide::U40, by + 40)
            .set(Wide::U41, by + 41)
            .set(Wide::U42, by + 42)
            .set(Wide::U43, by + 43)
            .set(Wide::U44, by + 44)
            .set(Wide::U45, by + 45)
            .set(Wide::U46, by + 46)
            .set(Wide::U47, by + 47)
            .set(Wide::U48, by + 48)
            .set(Wide::U49, by + 49)
            .set(Wide::U50, by + 50)
            .set(Wide::U51, by + 51)
            .set(Wide::U52, by + 52)
            .set(Wide::U53, by + 53)
            .set(Wide::U54, by + 54)
            .set(Wide::U55, by + 55)
            .set(Wide::U56, by + 56)
            .set(Wide::U57, by + 57)
            .set(Wide::U58, by + 58)
            .set(Wide::U59, by + 59)
    };
    let wide = |id: &str| Wide::update(Wide::ID.eq(id.to_owned()));
    Wide::create().id("w").exec(&bed.orm).await?;
    bed.counter.take();
    // From null: one lock each, 61 actions.
    set(wide("w"), 0).exec(&bed.orm).await?;
    assert_eq!(bed.counter.take(), counts("1 GetItem + 1 TransactWriteItems"));
    // From one value to another: two locks each, 121 actions.
    let error = set(wide("w"), 100).exec(&bed.orm).await.expect_err("too many actions");
    assert_eq!((error.code(), error.model(), error.is_retryable()), (ErrorCode::Unsupported, Some("wide"), false));
    assert!(error.to_string().contains("100 actions"), "{error}");
    assert_eq!(bed.counter.take(), counts("1 GetItem"));
    let many = Wide::update_many().increment(Wide::U0, 1000).set(Wide::U1, 7).exec(&bed.orm).await?;
    assert_eq!(many, 1);
    assert_eq!(Wide::delete(Wide::ID.eq("w")).exec(&bed.orm).await?, 1);
    Ok(())
}

/// Booleans and numbers are longer in a request than where they are stored.
#[tokio::test]
async fn no_request_is_larger_than_16_mb() -> Outcome {
    let largest = Arc::new(AtomicUsize::new(0));
    let embedded = Embedded::in_memory()?;
    let client = FaultyClient::new(embedded.http_client(), {
        let largest = largest.clone();
        move |operation, body| {
            largest.fetch_max(body.len(), Ordering::Relaxed);
            // The engine would take long over them.
            matches!(operation, "BatchWriteItem" | "TransactWriteItems").then(|| Fault::Answer(200, "{}".to_owned()))
        }
    });
    let counter = RequestCounter::default();
    let config = embedded.config().http_client(client).interceptor(counter.clone()).build();
    let orm = Orm::bootstrap(schema![Paper, Vector], config).await?;
    counter.take();
    let sent = |requests: &str| {
        assert_eq!(counter.take(), counts(requests));
        let bytes = largest.swap(0, Ordering::Relaxed);
        assert!((8_000_000..16_000_000).contains(&bytes), "{bytes} bytes");
    };
    // Of 260 KB each, and of 1.8 MB in a request.
    let flags = || json!(vec![true; 130_000]);
    Vector::create_many((0..10).map(|_| Vector::create().values(flags()))).exec(&orm).await?;
    sent("2 BatchWriteItem");
    let papers = |n: i32| Paper::create().id(format!("f{n}")).topic("t").code(format!("f{n}")).body(flags());
    Paper::create_many((0..10).map(papers)).exec(&orm).await?;
    sent("2 TransactWriteItems");
    Ok(())
}

#[tokio::test]
async fn what_is_too_much_for_one_request_takes_several() -> Outcome {
    let bed = Bed::new().await?;
    let sent = |requests: &str| assert_eq!(bed.counter.take(), counts(requests));
    // 100 actions: a record and one lock each.
    let papers = |prefix: &'static str, count: usize| {
        (0..count).map(move |n| Paper::create().id(format!("{prefix}{n}")).topic("t").code(format!("{prefix}{n}")))
    };
    Paper::create_many(papers("a", 50)).exec(&bed.orm).await?;
    sent("1 TransactWriteItems");
    Paper::create_many(papers("b", 51)).exec(&bed.orm).await?;
    sent("2 TransactWriteItems");
    // 4 MB, long before 100 actions.
    let large = (0..12).map(|n| Paper::create().id(format!("l{n}")).topic("t").text(long(390_000)));
    Paper::create_many(large).exec(&bed.orm).await?;
    sent("2 TransactWriteItems");
    // 100 keys.
    let ids = (0..101).map(|n| format!("x{n}"));
    assert_eq!(Paper::find_many().filter(Paper::ID.is_in(ids)).exec(&bed.orm).await?, []);
    sent("2 BatchGetItem");
    let ids = (0..100).map(|n| format!("x{n}"));
    assert_eq!(Paper::find_many().filter(Paper::ID.is_in(ids)).exec(&bed.orm).await?, []);
    sent("1 BatchGetItem");
    Ok(())
}
