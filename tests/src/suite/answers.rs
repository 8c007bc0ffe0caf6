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

/// Some of what can be stored cannot be read.
mod fragile {
    pub fn encode(text: &str) -> String {
        text.to_owned()
    }

    pub fn decode(text: String) -> Result<String, &'static str> {
        if text == "torn" { Err("it is torn") } else { Ok(text) }
    }
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
    let torn = || Scroll::create().text("torn");
    let stored = async || Scroll::count().filter(Scroll::TEXT.eq("torn")).exec(&orm).await;
    assert_made(torn().id("a").exec(&orm).await, 1);
    assert_eq!(stored().await?, 1);
    assert_made(Scroll::create_many((0..3).map(|_| torn())).exec(&orm).await, 3);
    assert_made(Scroll::create_many([torn()]).exec(&orm).await, 1);
    assert_eq!(stored().await?, 5);
    Scroll::create().id("b").text("whole").exec(&orm).await?;
    assert_made(Scroll::update(Scroll::ID.eq("b")).set(Scroll::TEXT, "torn").exec(&orm).await, 1);
    let upsert = Scroll::upsert(Scroll::ID.eq("c")).create(torn().id("c"));
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
    Scroll::create().id("a").text("torn").select(Scroll::ID).exec(&orm).await?;
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
