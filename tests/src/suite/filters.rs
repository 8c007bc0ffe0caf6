//! Filters joined with each other, and the ways to find records by them.

use orm::prelude::*;
use orm::{ErrorCode, Filter, IntoFilter};

use super::{Outcome, assert_refused};
use crate::engine::Engine;
use crate::kinds::{self, Maybe};
use crate::models::{Session, Tier, User, schema};
use crate::strangers::{self, Company};

/// Six people: a and b are on the free tier, c and d pay, e and f pay more; the count of logins goes from 0 to 5.
async fn people(engine: &impl Engine) -> Result<Orm, Error> {
    let orm = engine.orm(schema()).await?;
    let tiers = [Tier::Free, Tier::Free, Tier::Pro, Tier::Pro, Tier::Enterprise, Tier::Enterprise];
    let new = ["a", "b", "c", "d", "e", "f"].into_iter().zip(tiers).zip(0..).map(|((id, tier), logins)| {
        let create = User::create().id(id).email(format!("{id}@x.dev")).name(id.to_uppercase());
        create.tier(tier).login_count(logins).email_verified(logins % 2 == 1)
    });
    User::create_many(new).exec(&orm).await?;
    Ok(orm)
}

/// Their ids, put together.
async fn ids(orm: &Orm, filter: impl IntoFilter<User>) -> Result<String, Error> {
    let filter: Filter<User> = filter.into_filter();
    assert_eq!(
        User::count().filter(filter.clone()).exec(orm).await?,
        User::find_many().filter(filter.clone()).exec(orm).await?.len() as u64
    );
    Ok(User::find_many().filter(filter).order_by(User::ID.asc()).select(User::ID).exec(orm).await?.concat())
}

pub async fn and_or_not(engine: &impl Engine) -> Outcome {
    let orm = people(engine).await?;
    let (free, pro, late) = (User::TIER.eq(Tier::Free), User::TIER.eq(Tier::Pro), User::LOGIN_COUNT.gte(3));
    let verified = User::EMAIL_VERIFIED.eq(true);
    for (filter, expected) in [
        (free.clone().and(verified.clone()), "b"),
        (free.clone().or(late.clone()), "abdef"),
        (free.clone().or(late.clone()).and(verified.clone()), "bdf"),
        (free.clone().or(late.clone().and(verified.clone())), "abdf"),
        (!(free.clone().or(late.clone())), "c"),
        (!(pro.clone().and(late.clone())), "abcef"),
        (!(!pro.clone()), "cd"),
        (free.clone().and(pro.clone()), ""),
        (free.clone().or(pro.clone()).or(late.clone()), "abcdef"),
        (!(free.or(pro).or(late)), ""),
    ] {
        assert_eq!(ids(&orm, filter.clone()).await?, expected, "{filter:?}");
    }
    Ok(())
}

pub async fn all_and_any_nest(engine: &impl Engine) -> Outcome {
    let orm = people(engine).await?;
    let in_parts = any([
        all([User::TIER.eq(Tier::Free), User::LOGIN_COUNT.gt(0)]),
        all([User::TIER.eq(Tier::Enterprise), any([User::NAME.eq("E"), User::NAME.eq("Z")])]),
    ]);
    assert_eq!(ids(&orm, in_parts.clone()).await?, "be");
    assert_eq!(ids(&orm, !in_parts).await?, "acdf");
    // Keys and other filters mix in a tuple.
    assert_eq!(ids(&orm, any((User::ID.eq("a"), User::EMAIL.eq("f@x.dev"), User::NAME.eq("C")))).await?, "acf");
    assert_eq!(ids(&orm, all((User::ID.eq("a"), User::EMAIL.eq("a@x.dev")))).await?, "a");
    assert_eq!(ids(&orm, all((User::ID.eq("a"), User::EMAIL.eq("b@x.dev")))).await?, "");
    Ok(())
}

pub async fn empty_all_holds_and_empty_any_does_not(engine: &impl Engine) -> Outcome {
    let orm = people(engine).await?;
    let none = || Vec::<Filter<User>>::new();
    assert_eq!(ids(&orm, all(none())).await?, "abcdef");
    assert_eq!(ids(&orm, any(none())).await?, "");
    assert_eq!(ids(&orm, !any(none())).await?, "abcdef");
    assert_eq!(ids(&orm, !all(none())).await?, "");
    assert_eq!(ids(&orm, all(none()).and(User::NAME.eq("A"))).await?, "a");
    assert_eq!(ids(&orm, any(none()).or(User::NAME.eq("A"))).await?, "a");
    assert_eq!(ids(&orm, any([any(none()), all(none())])).await?, "abcdef");
    assert_eq!(User::delete_many().filter(any(none())).exec(&orm).await?, 0);
    assert_eq!(User::update_many().filter(any(none())).set(User::NAME, "N").exec(&orm).await?, 0);
    assert_eq!(User::find_first().filter(any(none())).exec(&orm).await?, None);
    Ok(())
}

/// A filter that is made of data without a bound does not end the process.
pub async fn more_levels_than_there_can_be(engine: &impl Engine) -> Outcome {
    let orm = people(engine).await?;
    let levels = |n: i64| {
        (0..n).fold(User::NAME.eq("A").into_filter(), |filter, n| {
            if n % 2 == 0 { filter.or(User::NAME.eq("B")) } else { filter.and(User::LOGIN_COUNT.gte(0)) }
        })
    };
    // Dynalite takes far longer for each further level.
    assert_eq!(ids(&orm, levels(6)).await?, "ab");
    let refused = |result: Result<(), Error>| {
        assert_refused(result, ErrorCode::InvalidQuery, "user", &[]);
    };
    for n in [101, 2000] {
        refused(User::find_many().filter(levels(n)).exec(&orm).await.map(drop));
        refused(User::find_many().filter(levels(n)).explain(&orm).map(drop));
        refused(User::count().filter(levels(n)).exec(&orm).await.map(drop));
        refused(User::update_many().filter(levels(n)).set(User::NAME, "N").exec(&orm).await.map(drop));
        refused(User::delete_many().filter(levels(n)).exec(&orm).await.map(drop));
        let of_a_relation = Session::find_many().select(Session::USER.filter(levels(n)).select(User::ID));
        refused(of_a_relation.exec(&orm).await.map(drop));
    }
    Ok(())
}

pub async fn membership(engine: &impl Engine) -> Outcome {
    let orm = people(engine).await?;
    let nothing: [&str; 0] = [];
    for (filter, expected) in [
        (User::NAME.is_in(nothing), ""),
        (User::NAME.not_in(nothing), "abcdef"),
        (User::ID.is_in(nothing), ""),
        (User::EMAIL.not_in(nothing), "abcdef"),
        (User::NAME.is_in(["A", "A", "B", "A"]), "ab"),
        (User::ID.is_in(["c", "c", "z"]), "c"),
        (User::EMAIL.is_in(["c@x.dev", "c@x.dev", "a@x.dev"]), "ac"),
        (User::ID.not_in(["a", "b"]), "cdef"),
        (User::EMAIL.not_in(["a@x.dev"]), "bcdef"),
        (User::ID.is_in(["a", "b"]).and(User::ID.is_in(["b", "c"])), "b"),
        (User::ID.is_in(["a", "b"]).or(User::ID.eq("f")), "abf"),
        (User::ID.is_in(["a", "b"]).and(User::LOGIN_COUNT.gt(0)), "b"),
        (User::ID.is_in(["a", "b"]).and(!User::ID.eq("b")), "a"),
    ] {
        assert_eq!(ids(&orm, filter.clone()).await?, expected, "{filter:?}");
    }
    Ok(())
}

/// An engine written in JavaScript may take it for nothing.
pub async fn the_empty_text(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    for (id, text) in [("empty", Some("")), ("high", Some("high")), ("low", Some("low")), ("null", None)] {
        Maybe::insert(Maybe { text: text.map(str::to_owned), ..Maybe::empty(id) }).exec(&orm).await?;
    }
    let text = |text: &str| Some(text.to_owned());
    for (filter, expected) in [
        (Maybe::TEXT.eq(text("")), "empty"),
        (Maybe::TEXT.ne(text("")), "high low null"),
        (Maybe::TEXT.is_in([text(""), text("high")]), "empty high"),
        (Maybe::TEXT.is_in([text(""), None]), "empty null"),
        (Maybe::TEXT.not_in([text("high"), text("")]), "low null"),
        (!Maybe::TEXT.not_in([text(""), text("low"), text("high")]), "empty high low"),
        (Maybe::TEXT.between("", "high"), "empty high"),
        (Maybe::TEXT.lte(""), "empty"),
        (Maybe::TEXT.gt(""), "high low"),
    ] {
        let found = Maybe::find_many().filter(filter.clone()).order_by(Maybe::ID.asc()).select(Maybe::ID);
        assert_eq!(found.exec(&orm).await?.join(" "), expected, "{filter:?}");
    }
    Ok(())
}

pub async fn membership_of_250_values(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    let companies = (0..300).map(|n| Company::create().number(n).name(format!("{}", n % 10)));
    Company::create_many(companies).exec(&orm).await?;
    assert_eq!(Company::find_many().filter(Company::NUMBER.is_in(25..275)).exec(&orm).await?.len(), 250);
    assert_eq!(Company::count().filter(Company::NUMBER.not_in(25..275)).exec(&orm).await?, 50);
    let names = |from: u32| (from..from + 250).map(|n| n.to_string());
    assert_eq!(Company::count().filter(Company::NAME.is_in(names(8))).exec(&orm).await?, 60);
    assert_eq!(Company::count().filter(Company::NAME.not_in(names(8))).exec(&orm).await?, 240);
    let both = Company::find_many()
        .filter(Company::NUMBER.is_in(0..250).and(Company::NAME.is_in(names(9))))
        .order_by(Company::NUMBER.desc())
        .take(2)
        .select(Company::NUMBER)
        .exec(&orm)
        .await?;
    assert_eq!(both, [249, 239]);
    assert_eq!(
        Company::update_many().filter(Company::NUMBER.is_in(0..250)).set(Company::NAME, "N").exec(&orm).await?,
        250
    );
    assert_eq!(Company::delete_many().filter(Company::NAME.eq("N")).exec(&orm).await?, 250);
    Ok(())
}

pub async fn keys_and_other_conditions(engine: &impl Engine) -> Outcome {
    let orm = people(engine).await?;
    for (filter, expected) in [
        (User::ID.eq("a").and(User::TIER.eq(Tier::Free)), "a"),
        (User::ID.eq("a").and(User::TIER.eq(Tier::Pro)), ""),
        (User::EMAIL.eq("b@x.dev").and(User::LOGIN_COUNT.lt(1)), ""),
        (User::EMAIL.eq("b@x.dev").and(User::LOGIN_COUNT.lt(2)), "b"),
        (User::ID.eq("a").and(User::ID.eq("b")), ""),
        (User::EMAIL.eq("a@x.dev").and(User::EMAIL.eq("b@x.dev")), ""),
        (User::ID.eq("a").or(User::ID.eq("b")), "ab"),
        (!User::ID.eq("a"), "bcdef"),
        (User::ID.ne("a").and(User::ID.lt("d")), "bc"),
        (User::ID.between("b", "d").and(!User::EMAIL.eq("c@x.dev")), "bd"),
    ] {
        assert_eq!(ids(&orm, filter.clone()).await?, expected, "{filter:?}");
    }
    Ok(())
}

pub async fn several_filters_all_hold(engine: &impl Engine) -> Outcome {
    let orm = people(engine).await?;
    let found = User::find_many()
        .filter(User::LOGIN_COUNT.gte(1))
        .filter(User::LOGIN_COUNT.lte(4))
        .filter(User::TIER.ne(Tier::Pro))
        .order_by(User::ID.asc())
        .select(User::ID)
        .exec(&orm)
        .await?;
    assert_eq!(found, ["b", "e"]);
    let gone = User::delete_many().filter(User::TIER.eq(Tier::Pro)).filter(User::EMAIL_VERIFIED.eq(false));
    assert_eq!(gone.exec(&orm).await?, 1);
    Ok(())
}
