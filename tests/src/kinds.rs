//! Models with a field of every kind: [`Kinds`], where each has a value, and [`Maybe`], where each may be null.
//! [`Registered`] has unique fields of many kinds.
//! [`Stock`] is a type of the application's own.

use chrono::{DateTime, Utc};
use orm::prelude::*;
use orm::{FieldType, Value, ValueError, kind};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::seed::day;

/// A field of each type.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "kinds")]
pub struct Kinds {
    #[orm(id)]
    pub id: String,
    pub text: String,
    pub flag: bool,
    pub i8: i8,
    pub i16: i16,
    pub i32: i32,
    pub i64: i64,
    pub u8: u8,
    pub u16: u16,
    pub u32: u32,
    pub u64: u64,
    pub i128: i128,
    pub u128: u128,
    pub decimal: Decimal,
    pub at: DateTime<Utc>,
    pub colour: Colour,
    pub uuid: Uuid,
    pub bytes: Vec<u8>,
    pub hash: [u8; 4],
    pub document: serde_json::Value,
    pub settings: Json<Settings>,
}

impl Kinds {
    /// A record of ones, for a case to change what it is about: `Kinds { i8: 5, ..Kinds::one("x") }`.
    pub fn one(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            text: "one".to_owned(),
            flag: true,
            i8: 1,
            i16: 1,
            i32: 1,
            i64: 1,
            u8: 1,
            u16: 1,
            u32: 1,
            u64: 1,
            i128: 1,
            u128: 1,
            decimal: Decimal::ONE,
            at: day(1),
            colour: Colour::Red,
            uuid: Uuid::from_u128(1),
            bytes: vec![1],
            hash: [1; 4],
            document: serde_json::json!({ "one": 1 }),
            settings: Json(Settings { theme: "one".to_owned(), zoom: 1.5 }),
        }
    }
}

/// Stored by name, with one name that is not the variant's: as text "deep-blue" < "green" < "red".
#[derive(Enumeration, Clone, Copy, Debug, PartialEq, Eq)]
#[orm(rename_all = "snake_case")]
pub enum Colour {
    Red,
    Green,
    #[orm(rename = "deep-blue")]
    Blue,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Settings {
    pub theme: String,
    pub zoom: f64,
}

/// An `Option` of each type, some of them in indexes.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[orm(table = "maybes")]
#[orm(index(colour, decimal))]
#[orm(index(i64, at))]
#[orm(index(uuid, u128))]
#[orm(index(hash, bytes))]
pub struct Maybe {
    #[orm(id)]
    pub id: String,
    pub text: Option<String>,
    pub flag: Option<bool>,
    pub i8: Option<i8>,
    pub i16: Option<i16>,
    pub i32: Option<i32>,
    pub i64: Option<i64>,
    pub u8: Option<u8>,
    pub u16: Option<u16>,
    pub u32: Option<u32>,
    pub u64: Option<u64>,
    pub i128: Option<i128>,
    pub u128: Option<u128>,
    pub decimal: Option<Decimal>,
    pub at: Option<DateTime<Utc>>,
    pub colour: Option<Colour>,
    pub uuid: Option<Uuid>,
    pub bytes: Option<Vec<u8>>,
    pub hash: Option<[u8; 4]>,
    pub document: Option<serde_json::Value>,
    pub settings: Option<Json<Settings>>,
}

impl Maybe {
    /// A record without any value.
    pub fn empty(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }

    /// The same values as a record of [`Kinds`].
    pub fn full(of: Kinds) -> Self {
        Self {
            id: of.id,
            text: Some(of.text),
            flag: Some(of.flag),
            i8: Some(of.i8),
            i16: Some(of.i16),
            i32: Some(of.i32),
            i64: Some(of.i64),
            u8: Some(of.u8),
            u16: Some(of.u16),
            u32: Some(of.u32),
            u64: Some(of.u64),
            i128: Some(of.i128),
            u128: Some(of.u128),
            decimal: Some(of.decimal),
            at: Some(of.at),
            colour: Some(of.colour),
            uuid: Some(of.uuid),
            bytes: Some(of.bytes),
            hash: Some(of.hash),
            document: Some(of.document),
            settings: Some(of.settings),
        }
    }
}

/// Unique fields of many kinds, all of which may be null, and two compound keys.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[orm(table = "registered")]
#[orm(unique(region, code))]
#[orm(unique(colour, number, flag))]
pub struct Registered {
    #[orm(id)]
    pub id: String,
    #[orm(unique)]
    pub label: Option<String>,
    #[orm(unique)]
    pub serial: Option<i64>,
    #[orm(unique)]
    pub huge: Option<i128>,
    #[orm(unique)]
    pub rate: Option<Decimal>,
    #[orm(unique)]
    pub stamp: Option<DateTime<Utc>>,
    #[orm(unique)]
    pub shade: Option<Colour>,
    #[orm(unique)]
    pub token: Option<Uuid>,
    #[orm(unique)]
    pub digest: Option<Vec<u8>>,
    pub region: Option<String>,
    pub code: Option<String>,
    pub colour: Option<Colour>,
    pub number: Option<i64>,
    pub flag: Option<bool>,
}

impl Registered {
    /// A record without any value.
    pub fn empty(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }
}

/// All three.
pub fn schema() -> orm::Schema {
    schema![Kinds, Maybe, Registered]
}

/// A number with a type of its own, which says that it has all of its range, or does not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stock<const RANGED: bool = false>(pub u32);

impl<const RANGED: bool> FieldType for Stock<RANGED> {
    type Kind = kind::Integer;
    const RANGE: Option<(i128, i128)> = if RANGED { u32::RANGE } else { None };

    fn into_value(self) -> Result<Value, ValueError> {
        self.0.into_value()
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        u32::from_value(value).map(Self)
    }
}
