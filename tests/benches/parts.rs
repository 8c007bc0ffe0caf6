//! The parts of an operation, beside code written by hand and beside `serde_dynamo`: a filter to its plan and
//! expression, a record to its item and back (10 and 60 fields), the rows of 10,000 records to a selection.
//! `cargo bench -p tests --bench parts`.
//!
//! The driver's parts are private. So each is measured in the smallest operation that has it, on a client that is
//! answered with fixed text; all sides pay for the same request.

use std::alloc::System;
use std::any::Any;
use std::collections::HashMap;
use std::pin::{Pin, pin};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use orm::driver::{
    BoxFuture, Context, Count, Create, Delete, DeleteMany, Driver, Find, FindGrouped, FindPart, Groups, Part, Planned,
    Update, UpdateMany, Upsert, Upserted,
};
use orm::prelude::*;
use orm::schema::SchemaEvent;
use orm::{Capabilities, ErrorCode, Row, Rows, Schema, Value};
use orm_dynamodb::DynamoDb;
use serde::{Deserialize, Serialize};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tests::beside::Failure;
use tests::beside::measure::{Effort, median, micros, ratio};
use tests::beside::wire::{Exchange, canned_client};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

type Item = HashMap<String, AttributeValue>;

/// A model, and what one would write by hand for it.
macro_rules! model {
    ($name:ident, $table:literal, texts: $($text:ident)*, numbers: $($number:ident)*, flags: $($flag:ident)*, optional: $($optional:ident)*) => {
        #[derive(Model, Serialize, Deserialize, Clone, Debug, PartialEq)]
        #[orm(table = $table)]
        struct $name {
            #[orm(id)]
            id: String,
            #[orm(index)]
            group: String,
            $($text: String,)*
            $($number: i64,)*
            $($flag: bool,)*
            $($optional: Option<String>,)*
        }

        impl $name {
            fn example() -> Self {
                Self {
                    id: "0123456789".to_owned(),
                    group: "a group".to_owned(),
                    $($text: "The engine weaves algebraical patterns.".to_owned(),)*
                    $($number: 1_815,)*
                    $($flag: true,)*
                    $($optional: Some("Jacquard".to_owned()),)*
                }
            }

            fn to_item(&self) -> Item {
                let mut item = Item::with_capacity(64);
                item.insert("id".to_owned(), AttributeValue::S(self.id.clone()));
                item.insert("group".to_owned(), AttributeValue::S(self.group.clone()));
                $(item.insert(stringify!($text).to_owned(), AttributeValue::S(self.$text.clone()));)*
                $(item.insert(stringify!($number).to_owned(), AttributeValue::N(self.$number.to_string()));)*
                $(item.insert(stringify!($flag).to_owned(), AttributeValue::Bool(self.$flag));)*
                $(if let Some(text) = &self.$optional {
                    item.insert(stringify!($optional).to_owned(), AttributeValue::S(text.clone()));
                })*
                item
            }

            fn from_item(mut item: Item) -> Result<Self, Failure> {
                Ok(Self {
                    id: text(&mut item, "id")?,
                    group: text(&mut item, "group")?,
                    $($text: text(&mut item, stringify!($text))?,)*
                    $($number: number(&mut item, stringify!($number))?,)*
                    $($flag: flag(&mut item, stringify!($flag))?,)*
                    $($optional: optional(&mut item, stringify!($optional))?,)*
                })
            }
        }
    };
}

model!(Ten, "tens", texts: t0 t1 t2, numbers: n0 n1, flags: b0, optional: o0 o1);
model!(
    Sixty, "sixties",
    texts: t00 t01 t02 t03 t04 t05 t06 t07 t08 t09 t10 t11 t12 t13 t14 t15 t16 t17 t18 t19 t20 t21 t22 t23 t24 t25 t26 t27,
    numbers: n00 n01 n02 n03 n04 n05 n06 n07 n08 n09 n10 n11 n12 n13 n14,
    flags: b0 b1 b2 b3 b4,
    optional: o0 o1 o2 o3 o4 o5 o6 o7 o8 o9
);

fn missing(name: &str) -> Failure {
    format!("the item has no `{name}` of the right type").into()
}

fn text(item: &mut Item, name: &str) -> Result<String, Failure> {
    match item.remove(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(missing(name)),
    }
}

fn optional(item: &mut Item, name: &str) -> Result<Option<String>, Failure> {
    match item.remove(name) {
        None | Some(AttributeValue::Null(_)) => Ok(None),
        Some(AttributeValue::S(text)) => Ok(Some(text)),
        _ => Err(missing(name)),
    }
}

fn number(item: &mut Item, name: &str) -> Result<i64, Failure> {
    match item.remove(name) {
        Some(AttributeValue::N(text)) => text.parse().map_err(|_| missing(name)),
        _ => Err(missing(name)),
    }
}

fn flag(item: &mut Item, name: &str) -> Result<bool, Failure> {
    match item.remove(name) {
        Some(AttributeValue::Bool(value)) => Ok(value),
        _ => Err(missing(name)),
    }
}

/// A driver that answers the same rows to every query, to measure what comes after a driver.
#[derive(Debug)]
struct Fixed(Rows);

fn unsupported<'a, T: 'a + Send>() -> BoxFuture<'a, T> {
    Box::pin(async { Err(Error::new(ErrorCode::Unsupported, "it only finds")) })
}

macro_rules! unsupported {
    ($($name:ident($query:ty) -> $answer:ty;)*) => {$(
        fn $name<'a>(&'a self, _: &'a Context, _: &'a $query) -> BoxFuture<'a, $answer> {
            unsupported()
        }
    )*};
}

impl Driver for Fixed {
    fn kind(&self) -> &'static str {
        "fixed"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::document_store()
    }

    fn client(&self) -> &(dyn Any + Send + Sync) {
        self
    }

    fn check(&self, _: &Schema) -> Result<(), Error> {
        Ok(())
    }

    fn push_schema<'a>(&'a self, _: &'a Schema, _: &'a (dyn Fn(SchemaEvent) + Send + Sync)) -> BoxFuture<'a, ()> {
        unsupported()
    }

    fn explain(&self, _: &Context, _: Planned<'_>) -> Result<orm::explain::Plan, Error> {
        Err(Error::new(ErrorCode::Unsupported, "it only finds"))
    }

    fn find<'a>(&'a self, _: &'a Context, _: &'a Find) -> BoxFuture<'a, Rows> {
        Box::pin(async { Ok(self.0.clone()) })
    }

    unsupported! {
        find_part(FindPart) -> Part;
        find_grouped(FindGrouped) -> Groups;
        count(Count) -> u64;
        create(Create) -> ();
        update(Update) -> Option<Row>;
        update_many(UpdateMany) -> u64;
        upsert(Upsert) -> Upserted;
        delete(Delete) -> Option<Row>;
        delete_many(DeleteMany) -> u64;
    }
}

/// What is compared: ours, by hand, and with `serde_dynamo` where it can be.
type Side<'s> = Box<dyn FnMut() -> Result<(), Failure> + 's>;

/// How long and how often each part is measured, all sides together.
const EFFORT: Effort = Effort { limit: Duration::from_millis(1_500), fewest: 15, most: 5_000 };

/// Runs the sides in turns, and prints a line. The second is what is written by hand.
fn compare(part: &str, mut sides: Vec<Side<'_>>) -> Result<(), Failure> {
    let mut times: Vec<Vec<Duration>> = sides.iter().map(|_| Vec::new()).collect();
    for _ in EFFORT.rounds() {
        for (side, times) in sides.iter_mut().zip(&mut times) {
            let start = Instant::now();
            side()?;
            times.push(start.elapsed());
        }
    }
    let times: Vec<Duration> = times.iter_mut().map(|times| median(times)).collect();
    let mut cells = Vec::new();
    for (side, time) in sides.iter_mut().zip(&times) {
        let region = Region::new(ALLOCATOR);
        side()?;
        let allocations = region.change().allocations;
        cells.push(format!("{} µs ({}), {allocations} allocations", micros(*time), ratio(*time, times[1])));
    }
    cells.resize(3, String::new());
    println!("| {part} | {} |", cells.join(" | "));
    Ok(())
}

/// A client that gets this answer.
fn client(answer: &str) -> Result<Client, Failure> {
    let exchange =
        Exchange { operation: String::new(), request: String::new(), status: 200, answer: answer.to_owned() };
    Ok(canned_client(&[exchange])?)
}

fn orm_on(client: &Client) -> Result<Orm, Failure> {
    Ok(Orm::new(schema![Ten, Sixty], DynamoDb::new(client.clone()))?)
}

/// An item as the service writes it.
fn wire(item: &Item) -> serde_json::Value {
    let attribute = |value: &AttributeValue| match value {
        AttributeValue::S(text) => serde_json::json!({ "S": text }),
        AttributeValue::N(number) => serde_json::json!({ "N": number }),
        AttributeValue::Bool(value) => serde_json::json!({ "BOOL": value }),
        _ => serde_json::Value::Null,
    };
    item.iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

fn keyed(mut item: Item, id: &str) -> Item {
    item.insert("__orm_pk".to_owned(), AttributeValue::S(format!("record#{id}")));
    item.insert("__orm_kind".to_owned(), AttributeValue::S("record".to_owned()));
    item
}

/// Puts, of a value that is there.
async fn put(client: &Client, table: &str, item: Item) -> Result<(), Failure> {
    client
        .put_item()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(#pk)")
        .expression_attribute_names("#pk", "__orm_pk")
        .return_values_on_condition_check_failure(aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await?;
    Ok(())
}

async fn get(client: &Client, table: &str, id: &str) -> Result<Item, Failure> {
    let key = AttributeValue::S(format!("record#{id}"));
    let request = client.get_item().table_name(table).key("__orm_pk", key).consistent_read(true);
    request.send().await?.item.ok_or_else(|| "there is no such item".into())
}

macro_rules! conversions {
    ($run:expr, $model:ident, $table:literal, $fields:literal) => {{
        let run = $run;
        let example = $model::example();
        let stored = client("{}")?;
        let orm = orm_on(&stored)?;
        compare(
            concat!("record of ", $fields, " fields to item"),
            vec![
                Box::new(|| run(pin!(async { $model::insert(example.clone()).exec(&orm).await.map(drop).map_err(Into::into) }))),
                Box::new(|| {
                    run(pin!(async {
                        let value = example.clone();
                        put(&stored, $table, keyed(value.to_item(), &value.id)).await
                    }))
                }),
                Box::new(|| {
                    run(pin!(async {
                        let value = example.clone();
                        let item: Item = serde_dynamo::to_item(&value)?;
                        put(&stored, $table, keyed(item, &value.id)).await
                    }))
                }),
            ],
        )?;
        let found = client(&serde_json::json!({ "Item": wire(&keyed(example.to_item(), &example.id)) }).to_string())?;
        let orm = orm_on(&found)?;
        compare(
            concat!("item to record of ", $fields, " fields"),
            vec![
                Box::new(|| {
                    run(pin!(async { $model::find_unique($model::ID.eq(&example.id)).exec(&orm).await.map(drop).map_err(Into::into) }))
                }),
                Box::new(|| {
                    run(pin!(async { $model::from_item(get(&found, $table, &example.id).await?).map(drop) }))
                }),
                Box::new(|| {
                    run(pin!(async {
                        let value: $model = serde_dynamo::from_item(get(&found, $table, &example.id).await?)?;
                        drop(std::hint::black_box(value));
                        Ok(())
                    }))
                }),
            ],
        )?;
    }};
}

/// The text of the key condition and of the filter, with what they name.
struct ByHand {
    filter: Option<&'static str>,
    names: &'static [(&'static str, &'static str)],
    values: fn() -> Vec<(&'static str, AttributeValue)>,
}

async fn query(client: &Client, by_hand: &ByHand) -> Result<(), Failure> {
    let mut request = client
        .query()
        .table_name("tens")
        .index_name("group-index")
        .key_condition_expression("#group = :group")
        .set_filter_expression(by_hand.filter.map(str::to_owned))
        .expression_attribute_names("#group", "group")
        .expression_attribute_values(":group", AttributeValue::S("a group".to_owned()));
    for (placeholder, name) in by_hand.names {
        request = request.expression_attribute_names(*placeholder, *name);
    }
    for (placeholder, value) in (by_hand.values)() {
        request = request.expression_attribute_values(placeholder, value);
    }
    for item in request.send().await?.items.unwrap_or_default() {
        drop(std::hint::black_box(Ten::from_item(item)?));
    }
    Ok(())
}

fn eight() -> orm::Filter<Ten> {
    all((
        Ten::GROUP.eq("a group"),
        Ten::N0.gt(1),
        Ten::N1.between(2, 9),
        Ten::T0.contains("engine"),
        Ten::T1.starts_with("The"),
        any((Ten::T2.eq("a"), Ten::O0.is_null())),
        Ten::B0.eq(true),
        !Ten::O1.is_in(["x", "y", "z"]),
    ))
}

const EIGHT: ByHand = ByHand {
    filter: Some(
        "#n0 > :n0 AND #n1 >= :low AND #n1 <= :high AND contains(#t0, :t0) AND begins_with(#t1, :t1) AND \
         (#t2 = :t2 OR (attribute_not_exists(#o0) OR attribute_type(#o0, :null))) AND #b0 = :b0 AND \
         NOT #o1 IN (:x, :y, :z)",
    ),
    names: &[
        ("#n0", "n0"),
        ("#n1", "n1"),
        ("#t0", "t0"),
        ("#t1", "t1"),
        ("#t2", "t2"),
        ("#o0", "o0"),
        ("#b0", "b0"),
        ("#o1", "o1"),
    ],
    values: || {
        let (number, text) = (|n: &str| AttributeValue::N(n.to_owned()), |t: &str| AttributeValue::S(t.to_owned()));
        vec![
            (":n0", number("1")),
            (":low", number("2")),
            (":high", number("9")),
            (":t0", text("engine")),
            (":t1", text("The")),
            (":t2", text("a")),
            (":null", text("NULL")),
            (":b0", AttributeValue::Bool(true)),
            (":x", text("x")),
            (":y", text("y")),
            (":z", text("z")),
        ]
    },
};

const ROWS: usize = 10_000;

fn row(n: usize) -> Vec<Value> {
    vec![Value::Text(format!("{n:010}")), Value::Text(format!("name {n}")), Value::Integer(n as i128)]
}

type Selected = (String, String, i64);

fn selected(row: &[Value]) -> Result<Selected, Failure> {
    match row {
        [Value::Text(id), Value::Text(name), Value::Integer(number)] => {
            Ok((id.clone(), name.clone(), i64::try_from(*number)?))
        }
        _ => Err(missing("row")),
    }
}

fn main() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let run = |work: Pin<&mut dyn Future<Output = Result<(), Failure>>>| runtime.block_on(work);
    let empty = client(r#"{"Items":[],"Count":0,"ScannedCount":0}"#)?;
    let orm = orm_on(&empty)?;
    println!("| part | ours | by hand | serde_dynamo |");
    println!("| --- | --- | --- | --- |");
    let one = ByHand { filter: None, names: &[], values: Vec::new };
    compare(
        "a filter of one condition: plan and expression",
        vec![
            Box::new(|| {
                run(pin!(async { Ok(Ten::find_many().filter(Ten::GROUP.eq("a group")).exec(&orm).await.map(drop)?) }))
            }),
            Box::new(|| run(pin!(query(&empty, &one)))),
        ],
    )?;
    compare(
        "a filter of eight conditions: plan and expression",
        vec![
            Box::new(|| run(pin!(async { Ok(Ten::find_many().filter(eight()).exec(&orm).await.map(drop)?) }))),
            Box::new(|| run(pin!(query(&empty, &EIGHT)))),
        ],
    )?;
    conversions!(run, Ten, "tens", "10");
    conversions!(run, Sixty, "sixties", "60");
    let mut rows = Rows::new(3);
    (0..ROWS).for_each(|n| rows.push(row(n)));
    let orm = Orm::new(schema![Ten], Fixed(rows.clone()))?;
    compare(
        "10,000 rows to a selection of three fields",
        vec![
            Box::new(|| {
                run(pin!(async {
                    Ok(Ten::find_many().select((Ten::ID, Ten::T0, Ten::N0)).exec(&orm).await.map(drop)?)
                }))
            }),
            Box::new(|| {
                let found: Result<Vec<Selected>, Failure> = rows.clone().iter().map(selected).collect();
                drop(std::hint::black_box(found?));
                Ok(())
            }),
        ],
    )
}
