//! Defaults and paths as Rust can write them.
#![deny(warnings)]

use orm::prelude::*;

const FIRST: i64 = 3;

#[derive(Enumeration, Clone, Copy, Debug, Default)]
pub enum Tier {
    #[default]
    Free,
    Pro = 5,
}

#[derive(Model, Clone, Debug)]
#[orm()]
#[orm(table = "things",)]
#[orm(name = "thing", unique(a, b,),)]
pub struct Thing {
    #[orm(id)]
    pub id: String,
    #[orm(default_with = <Tier as Default>::default)]
    pub a: Tier,
    #[orm(default_with = <Self>::last)]
    pub b: i64,
    #[orm(default_with = Vec::<u8>::places)]
    pub c: i64,
    #[orm(default = FIRST)]
    pub d: i64,
    #[orm(default = -1)]
    pub e: i64,
    #[orm(default = { let one = 1; one + 1 })]
    pub f: i64,
    #[orm(default = if FIRST > 2 { Self::SECOND } else { 2 })]
    pub g: i64,
    #[orm(default = (|| 5)())]
    pub h: i64,
    #[orm(default = String::from("a, b"), unique)]
    pub i: String,
    #[orm(default = Some(3))]
    pub j: Option<i64>,
    #[orm(default = None)]
    pub k: Option<String>,
}

impl Thing {
    const SECOND: i64 = 4;

    fn last() -> i64 {
        7
    }
}

trait Places {
    fn places() -> i64 {
        1
    }
}

impl Places for Vec<u8> {}

fn main() {
    drop(Thing::create());
    drop(Thing::find_unique(Thing::A_B.eq(Tier::Pro, 1)));
}
