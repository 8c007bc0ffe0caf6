//! Fields that have the names of our functions, of their parameters and of generics.
#![allow(non_snake_case)]

use orm::prelude::*;

#[derive(Model)]
#[orm(table = "odd")]
struct Odd {
    #[orm(id)]
    id: String,
    filter: String,
    M: i64,
    T: i64,
    S: i64,
    path: String,
    value: String,
    orm: i64,
    row: i64,
    draft: i64,
    schema: i64,
    from_row: i64,
    exec: i64,
    select: i64,
    select_as: i64,
    create: i64,
    find_many: i64,
    projection: i64,
    new: i64,
    clone: i64,
    fmt: i64,
    into_create: i64,
    exec_with_cost: i64,
    set_exec_with_cost: i64,
}

#[derive(Select)]
#[orm(model = Odd)]
struct Card {
    filter: String,
    M: i64,
    row: i64,
    projection: i64,
    value: String,
}

fn main() {
    let create = Odd::create().filter("a").M(1).T(2).S(3).path("p").value("v").orm(1).row(2).draft(3).schema(4);
    let create = create.from_row(5).set_exec(6).set_select(7).set_select_as(8).create(9).find_many(10).projection(11);
    drop(create.new(12).clone(13).fmt(14).into_create(15).set_exec_with_cost_(16).set_exec_with_cost(17).select_as::<Card>());
    drop(Odd::find_many().filter(Odd::FILTER.eq("a").and(Odd::VALUE.ne("b"))).order_by(Odd::M.asc()));
    let _ = |card: Card| (card.filter, card.M, card.row, card.projection, card.value);
}
