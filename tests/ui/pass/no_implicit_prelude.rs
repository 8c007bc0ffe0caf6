//! A crate without a prelude.
#![no_implicit_prelude]

use ::orm::{Enumeration, Model, Select};

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
    parent: ::std::option::Option<Thing>,
}

fn main() {
    ::std::mem::drop(Thing::create().name("a").select_as::<Card>());
    let _ = |card: Card| (card.name, card.parent);
    let _ = |thing: Thing| (thing.parent(), thing.id, thing.name, thing.kind, thing.parent_id);
}
