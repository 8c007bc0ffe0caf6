//! Order, skip and take.

use orm::prelude::*;

use super::Outcome;
use crate::engine::Engine;
use crate::kinds::{self, Maybe};
use crate::models::{Session, User, schema};
use crate::seed::{day, seed};
use crate::strangers::{self, Company};

async fn companies(engine: &impl Engine) -> Result<Orm, Error> {
    let orm = engine.orm(strangers::schema()).await?;
    for (number, name) in [(3, "b"), (1, "c"), (5, "a"), (2, "a"), (4, "b")] {
        Company::create().number(number).name(name).exec(&orm).await?;
    }
    Ok(orm)
}

pub async fn by_one_field_and_by_several(engine: &impl Engine) -> Outcome {
    let orm = companies(engine).await?;
    let numbers = || Company::find_many().select(Company::NUMBER);
    assert_eq!(numbers().order_by(Company::NUMBER.asc()).exec(&orm).await?, [1, 2, 3, 4, 5]);
    assert_eq!(numbers().order_by(Company::NUMBER.desc()).exec(&orm).await?, [5, 4, 3, 2, 1]);
    let by_name = (Company::NAME.asc(), Company::NUMBER.asc());
    assert_eq!(numbers().order_by(by_name).exec(&orm).await?, [2, 5, 3, 4, 1]);
    let mixed = [Company::NAME.desc(), Company::NUMBER.asc()];
    assert_eq!(numbers().order_by(mixed).exec(&orm).await?, [1, 3, 4, 2, 5]);
    let mixed = vec![Company::NAME.asc(), Company::NUMBER.desc()];
    assert_eq!(numbers().order_by(mixed).exec(&orm).await?, [5, 2, 4, 3, 1]);
    // The last order counts; by a field twice, the first.
    assert_eq!(
        numbers().order_by(Company::NUMBER.asc()).order_by(Company::NUMBER.desc()).exec(&orm).await?,
        [5, 4, 3, 2, 1]
    );
    let twice = (Company::NUMBER.desc(), Company::NUMBER.asc());
    assert_eq!(numbers().order_by(twice).exec(&orm).await?, [5, 4, 3, 2, 1]);
    Ok(())
}

pub async fn skip_and_take(engine: &impl Engine) -> Outcome {
    let orm = companies(engine).await?;
    let numbers = || Company::find_many().order_by(Company::NUMBER.asc()).select(Company::NUMBER);
    assert_eq!(numbers().take(2).exec(&orm).await?, [1, 2]);
    assert_eq!(numbers().skip(3).exec(&orm).await?, [4, 5]);
    assert_eq!(numbers().skip(1).take(3).exec(&orm).await?, [2, 3, 4]);
    assert_eq!(numbers().skip(0).take(5).exec(&orm).await?, [1, 2, 3, 4, 5]);
    let empty: [i64; 0] = [];
    assert_eq!(numbers().take(0).exec(&orm).await?, empty);
    assert_eq!(numbers().skip(5).exec(&orm).await?, empty);
    assert_eq!(numbers().skip(1000).take(1).exec(&orm).await?, empty);
    assert_eq!(numbers().skip(usize::MAX).take(usize::MAX).exec(&orm).await?, empty);
    assert_eq!(numbers().skip(4).take(usize::MAX).exec(&orm).await?, [5]);
    // Without an order, any of them, but as many.
    assert_eq!(Company::find_many().take(3).exec(&orm).await?.len(), 3);
    assert_eq!(Company::find_many().skip(3).exec(&orm).await?.len(), 2);
    Ok(())
}

pub async fn with_a_filter_counts_what_it_holds_for(engine: &impl Engine) -> Outcome {
    let orm = companies(engine).await?;
    let not_c =
        || Company::find_many().filter(Company::NAME.ne("c")).order_by(Company::NUMBER.desc()).select(Company::NUMBER);
    assert_eq!(not_c().take(2).exec(&orm).await?, [5, 4]);
    assert_eq!(not_c().skip(1).take(2).exec(&orm).await?, [4, 3]);
    assert_eq!(not_c().skip(3).take(2).exec(&orm).await?, [2]);
    let by_id = Company::find_many().filter(Company::NUMBER.is_in([5, 1, 4, 9])).order_by(Company::NUMBER.asc());
    assert_eq!(by_id.skip(1).take(1).select(Company::NUMBER).exec(&orm).await?, [4]);
    Ok(())
}

pub async fn find_first_is_the_first(engine: &impl Engine) -> Outcome {
    let orm = companies(engine).await?;
    let first = Company::find_first().order_by((Company::NAME.asc(), Company::NUMBER.desc()));
    assert_eq!(first.clone().exec(&orm).await?, Some(Company { number: 5, name: "a".into() }));
    assert_eq!(first.clone().skip(1).select(Company::NUMBER).exec(&orm).await?, Some(2));
    assert_eq!(first.clone().filter(Company::NAME.gt("a")).select(Company::NUMBER).exec(&orm).await?, Some(4));
    assert_eq!(first.clone().filter(Company::NAME.eq("z")).exec(&orm).await?, None);
    assert_eq!(first.skip(5).exec(&orm).await?, None);
    assert!(Company::find_first().exec(&orm).await?.is_some());
    Ok(())
}

pub async fn nulls_come_first(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    for (id, text, number) in
        [("a", Some("x"), None), ("b", None, Some(2)), ("c", Some(""), Some(-2)), ("d", None, None)]
    {
        let one = Maybe { text: text.map(str::to_owned), i64: number, ..Maybe::empty(id) };
        Maybe::insert(one).exec(&orm).await?;
    }
    let ids = || Maybe::find_many().select(Maybe::ID);
    assert_eq!(ids().order_by((Maybe::TEXT.asc(), Maybe::ID.asc())).exec(&orm).await?, ["b", "d", "c", "a"]);
    assert_eq!(ids().order_by((Maybe::TEXT.desc(), Maybe::ID.asc())).exec(&orm).await?, ["a", "c", "b", "d"]);
    assert_eq!(ids().order_by((Maybe::I64.asc(), Maybe::ID.desc())).exec(&orm).await?, ["d", "a", "c", "b"]);
    assert_eq!(
        ids().order_by((Maybe::I64.desc(), Maybe::TEXT.asc(), Maybe::ID.asc())).take(3).exec(&orm).await?,
        ["b", "c", "d"]
    );
    Ok(())
}

pub async fn on_an_index_in_both_directions(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let new = (1..=28).map(|n| Session::create().user_id("u").token(format!("{n:02}")).expires_at(day(n)));
    Session::create_many(new).exec(&orm).await?;
    Session::create().user_id("v").token("v").expires_at(day(29)).exec(&orm).await?;
    let tokens = || Session::find_many().filter(Session::USER_ID.eq("u")).select(Session::TOKEN);
    assert_eq!(tokens().order_by(Session::EXPIRES_AT.desc()).take(2).exec(&orm).await?, ["28", "27"]);
    assert_eq!(tokens().order_by(Session::EXPIRES_AT.asc()).skip(25).exec(&orm).await?, ["26", "27", "28"]);
    assert_eq!(tokens().order_by(Session::EXPIRES_AT.desc()).skip(26).take(10).exec(&orm).await?, ["02", "01"]);
    // A filter on another field, while the order is the index's.
    let odd = tokens().filter(Session::TOKEN.gt("10")).filter(!Session::TOKEN.contains("2"));
    assert_eq!(odd.clone().order_by(Session::EXPIRES_AT.asc()).skip(1).take(2).exec(&orm).await?, ["13", "14"]);
    assert_eq!(odd.order_by(Session::EXPIRES_AT.desc()).take(1).exec(&orm).await?, ["19"]);
    // The hash field first: all of them have the same.
    let by_both = (Session::USER_ID.asc(), Session::EXPIRES_AT.desc());
    assert_eq!(tokens().order_by(by_both).take(1).exec(&orm).await?, ["28"]);
    Ok(())
}

pub async fn more_than_one_page_of_the_store(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    // 24 records of 100 KB are more than DynamoDB answers at once.
    for n in 0..24 {
        let text = Some("x".repeat(100_000));
        Maybe::insert(Maybe { text, i64: Some(n), ..Maybe::empty(&format!("{n:02}")) }).exec(&orm).await?;
    }
    let numbers = || Maybe::find_many().order_by(Maybe::I64.asc()).select(Maybe::I64);
    let all: Vec<Option<i64>> = (0..24).map(Some).collect();
    assert_eq!(numbers().exec(&orm).await?, all);
    assert_eq!(numbers().filter(Maybe::TEXT.contains("xx")).skip(20).exec(&orm).await?, all[20..]);
    assert_eq!(Maybe::count().exec(&orm).await?, 24);
    assert_eq!(Maybe::count().filter(Maybe::I64.gte(12)).exec(&orm).await?, 12);
    let ids = (0..24).map(|n| format!("{n:02}"));
    assert_eq!(numbers().filter(Maybe::ID.is_in(ids)).exec(&orm).await?, all);
    let whole = Maybe::find_many().exec(&orm).await?;
    assert!(whole.len() == 24 && whole.iter().all(|one| one.text.as_ref().is_some_and(|text| text.len() == 100_000)));
    assert_eq!(Maybe::update_many().set(Maybe::FLAG, true).exec(&orm).await?, 24);
    assert_eq!(Maybe::delete_many().filter(Maybe::FLAG.eq(true)).exec(&orm).await?, 24);
    Ok(())
}

pub async fn empty_tables(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    assert_eq!(User::find_many().exec(&orm).await?, []);
    assert_eq!(User::find_many().order_by(User::NAME.asc()).skip(1).take(1).exec(&orm).await?, []);
    assert_eq!(User::find_first().exec(&orm).await?, None);
    assert_eq!(User::find_unique(User::ID.eq("")).exec(&orm).await?, None);
    assert_eq!(User::count().exec(&orm).await?, 0);
    assert_eq!(User::update_many().set(User::NAME, "N").exec(&orm).await?, 0);
    assert_eq!(User::delete_many().exec(&orm).await?, 0);
    assert_eq!(User::consume(User::EMAIL.eq("x")).exec(&orm).await?, None);
    Ok(())
}

pub async fn counts_by_every_way_to_find(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let ada = &seed.ada.id;
    for (filter, expected) in [
        (Session::USER_ID.eq(ada), 2),
        (Session::USER_ID.eq(ada).and(Session::EXPIRES_AT.gt(day(10))), 1),
        (Session::USER_ID.eq(ada).and(Session::TOKEN.contains("-1")), 1),
        (Session::TOKEN.eq("session-1").and(Session::USER_ID.eq(ada)), 1),
        (Session::TOKEN.is_in(["session-1", "session-3", "session-9"]), 2),
        (Session::TOKEN.starts_with("session"), 3),
        (Session::TOKEN.eq("session-1").and(Session::USER_ID.eq(&seed.grace.id)), 0),
        (!Session::TOKEN.eq("session-1"), 2),
    ] {
        assert_eq!(Session::count().filter(filter.clone()).exec(&orm).await?, expected, "{filter:?}");
    }
    assert_eq!(Session::count().exec(&orm).await?, 3);
    assert_eq!(User::count().filter(User::ID.eq(ada)).exec(&orm).await?, 1);
    assert_eq!(User::count().filter(User::ID.is_in([ada.as_str(), &seed.grace.id, "x"])).exec(&orm).await?, 2);
    assert_eq!(User::count().filter(User::EMAIL.eq("nobody")).exec(&orm).await?, 0);
    // The locks of unique values are not counted.
    assert_eq!(User::count().exec(&orm).await?, 2);
    assert_eq!(User::find_many().exec(&orm).await?.len(), 2);
    Ok(())
}
