//! Types of a user's own: what they give is stored in the form that equal values have, or refused.

use orm::prelude::*;
use orm::{ErrorCode, FieldType, Value, ValueError, kind};
use rust_decimal::Decimal;

use super::{Outcome, assert_refused, assert_taken};
use crate::engine::Engine;

/// Gives its value without going through a type that makes it canonical.
macro_rules! bare {
    ($name:ident, $kind:ident) => {
        #[derive(Clone, Debug, PartialEq)]
        struct $name(Value);

        impl FieldType for $name {
            type Kind = kind::$kind;

            fn into_value(self) -> Result<Value, ValueError> {
                Ok(self.0)
            }

            fn from_value(value: Value) -> Result<Self, ValueError> {
                Ok(Self(value))
            }
        }
    };
}

bare!(Price, Decimal);
bare!(Instant, DateTime);
bare!(Tag, Uuid);
bare!(Word, String);
bare!(Count, Integer);
bare!(Seal, Bytes);

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "goods")]
struct Good {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    price: Option<Price>,
    made: Option<Instant>,
    tag: Option<Tag>,
    word: Option<Word>,
    count: Option<Count>,
    seal: Option<Seal>,
}

fn price(text: &str) -> Result<Price, Box<dyn std::error::Error + Send + Sync>> {
    Ok(Price(Value::Decimal(text.parse()?)))
}

fn text<T>(make: fn(Value) -> T, text: &str) -> T {
    make(Value::Text(text.to_owned()))
}

pub async fn equal_values_are_one_key(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema![Good]).await?;
    let first = Good::create().id("a").price(price("1.50")?).exec(&orm).await?;
    assert_eq!(format!("{:?}", first.price), format!("{:?}", Some(price("1.5")?)));
    assert_taken(Good::create().id("b").price(price("1.500")?).exec(&orm).await, "good", &["price"]);
    let found = Good::find_unique(Good::PRICE.eq(price("1.5000")?)).select(Good::ID).exec(&orm).await?;
    assert_eq!(found.as_deref(), Some("a"));
    let listed = Good::count().filter(Good::PRICE.is_in([price("1.50")?])).exec(&orm).await?;
    assert_eq!(listed, 1);
    let added = Good::update(Good::ID.eq("a")).increment(Good::PRICE, price("0.50")?).select(Good::PRICE);
    assert_eq!(format!("{:?}", added.exec(&orm).await?), format!("{:?}", Some(Some(price("2")?))));
    Ok(())
}

pub async fn values_that_are_not_of_their_kind_are_refused(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema![Good]).await?;
    let create = || Good::create().id("a");
    for (create, field) in [
        (create().price(Price(Value::Text("1.5".into()))), "price"),
        (create().made(text(Instant, "2026-01-02T03:04:05+00:00")), "made"),
        (create().tag(text(Tag, "0123")), "tag"),
        (create().word(Word(Value::Null)), "word"),
        (create().count(Count(Value::Integer(1 << 64))), "count"),
        (create().seal(text(Seal, "wax")), "seal"),
    ] {
        assert_refused(create.exec(&orm).await, ErrorCode::InvalidValue, "good", &[field]);
    }
    assert_eq!(Good::count().exec(&orm).await?, 0);
    let made = create()
        .price(Price(Value::Decimal(Decimal::ONE)))
        .made(text(Instant, "2026-01-02T03:04:05.006Z"))
        .tag(text(Tag, "01234567-89ab-cdef-0123-456789abcdef"))
        .count(Count(Value::Integer(5)))
        .seal(Seal(Value::Bytes(vec![5])));
    let made = made.exec(&orm).await?;
    assert_eq!(Good::find_many().exec(&orm).await?, [made]);
    let update = Good::update(Good::ID.eq("a")).set(Good::MADE, text(Instant, "yesterday"));
    assert_refused(update.exec(&orm).await, ErrorCode::InvalidValue, "good", &["made"]);
    let least = Good::update(Good::ID.eq("a")).decrement(Good::COUNT, Count(Value::Integer(i128::MIN)));
    assert_refused(least.exec(&orm).await, ErrorCode::InvalidValue, "good", &["count"]);
    Ok(())
}

type Key = Option<String>;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "keyed")]
struct Keyed {
    #[orm(id)]
    id: Key,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "papers")]
struct Paper {
    #[orm(id)]
    id: Json<Vec<u8>>,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "scraps")]
struct Scrap {
    #[orm(id)]
    id: serde_json::Value,
}

pub async fn an_id_is_never_null(engine: &impl Engine) -> Outcome {
    assert_refused(engine.orm(schema![Keyed]).await, ErrorCode::InvalidQuery, "keyed", &["id"]);
    let orm = engine.orm(schema![Paper, Scrap]).await?;
    let scrap = Scrap { id: serde_json::Value::Null };
    assert_refused(Scrap::insert(scrap).exec(&orm).await, ErrorCode::InvalidValue, "scrap", &["id"]);
    let paper = Paper { id: Json(vec![1, 2]) };
    assert_eq!(Paper::insert(paper.clone()).exec(&orm).await?, paper);
    assert_eq!(Paper::find_many().exec(&orm).await?, [paper]);
    Ok(())
}
