//! What a write answers, and what becomes of the write when that cannot be read.

use std::fmt::Debug;

use orm::ErrorCode;
use orm::prelude::*;

use super::{Outcome, assert_refused, assert_taken};
use crate::engine::Engine;
use crate::models::{Profile, User};

pub async fn a_relation_outside_the_schema_is_found_before_the_write(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema![User]).await?;
    let new = |email: &str| User::create().email(email).name("N");
    let ada = new("ada@x.dev").exec(&orm).await?;
    let refused = |result: Result<(), Error>| {
        let error = assert_refused(result, ErrorCode::MissingSchema, "profile", &[]);
        assert_eq!(error.written(), None, "{error}");
    };
    let selection = || (User::ID, User::PROFILE.select(Profile::BIO));
    let by_email = || User::EMAIL.eq("ada@x.dev");
    refused(new("b@x.dev").select(selection()).exec(&orm).await.map(drop));
    refused(User::create_many([new("b@x.dev"), new("c@x.dev")]).select(selection()).exec(&orm).await.map(drop));
    refused(User::update(by_email()).set(User::NAME, "B").select(selection()).exec(&orm).await.map(drop));
    let upsert = User::upsert(by_email()).create(new("ada@x.dev")).update(|user| user.set(User::NAME, "B"));
    refused(upsert.select(selection()).exec(&orm).await.map(drop));
    refused(User::consume(by_email()).select(selection()).exec(&orm).await.map(drop));
    assert_eq!(User::find_many().exec(&orm).await?, [ada], "nothing was written");
    Ok(())
}

#[derive(Model, Debug)]
#[orm(table = "scrolls")]
struct Scroll {
    #[orm(id)]
    id: String,
    #[orm(with = fragile)]
    text: String,
}

/// What is stored can be read until it is torn: as by a later version of a program, of a type that has fewer values.
mod fragile {
    use std::collections::BTreeSet;
    use std::sync::{Mutex, PoisonError};

    static TORN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

    pub fn tear(text: &str) {
        TORN.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned());
    }

    pub fn encode(text: &str) -> String {
        text.to_owned()
    }

    pub fn decode(text: String) -> Result<String, &'static str> {
        let torn = TORN.lock().unwrap_or_else(PoisonError::into_inner);
        if torn.contains(&text) { Err("it is torn") } else { Ok(text) }
    }
}

/// A text that nobody else has.
fn own_text() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[track_caller]
fn assert_made<T: Debug>(result: Result<T, Error>, written: u64) {
    let error = assert_refused(result, ErrorCode::Decode, "scroll", &["text"]);
    let said = (error.written(), error.is_outcome_unknown(), error.is_retryable());
    assert_eq!(said, (Some(written), false, false), "{error}");
    let text = error.to_string();
    assert!(text.starts_with("the write was made") && text.contains("it is torn"), "{text}");
}

pub async fn an_answer_that_cannot_be_read_says_that_the_write_was_made(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema![Scroll]).await?;
    let text = &own_text();
    let stored = async || Scroll::count().filter(Scroll::TEXT.eq(text)).exec(&orm).await;
    Scroll::create().id("b").text("whole").exec(&orm).await?;
    // Made while they can be read.
    let new = || Scroll::create().text(text);
    let (one, three, of_one) =
        (new().id("a"), Scroll::create_many((0..3).map(|_| new())), Scroll::create_many([new()]));
    let update = Scroll::update(Scroll::ID.eq("b")).set(Scroll::TEXT, text);
    let upsert = Scroll::upsert(Scroll::ID.eq("c")).create(new().id("c"));
    fragile::tear(text);
    assert_made(one.exec(&orm).await, 1);
    assert_eq!(stored().await?, 1);
    assert_made(three.exec(&orm).await, 3);
    assert_made(of_one.exec(&orm).await, 1);
    assert_eq!(stored().await?, 5);
    assert_made(update.exec(&orm).await, 1);
    assert_made(upsert.exec(&orm).await, 1);
    assert_eq!(stored().await?, 7);
    assert_made(Scroll::consume(Scroll::ID.eq("a")).exec(&orm).await, 1);
    assert_eq!(stored().await?, 6);
    // Nothing is read of a plain delete.
    assert_eq!(Scroll::delete(Scroll::ID.eq("b")).exec(&orm).await?, 1);
    Ok(())
}

pub async fn what_only_read_is_no_write_when_its_answer_cannot_be_read(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema![Scroll]).await?;
    let text = own_text();
    Scroll::create().id("a").text(&text).exec(&orm).await?;
    fragile::tear(&text);
    let assert_read = |result: Result<(), Error>| {
        let error = assert_refused(result, ErrorCode::Decode, "scroll", &["text"]);
        assert_eq!((error.written(), error.is_outcome_unknown()), (None, false), "{error}");
        assert!(!error.to_string().contains("the write was made"), "{error}");
    };
    assert_read(Scroll::update(Scroll::ID.eq("a")).exec(&orm).await.map(drop));
    let whole = Scroll::create().id("a").text("whole");
    assert_read(Scroll::upsert(Scroll::ID.eq("a")).create(whole).exec(&orm).await.map(drop));
    Ok(())
}

/// Its numbers are written as JSON has them, and read as text.
#[derive(serde::Serialize, serde::Deserialize, Clone, Debug)]
#[serde(tag = "type")]
enum Reading {
    Counted { counts: std::collections::BTreeMap<u8, i128> },
}

#[derive(Clone, Debug)]
struct Even(i64);

impl orm::FieldType for Even {
    type Kind = orm::kind::Integer;

    fn into_value(self) -> Result<orm::Value, orm::ValueError> {
        self.0.into_value()
    }

    fn from_value(value: orm::Value) -> Result<Self, orm::ValueError> {
        let number = i64::from_value(value)?;
        if number % 2 == 0 { Ok(Self(number)) } else { Err(orm::ValueError::new("it is odd")) }
    }
}

#[derive(Model, Clone, Debug)]
#[orm(table = "gauges")]
struct Gauge {
    #[orm(id(given))]
    id: String,
    even: Even,
    reading: Option<Json<Reading>>,
    #[orm(default = "whole", with = fragile)]
    text: String,
}

/// Its own present time is none that it reads.
#[derive(Model, Clone, Debug)]
#[orm(table = "clocks")]
struct Clock {
    #[orm(id)]
    id: String,
    #[orm(default_now, with = past)]
    at: chrono::DateTime<chrono::Utc>,
}

mod past {
    use chrono::{DateTime, Utc};

    pub fn encode(time: &DateTime<Utc>) -> i64 {
        time.timestamp()
    }

    pub fn decode(seconds: i64) -> Result<DateTime<Utc>, &'static str> {
        DateTime::from_timestamp(seconds, 0).filter(|time| time.timestamp() < 1_000_000_000).ok_or("it is too late")
    }
}

pub async fn what_could_not_be_read_again_is_not_stored(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema![Gauge, Clock]).await?;
    let error =
        assert_refused(Clock::create().select(Clock::ID).exec(&orm).await, ErrorCode::InvalidValue, "clock", &["at"]);
    assert!(error.to_string().contains("it is too late"), "{error}");
    let refused = |result: Result<(), Error>, field: &str| {
        let error = assert_refused(result, ErrorCode::InvalidValue, "gauge", &[field]);
        assert_eq!(error.written().unwrap_or(0), 0, "{error}");
        assert!(error.to_string().contains("could not be read again"), "{error}");
    };
    let torn = own_text();
    fragile::tear(&torn);
    let odd = || Reading::Counted { counts: [(1, 5)].into() };
    let new = |id: &str| Gauge::create().id(id).even(Even(2));
    refused(Gauge::create().id("a").even(Even(1)).exec(&orm).await.map(drop), "even");
    refused(new("a").reading(odd()).exec(&orm).await.map(drop), "reading");
    refused(new("a").text(&torn).exec(&orm).await.map(drop), "text");
    refused(Gauge::create_many([new("a"), new("b").text(&torn)]).exec(&orm).await.map(drop), "text");
    let stored = new("c").exec(&orm).await?;
    let changed = || Gauge::update(Gauge::ID.eq("c"));
    refused(changed().set(Gauge::EVEN, Even(3)).exec(&orm).await.map(drop), "even");
    refused(changed().set(Gauge::READING, Json(odd())).exec(&orm).await.map(drop), "reading");
    refused(Gauge::update_many().set(Gauge::TEXT, &torn).allow_scan().exec(&orm).await.map(drop), "text");
    let upsert = Gauge::upsert(Gauge::ID.eq("d")).create(new("d")).update(|gauge| gauge.set(Gauge::EVEN, Even(5)));
    refused(upsert.exec(&orm).await.map(drop), "even");
    refused(Gauge::insert(Gauge { id: "e".into(), text: torn.clone(), ..stored }).exec(&orm).await.map(drop), "text");
    assert_eq!(Gauge::count().allow_scan().exec(&orm).await?, 1);
    // A filter may ask for what is stored by others.
    assert_eq!(
        Gauge::count().filter(Gauge::TEXT.eq(&torn).or(Gauge::EVEN.eq(Even(1)))).allow_scan().exec(&orm).await?,
        0
    );
    Ok(())
}

/// The last part of a list that is cut into parts may have one record.
pub async fn of_many_that_are_one(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema![User]).await?;
    let new = || User::create().email("ada@x.dev").name("A");
    new().exec(&orm).await?;
    let error = assert_taken(User::create_many([new()]).exec(&orm).await, "user", &["email"]);
    assert_eq!((error.index(), error.written()), (Some(0), Some(0)));
    let error = User::create_many([new().quota(10_i128.pow(38))]).exec(&orm).await.expect_err("39 digits");
    assert_eq!((error.index(), error.written()), (Some(0), Some(0)));
    Ok(())
}
