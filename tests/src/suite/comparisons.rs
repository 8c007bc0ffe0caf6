//! Every operator on every kind, against sets that were worked out by hand.

use chrono::{DateTime, TimeDelta};
use orm::prelude::*;
use orm::{Field, FieldType, Filter, Plain, kind};
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::Outcome;
use crate::engine::Engine;
use crate::kinds::{Colour, Kinds, Maybe, Settings, schema};
use crate::seed::day;

/// Three values of every kind, smallest first.
fn low() -> Kinds {
    Kinds {
        text: "Zebra".into(),
        flag: false,
        i8: -128,
        i16: -5,
        i32: -1_000_000,
        i64: i64::MIN,
        u8: 0,
        u16: 9,
        u32: 99,
        u64: 5,
        i128: -(10_i128.pow(30)),
        u128: 10_u128.pow(9),
        decimal: Decimal::new(-15, 1),
        at: DateTime::UNIX_EPOCH - TimeDelta::days(1),
        colour: Colour::Blue,
        uuid: Uuid::from_u128(1),
        bytes: vec![9, 9],
        hash: [0, 0, 0, 255],
        document: json!({ "n": 1 }),
        settings: Json(Settings { theme: "low".into(), zoom: 0.5 }),
        ..Kinds::one("low")
    }
}

fn mid() -> Kinds {
    Kinds {
        text: "apple".into(),
        flag: true,
        i8: -1,
        i16: 0,
        i32: 2,
        i64: 10,
        u8: 2,
        u16: 10,
        u32: 100,
        u64: 40,
        i128: 3,
        u128: 10_u128.pow(10),
        decimal: Decimal::new(99, 1),
        at: day(1),
        colour: Colour::Green,
        uuid: Uuid::from_u128(0x10),
        bytes: vec![10],
        hash: [0, 0, 1, 0],
        document: json!([1, 2]),
        settings: Json(Settings { theme: "mid".into(), zoom: 1.0 }),
        ..Kinds::one("mid")
    }
}

fn high() -> Kinds {
    Kinds {
        text: "éclair".into(),
        flag: false,
        i8: 127,
        i16: 5,
        i32: 10,
        i64: i64::MAX,
        u8: 10,
        u16: 1000,
        u32: 4_000_000_000,
        u64: u64::MAX,
        i128: 10_i128.pow(37),
        u128: 10_u128.pow(37),
        decimal: Decimal::new(100, 1),
        at: day(1) + TimeDelta::milliseconds(1),
        colour: Colour::Red,
        uuid: Uuid::from_u128(u128::MAX - 5),
        bytes: vec![200, 0],
        hash: [255, 0, 0, 0],
        document: json!("text"),
        settings: Json(Settings { theme: "high".into(), zoom: 2.0 }),
        ..Kinds::one("high")
    }
}

/// `low`, `mid`, `high`, and for models whose fields can be null, `null`.
async fn stored(engine: &impl Engine) -> Result<Orm, Error> {
    let orm = engine.orm(schema()).await?;
    for record in [high(), low(), mid()] {
        Maybe::insert(Maybe::full(record.clone())).exec(&orm).await?;
        Kinds::insert(record).exec(&orm).await?;
    }
    Maybe::insert(Maybe::empty("null")).exec(&orm).await?;
    Ok(orm)
}

/// The ids of the records for which the filter holds, in alphabetical order.
async fn kinds(orm: &Orm, filter: Filter<Kinds>) -> Result<String, Error> {
    let count = Kinds::count().filter(filter.clone()).exec(orm).await?;
    let mut ids = Kinds::find_many().filter(filter).select(Kinds::ID).exec(orm).await?;
    assert_eq!(count, ids.len() as u64);
    ids.sort();
    Ok(ids.join(" "))
}

async fn maybes(orm: &Orm, filter: Filter<Maybe>) -> Result<String, Error> {
    let count = Maybe::count().filter(filter.clone()).exec(orm).await?;
    let mut ids = Maybe::find_many().filter(filter).select(Maybe::ID).exec(orm).await?;
    assert_eq!(count, ids.len() as u64);
    ids.sort();
    Ok(ids.join(" "))
}

async fn equality<T: FieldType + Clone>(orm: &Orm, field: Field<Kinds, T, Plain>, of: fn(Kinds) -> T) -> Outcome {
    let (low, mid) = (of(low()), of(mid()));
    assert_eq!(kinds(orm, field.eq(mid.clone())).await?, "mid", "{field:?}");
    assert_eq!(kinds(orm, field.ne(mid.clone())).await?, "high low", "{field:?}");
    assert_eq!(kinds(orm, !field.eq(mid.clone())).await?, "high low", "{field:?}");
    assert_eq!(kinds(orm, field.is_in([mid.clone()])).await?, "mid", "{field:?}");
    assert_eq!(kinds(orm, field.not_in([mid.clone()])).await?, "high low", "{field:?}");
    assert_eq!(kinds(orm, field.eq(mid).and(field.eq(low))).await?, "", "{field:?}");
    Ok(())
}

async fn order<T: FieldType + Clone>(orm: &Orm, field: Field<Kinds, T, Plain>, of: fn(Kinds) -> T) -> Outcome
where
    T::Kind: kind::Ordered,
{
    let (low, mid, high) = (of(low()), of(mid()), of(high()));
    for (filter, expected) in [
        (field.gt(mid.clone()), "high"),
        (field.gte(mid.clone()), "high mid"),
        (field.lt(mid.clone()), "low"),
        (field.lte(mid.clone()), "low mid"),
        (field.gt(high.clone()), ""),
        (field.between(low.clone(), mid.clone()), "low mid"),
        (field.between(mid.clone(), mid.clone()), "mid"),
        (field.between(high.clone(), low.clone()), ""),
        (field.is_in([low.clone(), high.clone()]), "high low"),
        (!field.gt(mid), "low mid"),
    ] {
        assert_eq!(kinds(orm, filter).await?, expected, "{field:?}");
    }
    let ids = Kinds::find_many().select(Kinds::ID);
    assert_eq!(ids.clone().order_by(field.asc()).exec(orm).await?, ["low", "mid", "high"], "{field:?}");
    assert_eq!(ids.order_by(field.desc()).exec(orm).await?, ["high", "mid", "low"], "{field:?}");
    Ok(())
}

async fn nulls<T: FieldType + Clone>(orm: &Orm, field: Field<Maybe, Option<T>, Plain>, of: fn(Kinds) -> T) -> Outcome {
    let mid = Some(of(mid()));
    for (filter, expected) in [
        (field.is_null(), "null"),
        (field.is_not_null(), "high low mid"),
        (!field.is_null(), "high low mid"),
        (field.eq(None), "null"),
        (field.ne(None), "high low mid"),
        (field.eq(mid.clone()), "mid"),
        // A null is not equal to anything, so it is `ne` everything.
        (field.ne(mid.clone()), "high low null"),
        (!field.eq(mid.clone()), "high low null"),
        (!field.ne(mid.clone()), "mid"),
        (field.is_in([mid.clone(), None]), "mid null"),
        (field.is_in([None, None]), "null"),
        (field.not_in([mid.clone()]), "high low null"),
        (field.not_in([mid, None]), "high low"),
    ] {
        assert_eq!(maybes(orm, filter).await?, expected, "{field:?}");
    }
    Ok(())
}

async fn nulls_in_order<T: FieldType + Clone>(
    orm: &Orm,
    field: Field<Maybe, Option<T>, Plain>,
    of: fn(Kinds) -> T,
) -> Outcome
where
    T::Kind: kind::Ordered,
{
    let (low, mid) = (Some(of(low())), Some(of(mid())));
    for (filter, expected) in [
        (field.gt(mid.clone()), "high"),
        (field.gte(mid.clone()), "high mid"),
        // A null is neither less nor greater, so the opposite of either holds for it.
        (field.lt(mid.clone()), "low"),
        (field.lte(mid.clone()), "low mid"),
        (!field.lt(mid.clone()), "high mid null"),
        (!field.gt(mid.clone()), "low mid null"),
        (!(!field.gt(mid.clone())), "high"),
        (field.between(low, mid.clone()), "low mid"),
        (field.gt(None), ""),
        (field.lte(None), ""),
        (!field.gt(None), "high low mid null"),
    ] {
        assert_eq!(maybes(orm, filter).await?, expected, "{field:?}");
    }
    let ids = Maybe::find_many().select(Maybe::ID);
    assert_eq!(ids.clone().order_by(field.asc()).exec(orm).await?, ["null", "low", "mid", "high"], "{field:?}");
    assert_eq!(ids.order_by(field.desc()).exec(orm).await?, ["high", "mid", "low", "null"], "{field:?}");
    Ok(())
}

/// The same for each of these fields, by the name they share in both models and as members.
macro_rules! for_each {
    ($check:ident, $orm:expr, $model:ident: $($constant:ident $member:ident),* $(,)?) => {
        $($check($orm, $model::$constant, |record| record.$member).await?;)*
    };
}

pub async fn equality_of_every_kind(engine: &impl Engine) -> Outcome {
    let orm = stored(engine).await?;
    for_each!(equality, &orm, Kinds:
        TEXT text, I8 i8, I16 i16, I32 i32, I64 i64, U8 u8, U16 u16, U32 u32, U64 u64, I128 i128, U128 u128,
        DECIMAL decimal, AT at, COLOUR colour, UUID uuid, BYTES bytes, HASH hash, DOCUMENT document,
        SETTINGS settings);
    // A boolean has two values only.
    assert_eq!(kinds(&orm, Kinds::FLAG.eq(true)).await?, "mid");
    assert_eq!(kinds(&orm, Kinds::FLAG.ne(true)).await?, "high low");
    assert_eq!(kinds(&orm, Kinds::FLAG.is_in([true, false])).await?, "high low mid");
    assert_eq!(kinds(&orm, Kinds::FLAG.not_in([false])).await?, "mid");
    Ok(())
}

pub async fn order_of_every_kind(engine: &impl Engine) -> Outcome {
    let orm = stored(engine).await?;
    for_each!(order, &orm, Kinds:
        TEXT text, I8 i8, I16 i16, I32 i32, I64 i64, U8 u8, U16 u16, U32 u32, U64 u64, I128 i128, U128 u128,
        DECIMAL decimal, AT at, COLOUR colour, UUID uuid, BYTES bytes, HASH hash);
    Ok(())
}

pub async fn nulls_of_every_kind(engine: &impl Engine) -> Outcome {
    let orm = stored(engine).await?;
    for_each!(nulls, &orm, Maybe:
        TEXT text, I8 i8, I16 i16, I32 i32, I64 i64, U8 u8, U16 u16, U32 u32, U64 u64, I128 i128, U128 u128,
        DECIMAL decimal, AT at, COLOUR colour, UUID uuid, BYTES bytes, HASH hash, DOCUMENT document,
        SETTINGS settings);
    assert_eq!(maybes(&orm, Maybe::FLAG.ne(false)).await?, "mid null");
    assert_eq!(maybes(&orm, Maybe::FLAG.is_in([Some(true), None])).await?, "mid null");
    assert_eq!(maybes(&orm, Maybe::FLAG.is_not_null()).await?, "high low mid");
    Ok(())
}

pub async fn order_of_every_kind_with_nulls(engine: &impl Engine) -> Outcome {
    let orm = stored(engine).await?;
    for_each!(nulls_in_order, &orm, Maybe:
        TEXT text, I8 i8, I16 i16, I32 i32, I64 i64, U8 u8, U16 u16, U32 u32, U64 u64, I128 i128, U128 u128,
        DECIMAL decimal, AT at, COLOUR colour, UUID uuid, BYTES bytes, HASH hash);
    Ok(())
}

pub async fn fields_with_one_another(engine: &impl Engine) -> Outcome {
    let orm = stored(engine).await?;
    for (filter, expected) in [
        (Kinds::I8.lt_field(Kinds::I16), "low mid"),
        (Kinds::I8.gt_field(Kinds::I16), "high"),
        (Kinds::I32.eq_field(Kinds::U8), "high mid"),
        (Kinds::I32.ne_field(Kinds::U8), "low"),
        (!Kinds::I32.eq_field(Kinds::U8), "low"),
        (!Kinds::I32.ne_field(Kinds::U8), "high mid"),
        (Kinds::I32.gte_field(Kinds::U8), "high mid"),
        (Kinds::I32.lte_field(Kinds::U8), "high low mid"),
        (!Kinds::I32.gte_field(Kinds::U8), "low"),
        // Whole numbers of all sizes are one kind.
        (Kinds::I64.lt_field(Kinds::U64), "high low mid"),
        (Kinds::U128.gt_field(Kinds::I128), "low mid"),
        (Kinds::U128.eq_field(Kinds::I128), "high"),
        (!Kinds::U128.eq_field(Kinds::I128), "low mid"),
        // "Zebra" and "low", "apple" and "mid", "éclair" and "high".
        (Kinds::TEXT.gt_field(Kinds::ID), "high"),
        (Kinds::ID.gt_field(Kinds::TEXT), "low mid"),
        (Kinds::BYTES.gt_field(Kinds::HASH), "low mid"),
        // With itself, and beside other conditions.
        (Kinds::AT.eq_field(Kinds::AT), "high low mid"),
        (Kinds::UUID.lt_field(Kinds::UUID), ""),
        (Kinds::COLOUR.gte_field(Kinds::COLOUR), "high low mid"),
        (Kinds::I32.eq_field(Kinds::U8).and(Kinds::TEXT.lt_field(Kinds::ID)), "mid"),
        (any([Kinds::I32.ne_field(Kinds::U8), Kinds::FLAG.eq(true)]), "low mid"),
        (Kinds::ID.eq("mid").and(Kinds::I32.eq_field(Kinds::U8)), "mid"),
        (Kinds::ID.eq("low").and(Kinds::I32.eq_field(Kinds::U8)), ""),
    ] {
        assert_eq!(kinds(&orm, filter.clone()).await?, expected, "{filter:?}");
    }
    Maybe::insert(Maybe { i8: Some(1), u128: Some(1), ..Maybe::empty("half") }).exec(&orm).await?;
    for (filter, expected) in [
        // Only a null equals a null.
        (Maybe::I8.eq_field(Maybe::I16), "null"),
        (Maybe::I8.ne_field(Maybe::I16), "half high low mid"),
        (!Maybe::I8.eq_field(Maybe::I16), "half high low mid"),
        (Maybe::U128.eq_field(Maybe::I128), "high null"),
        (Maybe::U128.ne_field(Maybe::I128), "half low mid"),
        // And it is neither less nor greater.
        (Maybe::I8.lt_field(Maybe::I16), "low mid"),
        (!Maybe::I8.lt_field(Maybe::I16), "half high null"),
        (Maybe::I8.lte_field(Maybe::I16), "low mid"),
        (Maybe::I16.gte_field(Maybe::I8), "low mid"),
        (Maybe::TEXT.eq_field(Maybe::ID), ""),
        (Maybe::TEXT.lte_field(Maybe::ID), "low mid"),
        (Maybe::AT.eq_field(Maybe::AT), "half high low mid null"),
        (Maybe::AT.lte_field(Maybe::AT), "high low mid"),
        (Maybe::AT.ne_field(Maybe::AT), ""),
    ] {
        assert_eq!(maybes(&orm, filter.clone()).await?, expected, "{filter:?}");
    }
    Ok(())
}

pub async fn parts_of_texts(engine: &impl Engine) -> Outcome {
    let orm = stored(engine).await?;
    for (id, text) in [("percent", "100%_*"), ("empty", ""), ("Apple", "Apple pie")] {
        Maybe::insert(Maybe { text: Some(text.into()), ..Maybe::empty(id) }).exec(&orm).await?;
    }
    for (filter, expected) in [
        (Maybe::TEXT.contains("pp"), "Apple mid"),
        (Maybe::TEXT.contains("Pp"), ""),
        (Maybe::TEXT.contains("é"), "high"),
        (Maybe::TEXT.contains("%_"), "percent"),
        (Maybe::TEXT.contains("*"), "percent"),
        // Every text contains the empty one and starts with it; a null does not.
        (Maybe::TEXT.contains(""), "Apple empty high low mid percent"),
        (Maybe::TEXT.starts_with(""), "Apple empty high low mid percent"),
        (Maybe::TEXT.starts_with("A"), "Apple"),
        (Maybe::TEXT.starts_with("a"), "mid"),
        (Maybe::TEXT.starts_with("pple"), ""),
        (!Maybe::TEXT.contains("e"), "empty high null percent"),
        (!Maybe::TEXT.starts_with(""), "null"),
        (!Maybe::TEXT.starts_with("a"), "Apple empty high low null percent"),
    ] {
        assert_eq!(maybes(&orm, filter.clone()).await?, expected, "{filter:?}");
    }
    // Of an id too.
    let ids =
        Maybe::find_many().filter(Maybe::ID.starts_with("m").or(Maybe::ID.contains("w"))).order_by(Maybe::ID.asc());
    assert_eq!(ids.select(Maybe::ID).exec(&orm).await?, ["low", "mid"]);
    Ok(())
}

pub async fn texts_are_ordered_by_bytes(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let texts = ["", " ", "10", "9", "Z", "Zebra", "a", "aa", "b", "é", "日", "🦀"];
    let new = texts.iter().enumerate().rev();
    Kinds::create_many(
        new.map(|(n, text)| Kinds::insert(Kinds { text: (*text).into(), ..Kinds::one(&n.to_string()) })),
    )
    .exec(&orm)
    .await?;
    let sorted = Kinds::find_many().select(Kinds::TEXT);
    assert_eq!(sorted.clone().order_by(Kinds::TEXT.asc()).exec(&orm).await?, texts);
    let between = sorted.filter(Kinds::TEXT.gt("Z").and(Kinds::TEXT.lt("é"))).order_by(Kinds::TEXT.desc());
    assert_eq!(between.exec(&orm).await?, ["b", "aa", "a", "Zebra"]);
    Ok(())
}
