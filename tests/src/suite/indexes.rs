//! Filters and orders that an index can answer, and what must not go wrong when it does.

use chrono::TimeDelta;
use orm::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Outcome;
use crate::engine::Engine;
use crate::kinds::{self, Colour, Maybe};
use crate::models::{Account, Member, Session, schema};
use crate::seed::{day, seed};
use crate::strangers::{self, Slug, Task};

pub async fn on_an_index_and_its_range(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    for (n, user) in [(1, "u"), (2, "u"), (3, "u"), (4, "u"), (5, "v")] {
        let new = Session::create().id(n.to_string()).user_id(user).token(format!("t{n}"));
        new.expires_at(day(n)).exec(&orm).await?;
    }
    let of_u = || Session::USER_ID.eq("u");
    let at = Session::EXPIRES_AT;
    for (filter, expected) in [
        (of_u(), "1234"),
        (of_u().and(at.eq(day(2))), "2"),
        (of_u().and(at.ne(day(2))), "134"),
        (of_u().and(at.gt(day(2))), "34"),
        (of_u().and(at.gte(day(2))), "234"),
        (of_u().and(at.lt(day(2))), "1"),
        (of_u().and(at.lte(day(2))), "12"),
        (of_u().and(at.between(day(2), day(3))), "23"),
        (of_u().and(at.gt(day(1))).and(at.lt(day(4))), "23"),
        (of_u().and(at.gt(day(3))).and(at.gt(day(1))), "4"),
        (of_u().and(at.gt(day(3))).and(at.lt(day(2))), ""),
        (of_u().and(at.between(day(3), day(1))), ""),
        (of_u().and(at.is_in([day(1), day(4), day(5)])), "14"),
        (of_u().and(!at.between(day(2), day(3))), "14"),
        (of_u().and(at.gte(day(2))).and(Session::TOKEN.ne("t3")), "24"),
        (of_u().and(Session::USER_ID.eq("v")), ""),
        (of_u().and(Session::USER_ID.ne("u")), ""),
        (of_u().or(Session::USER_ID.eq("v")), "12345"),
        (Session::USER_ID.is_in(["u", "v"]).and(at.gte(day(4))), "45"),
        (Session::USER_ID.eq("nobody"), ""),
        (Session::USER_ID.eq(""), ""),
        (!Session::USER_ID.eq("u"), "5"),
    ] {
        for order in [at.asc(), at.desc(), Session::TOKEN.asc()] {
            let query = Session::find_many().filter(filter.clone()).order_by(order).select(Session::ID);
            let mut found = query.exec(&orm).await?;
            found.sort();
            assert_eq!(found.concat(), expected, "{filter:?} {order:?}");
        }
        assert_eq!(Session::count().filter(filter.clone()).exec(&orm).await?, expected.len() as u64, "{filter:?}");
    }
    let prefix = Account::find_many().filter(Account::USER_ID.eq("u").and(Account::PROVIDER.starts_with("git")));
    for provider in ["github", "gitlab", "google"] {
        Account::create().user_id("u").provider(provider).account_id("1").exec(&orm).await?;
    }
    let found = prefix.order_by(Account::PROVIDER.desc()).select(Account::PROVIDER).exec(&orm).await?;
    assert_eq!(found, ["gitlab", "github"]);
    for (filter, expected) in [
        (Account::PROVIDER.gt(""), 3),
        (Account::PROVIDER.lte(""), 0),
        (Account::PROVIDER.starts_with(""), 3),
        (Account::PROVIDER.gte("github").and(Account::PROVIDER.lt("google")), 2),
        (Account::PROVIDER.starts_with("git").and(Account::PROVIDER.gt("github")), 1),
        (Account::PROVIDER.contains("o"), 1),
    ] {
        assert_eq!(Account::count().filter(Account::USER_ID.eq("u").and(filter)).exec(&orm).await?, expected);
    }
    Ok(())
}

pub async fn on_an_index_with_a_number_and_reserved_words(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    for (id, status, size) in [("a", "open", 2), ("b", "open", 10), ("c", "open", -1), ("d", "done", 3)] {
        let new = Task::create().task_id(Slug::from(id)).r#type("t").name(id).status(status);
        new.size(size).exec(&orm).await?;
    }
    let open = || Task::find_many().filter(Task::STATUS.eq("open")).order_by(Task::SIZE.asc()).select(Task::NAME);
    assert_eq!(open().exec(&orm).await?, ["c", "a", "b"]);
    assert_eq!(open().filter(Task::SIZE.between(0, 10)).exec(&orm).await?, ["a", "b"]);
    assert_eq!(open().order_by(Task::SIZE.desc()).take(1).exec(&orm).await?, ["b"]);
    assert_eq!(open().skip(1).take(1).exec(&orm).await?, ["a"]);
    assert_eq!(open().filter(Task::NAME.ne("a").and(Task::COMMENT.is_null())).take(5).exec(&orm).await?, ["c", "b"]);
    Ok(())
}

pub async fn on_a_foreign_key(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let roles = |filter| Member::find_many().filter(filter).order_by(Member::ROLE.asc()).select(Member::ROLE);
    assert_eq!(roles(Member::USER_ID.eq(&seed.ada.id)).exec(&orm).await?, ["member", "owner"]);
    assert_eq!(roles(Member::ORGANIZATION_ID.eq(&seed.labs.id)).exec(&orm).await?, ["member", "owner"]);
    let owner = Member::ORGANIZATION_ID.eq(&seed.labs.id).and(Member::ROLE.eq("owner"));
    assert_eq!(roles(owner).exec(&orm).await?, ["owner"]);
    let both = Member::USER_ID.eq(&seed.grace.id).and(Member::ORGANIZATION_ID.eq(&seed.compilers.id));
    assert!(roles(both).exec(&orm).await?.is_empty());
    Ok(())
}

pub async fn on_an_index_whose_fields_may_be_null(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    let half = Decimal::new(5, 1);
    for (id, colour, decimal) in [
        ("a", Some(Colour::Red), Some(half)),
        ("b", Some(Colour::Red), None),
        ("c", Some(Colour::Red), Some(-half)),
        ("d", None, Some(half)),
        ("e", None, None),
        ("f", Some(Colour::Blue), Some(half)),
    ] {
        Maybe::insert(Maybe { colour, decimal, ..Maybe::empty(id) }).exec(&orm).await?;
    }
    let red = Maybe::COLOUR.eq(Colour::Red);
    let found =
        |filter| Maybe::find_many().filter(filter).order_by((Maybe::DECIMAL.asc(), Maybe::ID.asc())).select(Maybe::ID);
    for (filter, expected) in [
        (red.clone(), "bca"),
        (red.clone().and(Maybe::DECIMAL.lt(half)), "c"),
        (red.clone().and(!Maybe::DECIMAL.lt(half)), "ba"),
        (red.clone().and(Maybe::DECIMAL.ne(half)), "bc"),
        (red.clone().and(Maybe::DECIMAL.is_null()), "b"),
        (red.clone().and(Maybe::DECIMAL.is_not_null()), "ca"),
        (red.clone().and(Maybe::DECIMAL.between(-half, half)), "ca"),
        (Maybe::COLOUR.is_null(), "ed"),
        (Maybe::COLOUR.eq(None).and(Maybe::DECIMAL.eq(half)), "d"),
        (Maybe::COLOUR.ne(Colour::Red), "edf"),
        (!red.clone(), "edf"),
        (Maybe::DECIMAL.eq(half), "adf"),
    ] {
        assert_eq!(found(filter.clone()).exec(&orm).await?.concat(), expected, "{filter:?}");
        assert_eq!(Maybe::count().filter(filter.clone()).exec(&orm).await?, expected.len() as u64, "{filter:?}");
    }
    // Those without a value in the index are part of the order all the same.
    let by_decimal = Maybe::find_many().filter(red).select(Maybe::ID);
    assert_eq!(by_decimal.clone().order_by(Maybe::DECIMAL.asc()).take(2).exec(&orm).await?, ["b", "c"]);
    assert_eq!(by_decimal.clone().order_by(Maybe::DECIMAL.desc()).exec(&orm).await?, ["a", "c", "b"]);
    // They enter the index and leave it.
    Maybe::update(Maybe::ID.eq("b")).increment(Maybe::DECIMAL, Decimal::ONE).exec(&orm).await?;
    Maybe::update(Maybe::ID.eq("a")).set(Maybe::COLOUR, None).exec(&orm).await?;
    assert_eq!(by_decimal.order_by(Maybe::DECIMAL.desc()).exec(&orm).await?, ["b", "c"]);
    Ok(())
}

pub async fn on_an_index_of_numbers_datetimes_and_uuids(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    for n in 0..6_u128 {
        let one = Maybe {
            i64: Some(if n < 4 { i64::MIN } else { 0 }),
            at: Some(day(1) + TimeDelta::milliseconds(i64::try_from(n)?)),
            uuid: Some(Uuid::from_u128(n % 2)),
            u128: Some(10_u128.pow(37) + n),
            ..Maybe::empty(&n.to_string())
        };
        Maybe::insert(one).exec(&orm).await?;
    }
    let ids = |filter| Maybe::find_many().filter(filter).select(Maybe::ID);
    let by_number = ids(Maybe::I64.eq(i64::MIN).and(Maybe::AT.gt(day(1)))).order_by(Maybe::AT.desc());
    assert_eq!(by_number.clone().exec(&orm).await?, ["3", "2", "1"]);
    assert_eq!(by_number.skip(1).take(1).exec(&orm).await?, ["2"]);
    // 38 digits, which differ in the last.
    let by_uuid = Maybe::UUID.eq(Uuid::from_u128(1)).and(Maybe::U128.between(10_u128.pow(37) + 2, 10_u128.pow(37) + 5));
    assert_eq!(ids(by_uuid.clone()).order_by(Maybe::U128.asc()).exec(&orm).await?, ["3", "5"]);
    assert_eq!(Maybe::update_many().filter(by_uuid).set(Maybe::UUID, Uuid::from_u128(0)).exec(&orm).await?, 2);
    let left = ids(Maybe::UUID.eq(Uuid::from_u128(1))).exec(&orm).await?;
    assert_eq!(left, ["1"]);
    Ok(())
}

pub async fn a_condition_larger_than_an_expression(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    for n in 1..=9 {
        Session::create().user_id("u").token(format!("t{n}")).expires_at(day(n)).exec(&orm).await?;
    }
    // More conditions than DynamoDB takes in one expression, in both shapes.
    let none_of =
        all((10..400).map(|n| Session::TOKEN.ne(format!("t{n}"))).collect::<Vec<_>>()).and(Session::TOKEN.ne("t1"));
    let one_of = any((5..400).map(|n| Session::TOKEN.contains(format!("t{n}"))).collect::<Vec<_>>());
    for user in [Session::USER_ID.eq("u"), Session::USER_ID.ne("v")] {
        let both = user.and(none_of.clone()).and(one_of.clone());
        assert_eq!(Session::count().filter(both.clone()).exec(&orm).await?, 5);
        let found =
            Session::find_many().filter(both).order_by(Session::EXPIRES_AT.desc()).take(2).select(Session::TOKEN);
        assert_eq!(found.exec(&orm).await?, ["t9", "t8"]);
    }
    assert_eq!(Session::update_many().filter(one_of.clone()).set(Session::EXPIRES_AT, day(20)).exec(&orm).await?, 5);
    assert_eq!(Session::update_many().filter(none_of.clone()).set(Session::USER_ID, "w").exec(&orm).await?, 8);
    assert_eq!(Session::delete_many().filter(one_of.and(none_of)).exec(&orm).await?, 5);
    assert_eq!(Session::count().exec(&orm).await?, 4);
    Ok(())
}

pub async fn values_too_long_for_an_index_are_found_nowhere(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    Account::create().user_id("u").provider("p").account_id("1").exec(&orm).await?;
    let (long, user) = ("x".repeat(3000), || Account::USER_ID.eq("u"));
    for (filter, expected) in [
        (Account::USER_ID.eq(&long), 0),
        (Account::USER_ID.ne(&long), 1),
        (Account::USER_ID.is_in(["u", &long]), 1),
        (user().and(Account::PROVIDER.eq(&long)), 0),
        (user().and(Account::PROVIDER.lt(&long)), 1),
        (user().and(Account::PROVIDER.gt(&long)), 0),
        (user().and(Account::PROVIDER.between("o", &long)), 1),
        (user().and(Account::PROVIDER.starts_with(&long)), 0),
    ] {
        assert_eq!(Account::count().filter(filter.clone()).exec(&orm).await?, expected);
        assert_eq!(Account::find_many().filter(filter).exec(&orm).await?.len() as u64, expected);
    }
    Ok(())
}
