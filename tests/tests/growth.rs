//! The budget does not grow: each operation sends the same requests, consumes the same capacity and looks at the same
//! items on a small table and on one of 20,000 records.

use chrono::{DateTime, Utc};
use orm::prelude::*;
use orm::{Cost, Meter};
use orm_dynamodb::Embedded;
use tests::suite::Outcome;

/// Two unique fields and an index: writes move locks.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "users", unique(shop, number), has_many(notes: Note, foreign_key = author))]
#[orm(has_one(card: Card, foreign_key = user_id))]
#[orm(many_to_many(clubs: Club, through = Membership, from = user_id, to = club_id))]
struct User {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    email: String,
    shop: Option<String>,
    number: Option<i64>,
    name: String,
    #[orm(default = 0)]
    logins: i64,
}

/// No unique fields.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "notes", index(author, at), belongs_to(user: User, foreign_key = author))]
struct Note {
    #[orm(id)]
    id: String,
    author: String,
    at: DateTime<Utc>,
    text: Option<String>,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "cards")]
struct Card {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    user_id: String,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "clubs")]
struct Club {
    #[orm(id)]
    id: String,
    name: String,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "memberships", unique(user_id, club_id), index(user_id))]
struct Membership {
    #[orm(id)]
    id: String,
    user_id: String,
    club_id: String,
}

const SMALL: usize = 200;
const LARGE: usize = 20_000;

fn at(n: usize) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_700_000_000_000 + n as i64).expect("a time in range")
}

/// Ids of one length, so that records have one size.
fn user(n: usize) -> String {
    format!("u{n:06}")
}

async fn filled(records: usize) -> Result<Orm, Error> {
    let orm = Orm::bootstrap(schema![User, Note, Card, Club, Membership], Embedded::in_memory()?).await?;
    let users = (0..records).map(|n| User::create().id(user(n)).email(format!("{n:06}@x.dev")).name("n"));
    User::create_many(users).select(User::ID).exec(&orm).await?;
    let notes = (0..records).map(|n| Note::create().author(user(n / 10)).at(at(n)));
    Note::create_many(notes).select(Note::ID).exec(&orm).await?;
    let (cards, members) = (records / 10, records / 10);
    Card::create_many((0..cards).map(|n| Card::create().user_id(user(n)))).exec(&orm).await?;
    Club::create_many((0..5).map(|n| Club::create().id(format!("c{n}")).name("club"))).exec(&orm).await?;
    let member = |n: usize| Membership::create().user_id(user(n)).club_id(format!("c{}", n % 5));
    Membership::create_many((0..members).map(member)).exec(&orm).await?;
    Ok(orm)
}

/// Runs each operation in turn: what each should cost, and did.
macro_rules! costs {
    ($orm:expr; $($line:literal: $operation:expr;)*) => {{
        let meter = Meter::new();
        let orm = $orm.metered(&meter);
        let mut costs: Vec<(&'static str, Cost)> = Vec::new();
        $(
            $operation.exec(&orm).await?;
            costs.push(($line, meter.take()));
        )*
        costs
    }};
}

async fn operations(orm: &Orm) -> Result<Vec<(&'static str, Cost)>, Error> {
    let ids = |count: usize| (0..count).map(user).collect::<Vec<_>>();
    let parents = |count: usize| User::find_many().filter(User::ID.is_in(ids(count)));
    let new = |n: usize| User::create().id(format!("new{n:03}")).email(format!("new{n:03}@x.dev")).name("n");
    let note = |n: usize| Note::create().author(format!("new{n:03}")).at(at(n));
    Ok(costs! { orm;
        "1 GetItem, 1 read unit, 1 item examined, 1 returned": User::find_unique(User::ID.eq(user(1)));
        "2 GetItem, 2 read units, 2 items examined, 2 returned": User::find_unique(User::EMAIL.eq("000001@x.dev"));
        "1 GetItem, 1 read unit": User::find_unique(User::SHOP_NUMBER.eq("nowhere", 1));
        "2 BatchGetItem, 150 read units, 150 items examined, 150 returned": parents(150);
        "1 Query, 0.5 read units, 10 items examined, 10 returned": Note::find_many().filter(Note::AUTHOR.eq(user(3)));
        "1 Query, 0.5 read units, 3 items examined, 3 returned": Note::find_many().filter(Note::AUTHOR.eq(user(3))).order_by(Note::AT.desc()).take(3);
        "1 Query, 0.5 read units, 6 items examined, 6 returned": Note::count().filter(Note::AUTHOR.eq(user(3)).and(Note::AT.gt(at(33))));
        "3 Query, 1.5 read units, 15 items examined, 15 returned": Note::find_many().filter(Note::AUTHOR.is_in([user(1), user(2), user(3)])).order_by(Note::AT.asc()).take(5);
        "1 GetItem + 1 Query, 1.5 read units, 10 items examined, 10 returned": Note::find_many().filter(any((Note::ID.eq("x"), Note::AUTHOR.eq(user(3)))));
        "1 Query, 0.5 read units, 5 items examined, 5 returned": Note::find_many().filter(Note::AUTHOR.eq(user(3))).page(4);
        "1 GetItem + 1 Query, 1.5 read units, 11 items examined, 11 returned": Note::find_many().filter(Note::AUTHOR.eq(user(3))).select((Note::ID, Note::USER));
        "3 BatchGetItem, 60 read units, 60 items examined, 60 returned": parents(20).select((User::ID, User::CARD));
        "1 BatchGetItem + 20 Query, 30 read units, 220 items examined, 220 returned": parents(20).select((User::ID, User::NOTES));
        "2 BatchGetItem + 20 Query, 35 read units, 45 items examined, 45 returned": parents(20).select((User::ID, User::CLUBS));
    "1 BatchGetItem + 10 Query, 15 read units, 110 items examined, 110 returned": Note::find_many().filter(Note::AUTHOR.is_in((1..11).map(user))).select((Note::ID, Note::USER));
        "1 DeleteItem": Note::consume(Note::ID.eq("nothing"));
        "2 GetItem + 1 TransactWriteItems, 2 read units, 4 write units, 2 items examined, 2 returned": User::consume(User::EMAIL.eq("000011@x.dev"));
                "1 TransactWriteItems, 4 write units": new(0);
        "1 PutItem, 2 write units": note(0).id("note0");
        "2 TransactWriteItems, 240 write units": User::create_many((1..61).map(new));
        "3 BatchWriteItem, 120 write units": Note::create_many((1..61).map(note));
        "1 UpdateItem, 1 write unit": User::update(User::ID.eq(user(5))).set(User::NAME, "m").increment(User::LOGINS, 1);
        "1 GetItem + 1 UpdateItem, 1 read unit, 1 write unit, 1 item examined, 1 returned": User::update(User::EMAIL.eq("000006@x.dev")).set(User::NAME, "m");
        "1 GetItem + 1 TransactWriteItems, 1 read unit, 6 write units, 1 item examined, 1 returned": User::update(User::ID.eq(user(7))).set(User::EMAIL, "moved7@x.dev");
        "1 GetItem + 1 UpdateItem, 1 read unit, 1 write unit, 1 item examined, 1 returned": User::upsert(User::EMAIL.eq("000008@x.dev"))
            .create(User::create().email("000008@x.dev").name("n")).update(|u| u.set(User::NAME, "m"));
        "1 GetItem + 1 TransactWriteItems, 1 read unit, 4 write units": User::upsert(User::EMAIL.eq("upsert@x.dev"))
            .create(User::create().id("upsert").email("upsert@x.dev").name("n"));
        "1 GetItem + 1 TransactWriteItems, 1 read unit, 4 write units, 1 item examined, 1 returned": User::delete(User::ID.eq("upsert"));
        "1 DeleteItem, 2 write units": Note::delete(Note::ID.eq("note0"));
        "1 Query + 10 UpdateItem, 0.5 read units, 20 write units, 10 items examined, 10 returned": Note::update_many().filter(Note::AUTHOR.eq(user(4))).set(Note::TEXT, "t");
        "1 BatchWriteItem + 1 Query, 0.5 read units, 20 write units, 10 items examined, 10 returned": Note::delete_many().filter(Note::AUTHOR.eq(user(4)));
        "1 Query + 1 TransactWriteItems, 0.5 read units, 7 write units, 1 item examined, 1 returned": Membership::update_many().filter(Membership::USER_ID.eq(user(9))).set(Membership::CLUB_ID, "c9");
        "1 Query + 1 TransactWriteItems, 0.5 read units, 5 write units, 1 item examined, 1 returned": Membership::delete_many().filter(Membership::USER_ID.eq(user(9)));
    })
}

#[tokio::test]
async fn costs_do_not_grow_with_the_table() -> Outcome {
    let (small, large) = (operations(&filled(SMALL).await?).await?, operations(&filled(LARGE).await?).await?);
    for ((line, small), (_, large)) in small.iter().zip(&large) {
        assert_eq!((small.to_string().as_str(), large.to_string().as_str()), (*line, *line));
    }
    Ok(())
}
