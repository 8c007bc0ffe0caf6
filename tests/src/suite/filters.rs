//! Filters joined with each other, and the ways to find records by them.

use orm::prelude::*;
use orm::{Filter, IntoFilter};

use super::Outcome;
use crate::engine::Engine;
use crate::models::{Account, Member, Session, Tier, User, schema};
use crate::seed::{day, seed};
use crate::strangers::{self, Company, Slug, Task};

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
    assert_eq!(User::count().filter(filter.clone()).exec(orm).await?, User::find_many().filter(filter.clone()).exec(orm).await?.len() as u64);
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
    assert_eq!(Company::update_many().filter(Company::NUMBER.is_in(0..250)).set(Company::NAME, "N").exec(&orm).await?, 250);
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
