//! Values of every kind come back exactly as they went: what a create returns is what a find returns.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use orm::ErrorCode;
use orm::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::{Outcome, assert_refused};
use crate::engine::Engine;
use crate::kinds::{Colour, Kinds, Maybe, Settings, schema};
use crate::seed::day;

/// Stores it; it reads back the same in every way there is.
async fn round_trip(orm: &Orm, record: &Kinds) -> Outcome {
    let created = Kinds::insert(record.clone()).exec(orm).await?;
    assert_eq!(&created, record);
    assert_eq!(Kinds::find_unique(Kinds::ID.eq(&record.id)).exec(orm).await?, Some(created));
    let maybe = Maybe::full(record.clone());
    assert_eq!(Maybe::insert(maybe.clone()).exec(orm).await?, maybe);
    assert_eq!(Maybe::find_many().filter(Maybe::ID.eq(&record.id)).exec(orm).await?, [maybe]);
    Ok(())
}

pub async fn every_kind(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    round_trip(&orm, &Kinds::one("one")).await?;
    let zero = Kinds {
        text: String::new(),
        flag: false,
        i8: 0,
        i16: 0,
        i32: 0,
        i64: 0,
        u8: 0,
        u16: 0,
        u32: 0,
        u64: 0,
        i128: 0,
        u128: 0,
        decimal: Decimal::ZERO,
        at: DateTime::UNIX_EPOCH,
        colour: Colour::Blue,
        uuid: Uuid::nil(),
        // A key of an index, which cannot be empty.
        bytes: vec![0],
        hash: [0; 4],
        document: json!({}),
        settings: Json(Settings { theme: String::new(), zoom: 0.0 }),
        ..Kinds::one("zero")
    };
    round_trip(&orm, &zero).await
}

pub async fn extremes(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let greatest = Kinds {
        text: "z".repeat(100_000),
        i8: i8::MAX,
        i16: i16::MAX,
        i32: i32::MAX,
        i64: i64::MAX,
        u8: u8::MAX,
        u16: u16::MAX,
        u32: u32::MAX,
        u64: u64::MAX,
        i128: 10_i128.pow(38) - 1,
        u128: 10_u128.pow(38) - 1,
        decimal: Decimal::MAX,
        at: Utc.with_ymd_and_hms(9999, 12, 31, 23, 59, 59).single().ok_or("a time")? + TimeDelta::milliseconds(999),
        uuid: Uuid::max(),
        bytes: (0..=255).cycle().take(1024).collect(),
        hash: [255; 4],
        ..Kinds::one("greatest")
    };
    round_trip(&orm, &greatest).await?;
    let least = Kinds {
        i8: i8::MIN,
        i16: i16::MIN,
        i32: i32::MIN,
        i64: i64::MIN,
        i128: 1 - 10_i128.pow(38),
        decimal: Decimal::MIN,
        at: Utc.with_ymd_and_hms(1, 1, 1, 0, 0, 0).single().ok_or("a time")?,
        ..Kinds::one("least")
    };
    round_trip(&orm, &least).await?;
    let fine = Kinds {
        decimal: Decimal::new(1, 28),
        at: Utc.with_ymd_and_hms(1969, 12, 31, 23, 59, 59).single().ok_or("a time")? + TimeDelta::milliseconds(1),
        ..Kinds::one("fine")
    };
    round_trip(&orm, &fine).await?;
    let exact = Kinds { decimal: "-1234567890123456789.012345678".parse()?, ..Kinds::one("exact") };
    round_trip(&orm, &exact).await
}

pub async fn every_null(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let empty = Maybe::create().id("empty").exec(&orm).await?;
    assert_eq!(empty, Maybe::empty("empty"));
    assert_eq!(Maybe::find_unique(Maybe::ID.eq("empty")).exec(&orm).await?, Some(empty));
    // All fields get a value by an update, and lose it again.
    let full = Maybe::full(Kinds::one("empty"));
    let filled = Maybe::update(Maybe::ID.eq("empty"))
        .set(Maybe::TEXT, "one")
        .set(Maybe::FLAG, true)
        .set(Maybe::I8, 1)
        .set(Maybe::I16, 1)
        .set(Maybe::I32, 1)
        .set(Maybe::I64, 1)
        .set(Maybe::U8, 1)
        .set(Maybe::U16, 1)
        .set(Maybe::U32, 1)
        .set(Maybe::U64, 1)
        .set(Maybe::I128, 1)
        .set(Maybe::U128, 1)
        .set(Maybe::DECIMAL, Decimal::ONE)
        .set(Maybe::AT, day(1))
        .set(Maybe::COLOUR, Colour::Red)
        .set(Maybe::UUID, Uuid::from_u128(1))
        .set(Maybe::BYTES, [1])
        .set(Maybe::HASH, [1; 4])
        .set(Maybe::DOCUMENT, json!({ "one": 1 }))
        .set(Maybe::SETTINGS, Settings { theme: "one".into(), zoom: 1.5 })
        .exec(&orm)
        .await?;
    assert_eq!(filled.as_ref(), Some(&full));
    assert_eq!(Maybe::find_first().exec(&orm).await?, filled);
    let emptied = Maybe::update(Maybe::ID.eq("empty"))
        .set(Maybe::TEXT, None)
        .set(Maybe::FLAG, None)
        .set(Maybe::I64, None)
        .set(Maybe::I128, None)
        .set(Maybe::DECIMAL, None)
        .set(Maybe::AT, None)
        .set(Maybe::COLOUR, None)
        .set(Maybe::UUID, None)
        .set(Maybe::BYTES, None)
        .set(Maybe::HASH, None)
        .set(Maybe::DOCUMENT, None)
        .set(Maybe::SETTINGS, None)
        .exec(&orm)
        .await?;
    let expected = Maybe {
        text: None,
        flag: None,
        i64: None,
        i128: None,
        decimal: None,
        at: None,
        colour: None,
        uuid: None,
        bytes: None,
        hash: None,
        document: None,
        settings: None,
        ..full
    };
    assert_eq!(emptied.as_ref(), Some(&expected));
    assert_eq!(Maybe::find_first().exec(&orm).await?, emptied);
    Ok(())
}

pub async fn datetimes_are_cut_to_milliseconds(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    for (id, nanoseconds, kept) in [("a", 123_456_789, 123), ("b", 999_999_999, 999), ("c", 1, 0)] {
        let at = day(1) + TimeDelta::nanoseconds(nanoseconds);
        let created = Kinds::insert(Kinds { at, ..Kinds::one(id) }).select(Kinds::AT).exec(&orm).await?;
        assert_eq!(created, day(1) + TimeDelta::milliseconds(kept));
        let before_1970 = DateTime::UNIX_EPOCH - TimeDelta::nanoseconds(nanoseconds);
        let changed = Kinds::update(Kinds::ID.eq(id)).set(Kinds::AT, before_1970).select(Kinds::AT).exec(&orm).await?;
        let found = Kinds::find_unique(Kinds::ID.eq(id)).select(Kinds::AT).exec(&orm).await?;
        assert_eq!(changed, found);
        assert_eq!(found.map(|at| at.timestamp_millis()), Some(-kept - 1));
    }
    // A filter value is cut in the same way.
    let exact = Kinds::AT.eq(DateTime::UNIX_EPOCH - TimeDelta::nanoseconds(1));
    assert_eq!(Kinds::count().filter(exact).exec(&orm).await?, 1);
    Ok(())
}

pub async fn decimals_are_normalised(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let price = Kinds { decimal: "12.50".parse()?, ..Kinds::one("price") };
    let created = Kinds::insert(price).select(Kinds::DECIMAL).exec(&orm).await?;
    assert_eq!(created.to_string(), "12.5");
    let minus_zero = Kinds { decimal: "-0.000".parse()?, ..Kinds::one("zero") };
    assert_eq!(Kinds::insert(minus_zero).select(Kinds::DECIMAL).exec(&orm).await?.to_string(), "0");
    let thousand = Kinds { decimal: Decimal::from_i128_with_scale(1_000_000, 3), ..Kinds::one("thousand") };
    assert_eq!(Kinds::insert(thousand).select(Kinds::DECIMAL).exec(&orm).await?.to_string(), "1000");
    for text in ["12.5", "12.50", "12.5000000000000000000000000"] {
        let found = Kinds::find_many().filter(Kinds::DECIMAL.eq(text.parse::<Decimal>()?)).select(Kinds::DECIMAL);
        assert_eq!(found.exec(&orm).await?.iter().map(Decimal::to_string).collect::<Vec<_>>(), ["12.5"]);
    }
    let read = Kinds::find_many().order_by(Kinds::DECIMAL.asc()).select(Kinds::DECIMAL).exec(&orm).await?;
    assert_eq!(read.iter().map(Decimal::to_string).collect::<Vec<_>>(), ["0", "12.5", "1000"]);
    Ok(())
}

pub async fn too_many_digits_are_refused(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let code = ErrorCode::InvalidValue;
    let i128 = Kinds { i128: 10_i128.pow(38), ..Kinds::one("a") };
    assert_refused(Kinds::insert(i128).exec(&orm).await, code, "kinds", &["i128"]);
    let negative = Kinds { i128: -(10_i128.pow(38)), ..Kinds::one("a") };
    assert_refused(Kinds::insert(negative).exec(&orm).await, code, "kinds", &["i128"]);
    let u128 = Kinds { u128: u128::MAX, ..Kinds::one("a") };
    assert_refused(Kinds::insert(u128).exec(&orm).await, code, "kinds", &["u128"]);
    Kinds::insert(Kinds::one("a")).exec(&orm).await?;
    let update = Kinds::update(Kinds::ID.eq("a")).set(Kinds::I128, i128::MAX);
    assert_refused(update.exec(&orm).await, code, "kinds", &["i128"]);
    let filter = Kinds::find_many().filter(Kinds::U128.lt(u128::MAX));
    assert_refused(filter.exec(&orm).await, code, "kinds", &["u128"]);
    assert_eq!(Kinds::find_many().exec(&orm).await?, [Kinds::one("a")]);
    Ok(())
}

pub async fn years_without_four_digits_are_refused(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    for at in [DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC] {
        let result = Kinds::insert(Kinds { at, ..Kinds::one("a") }).exec(&orm).await;
        assert_refused(result, ErrorCode::InvalidValue, "kinds", &["at"]);
    }
    Ok(())
}
