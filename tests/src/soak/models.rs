//! What random programs work on.

use orm::prelude::*;
use rust_decimal::Decimal;

use crate::kinds::Stock;

/// Unique fields that may be null, and a compound unique key.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "people")]
#[orm(unique(org, badge))]
#[orm(index(org))]
pub struct Person {
    #[orm(id)]
    pub id: String,
    #[orm(unique)]
    pub email: Option<String>,
    #[orm(unique)]
    pub nick: Option<Vec<u8>>,
    pub org: String,
    pub badge: i64,
    #[orm(default = 0)]
    pub visits: i64,
    pub note: Option<String>,
}

/// An integer id, and a compound key that is not bound while a part of it is null.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "places")]
#[orm(unique(region, code))]
pub struct Place {
    #[orm(id)]
    pub id: i64,
    pub region: String,
    pub code: Option<String>,
    #[orm(default = 0)]
    pub visits: i64,
    #[orm(default = Decimal::ZERO)]
    pub total: Decimal,
}

/// Nothing unique but its id.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "tallies")]
pub struct Tally {
    #[orm(id)]
    pub id: String,
    #[orm(default = 0)]
    pub hits: i64,
    pub total: Option<Decimal>,
    #[orm(default = "new")]
    pub label: String,
}

/// A column for each of four writers, and a title that moves.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "boards")]
pub struct Board {
    #[orm(id)]
    pub id: String,
    #[orm(unique)]
    pub title: Option<String>,
    #[orm(default = 0)]
    pub a: i64,
    #[orm(default = 0)]
    pub b: i64,
    #[orm(default = 0)]
    pub c: i64,
    #[orm(default = 0)]
    pub d: i64,
    #[orm(default = 0)]
    pub hits: i64,
}

/// To be consumed once, with a lock.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "tickets")]
pub struct Ticket {
    #[orm(id)]
    pub id: String,
    #[orm(unique)]
    pub token: String,
}

/// To be consumed once, without any lock.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "coupons")]
pub struct Coupon {
    #[orm(id)]
    pub id: String,
    pub label: String,
}

/// What is left is taken only while it lasts. The number of each pack sold is of a type whose range is not known, and so
/// is added to what was read.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "shelves")]
pub struct Shelf {
    #[orm(id)]
    pub id: String,
    /// Bound while it is not null.
    #[orm(unique)]
    pub number: Option<i64>,
    pub left: i64,
    #[orm(default = Stock(0))]
    pub sold: Stock,
}

pub fn schema() -> orm::Schema {
    schema![Person, Place, Tally, Board, Ticket, Coupon, Shelf]
}

/// A text that is easily mistaken in a key, from a small number of them.
pub fn strange(rng: &mut fastrand::Rng) -> String {
    const TEXTS: [&str; 12] =
        ["a", "a#b", "a%23b", "ü/ ñ", "\"q\"", "💥", "sha256:x", " ", "#", "%22", "a+b\\", "e\u{301}"];
    match rng.usize(..TEXTS.len() + 1) {
        // Over the length of a key.
        place if place == TEXTS.len() => "k".repeat(2100),
        place => TEXTS[place].to_owned(),
    }
}
