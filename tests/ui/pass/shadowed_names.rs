//! What the prelude has is something else here, and `core` and `std` are modules.
#![allow(dead_code, non_camel_case_types)]

use ::orm::{Enumeration, Model, Select};

struct Result;
struct Option;
struct String;
struct Vec;
struct Box;
struct Default;
struct Some;
struct None;
struct Ok;
struct Err;
struct str;
struct bool;
struct usize;
trait Clone {}
trait Send {}
mod core {}
mod std {}
mod orm {}

#[derive(Model)]
#[orm(table = "things", unique(name, kind), belongs_to(parent: Thing, foreign_key = parent_id))]
struct Thing {
    #[orm(id)]
    id: ::std::string::String,
    name: ::std::string::String,
    #[orm(default = Kind::A)]
    kind: Kind,
    parent_id: ::std::option::Option<::std::string::String>,
}

#[derive(Enumeration)]
enum Kind {
    A,
}

#[derive(Select)]
#[orm(model = Thing)]
struct Card {
    name: ::std::string::String,
    kind: Kind,
    parent: ::std::option::Option<Thing>,
}

fn main() {
    drop(Thing::create().name("a").select_as::<Card>());
}
