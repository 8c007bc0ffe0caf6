//! Updates and deletes of one record by its key, only if a filter holds for it.

use futures_util::future::join_all;
use orm::prelude::*;
use orm::{Filter, IntoFilter};
use rust_decimal::Decimal;

use super::{Outcome, assert_refused, assert_taken};
use crate::engine::Engine;
use crate::kinds::{self, Colour, Kinds, Maybe, Registered};
use crate::models::{Account, Session, Tier, User, schema};
use crate::seed::{day, seed};
use crate::strangers::{self, Company, Employee};

/// Filters of every kind of field, some of which hold for a full record, some for an empty one, and some for both.
fn filters() -> Vec<Filter<Maybe>> {
    let many = || (0..2000).map(|n| format!("{n}"));
    vec![
        Maybe::TEXT.eq("one").into_filter(),
        Maybe::TEXT.ne("one").into_filter(),
        Maybe::TEXT.contains("n").into_filter(),
        !Maybe::TEXT.starts_with("o"),
        Maybe::TEXT.is_in(many()).into_filter(),
        Maybe::TEXT.not_in(many()).into_filter(),
        Maybe::FLAG.eq(true).into_filter(),
        Maybe::I64.gt(0).into_filter(),
        Maybe::U8.between(2, 3).into_filter(),
        !Maybe::U8.between(2, 3),
        Maybe::I128.gte(1).into_filter(),
        Maybe::I128.lt(1).into_filter(),
        !Maybe::I128.lt(1),
        Maybe::U128.eq(1_u128).into_filter(),
        Maybe::DECIMAL.gt(Decimal::ZERO).into_filter(),
        any((Maybe::DECIMAL.gt(Decimal::ONE), Maybe::TEXT.is_null())),
        Maybe::AT.lte(day(1)).into_filter(),
        Maybe::COLOUR.is_in([Colour::Red, Colour::Blue]).into_filter(),
        Maybe::UUID.is_null().into_filter(),
        Maybe::UUID.is_not_null().into_filter(),
        Maybe::DOCUMENT.eq(serde_json::json!({ "one": 1 })).into_filter(),
        Maybe::DOCUMENT.ne(serde_json::json!({ "one": 1 })).into_filter(),
        Maybe::SETTINGS.is_null().into_filter(),
        Maybe::I8.lt_field(Maybe::I16),
        !Maybe::I8.gte_field(Maybe::I16),
        Maybe::I64.eq_field(Maybe::U128),
        Maybe::I128.ne_field(Maybe::U64),
        !Maybe::TEXT.eq_field(Maybe::ID),
        Maybe::DECIMAL.lte_field(Maybe::DECIMAL),
        Maybe::ID.eq("full").into_filter(),
        Maybe::ID.ne("full").into_filter(),
        !Maybe::ID.contains("l"),
        any((Maybe::ID.eq("full"), Maybe::FLAG.is_null())),
        Maybe::ID.eq("full").and(Maybe::I128.gt(0)),
        Maybe::ID.is_in(many()).into_filter(),
        Maybe::ID.not_in(many()).into_filter(),
        Maybe::ID.is_in(many().chain(["full".to_owned()])).and(Maybe::TEXT.not_in(many())),
        // Of which some hold for no record, and some for all.
        Maybe::TEXT.is_in([""; 0]).into_filter(),
        any(Vec::<Filter<Maybe>>::new()),
        all(Vec::<Filter<Maybe>>::new()),
        Maybe::I64.gt(None).into_filter(),
        any((Maybe::TEXT.is_in([""; 0]), Maybe::FLAG.is_null())),
    ]
}

async fn maybes(orm: &Orm) -> Result<[Maybe; 2], Error> {
    let both = [Maybe::full(Kinds::one("full")), Maybe::empty("empty")];
    for one in &both {
        Maybe::insert(one.clone()).exec(orm).await?;
    }
    Ok(both)
}

pub async fn a_record_is_changed_if_the_filter_holds(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    for record in maybes(&orm).await? {
        let update = || Maybe::update(Maybe::ID.eq(&record.id));
        for (n, filter) in filters().into_iter().enumerate() {
            let holds = Maybe::count().filter(Maybe::ID.eq(&record.id).and(filter.clone())).exec(&orm).await? == 1;
            let read = update().filter(filter.clone()).exec(&orm).await?;
            assert_eq!(read.is_some(), holds, "{filter:?} of {}, without a change", record.id);
            // A field of no filter, one of some of them, and both ways to change one.
            let changed = update().filter(filter.clone()).set(Maybe::I32, n as i32).exec(&orm).await?;
            assert_eq!(changed.map(|one| one.i32), holds.then_some(Some(n as i32)), "{filter:?} of {}", record.id);
            let added = update().filter(filter.clone()).increment(Maybe::U64, 1).exec(&orm).await?;
            assert_eq!(added.is_some(), holds, "{filter:?} of {}, with an increment", record.id);
            let ended = update().filter(filter.clone()).set(Maybe::TEXT, "two").exec(&orm).await?;
            assert_eq!(ended.is_some(), holds, "{filter:?} of {}, with a field of filters", record.id);
            update().set(Maybe::TEXT, record.text.clone()).exec(&orm).await?;
        }
    }
    for filter in filters() {
        let update = Maybe::update(Maybe::ID.eq("none")).filter(filter.clone()).set(Maybe::I8, 1);
        assert!(update.exec(&orm).await?.is_none(), "{filter:?}");
        assert_eq!(Maybe::delete(Maybe::ID.eq("none")).filter(filter.clone()).exec(&orm).await?, 0, "{filter:?}");
        assert!(Maybe::consume(Maybe::ID.eq("none")).filter(filter.clone()).exec(&orm).await?.is_none(), "{filter:?}");
    }
    assert!(
        Maybe::update(Maybe::ID.eq("none")).filter(Maybe::TEXT.is_null()).set(Maybe::I8, 1).exec(&orm).await?.is_none()
    );
    assert_eq!(Maybe::count().exec(&orm).await?, 2, "none is made");
    Ok(())
}

pub async fn a_record_is_deleted_if_the_filter_holds(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    for record in maybes(&orm).await? {
        for filter in filters() {
            let holds = Maybe::count().filter(Maybe::ID.eq(&record.id).and(filter.clone())).exec(&orm).await? == 1;
            let deleted = Maybe::delete(Maybe::ID.eq(&record.id)).filter(filter.clone()).exec(&orm).await?;
            assert_eq!(deleted, u64::from(holds), "{filter:?} of {}", record.id);
            if holds {
                Maybe::insert(record.clone()).exec(&orm).await?;
            }
            let consumed = Maybe::consume(Maybe::ID.eq(&record.id)).filter(filter.clone()).exec(&orm).await?;
            assert_eq!(consumed, holds.then(|| record.clone()), "{filter:?} of {}", record.id);
            if holds {
                Maybe::insert(record.clone()).exec(&orm).await?;
            }
        }
    }
    Ok(())
}

/// With unique fields of many kinds, which filters are about too.
pub async fn records_with_unique_values(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    let record = Registered {
        label: Some("label".into()),
        huge: Some(2),
        rate: Some("1.5".parse().unwrap_or_default()),
        region: Some("eu".into()),
        ..Registered::empty("r1")
    };
    Registered::insert(record.clone()).exec(&orm).await?;
    let rate = |text: &str| text.parse::<Decimal>().unwrap_or_default();
    let many = || (0..2000).map(|n| format!("{n}"));
    let holds: [Filter<Registered>; 8] = [
        Registered::HUGE.gt(1).into_filter(),
        Registered::RATE.between(rate("1"), rate("2")).into_filter(),
        Registered::SERIAL.is_null().into_filter(),
        Registered::LABEL.eq("label").and(Registered::REGION.ne("us")),
        Registered::ID.starts_with("r").into_filter(),
        Registered::LABEL.is_in(["label", "other"]).into_filter(),
        Registered::ID.not_in(many()).into_filter(),
        Registered::ID.is_in(many().chain(["r1".to_owned()])).into_filter(),
    ];
    for filter in holds {
        let not = !filter.clone();
        let by_label = || Registered::update(Registered::LABEL.eq("label"));
        assert!(by_label().filter(not.clone()).set(Registered::SERIAL, Some(7)).exec(&orm).await?.is_none(), "{not:?}");
        let moved = by_label().filter(filter.clone()).set(Registered::SERIAL, Some(7)).exec(&orm).await?;
        assert_eq!(moved.and_then(|one| one.serial), Some(7), "{filter:?}");
        let back = Registered::update(Registered::SERIAL.eq(7)).filter(Registered::SERIAL.eq(7));
        assert!(back.set(Registered::SERIAL, None).exec(&orm).await?.is_some(), "{filter:?}");

        assert_eq!(
            Registered::delete(Registered::LABEL.eq("label")).filter(not.clone()).exec(&orm).await?,
            0,
            "{not:?}"
        );
        assert_eq!(Registered::consume(Registered::ID.eq("r1")).filter(not.clone()).exec(&orm).await?, None, "{not:?}");
        let consumed = Registered::consume(Registered::LABEL.eq("label")).filter(filter.clone()).exec(&orm).await?;
        assert_eq!(consumed, Some(record.clone()), "{filter:?}");
        Registered::insert(record.clone()).exec(&orm).await?;
        assert_eq!(
            Registered::delete(Registered::ID.eq("r1")).filter(filter.clone()).exec(&orm).await?,
            1,
            "{filter:?}"
        );
        Registered::insert(record.clone()).exec(&orm).await?;
    }
    Ok(())
}

/// A lock that is there to be taken, and one that is not.
pub async fn of_several_one_gets_it(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    // Read, and changed only if it is still so: of all who read the same, one gets on.
    let raise = || {
        let update = User::update(User::ID.eq(&seed.ada.id)).filter(User::LOGIN_COUNT.eq(0).and(User::QUOTA.lt(1)));
        update.set(User::NAME, "Ada King").increment(User::LOGIN_COUNT, 1).increment(User::QUOTA, 5).select(User::QUOTA)
    };
    let raised = join_all((0..8).map(|_| raise().exec(&orm))).await;
    let raised: Vec<i128> = raised.into_iter().filter_map(Result::transpose).collect::<Result<_, _>>()?;
    assert_eq!(raised, [5]);
    // No more get on than another field says.
    let within = || {
        let update = User::update(User::ID.eq(&seed.ada.id)).filter(User::LOGIN_COUNT.lt_field(User::QUOTA));
        update.increment(User::LOGIN_COUNT, 1).select(User::LOGIN_COUNT)
    };
    let counted = join_all((0..8).map(|_| within().exec(&orm))).await;
    let mut counted: Vec<i64> = counted.into_iter().filter_map(Result::transpose).collect::<Result<_, _>>()?;
    counted.sort_unstable();
    assert_eq!(counted, [2, 3, 4, 5]);
    // By a unique field, and what is set takes the record out of the filter.
    let claim = || {
        let update = Session::update(Session::TOKEN.eq("session-1")).filter(Session::USER_ID.eq(&seed.ada.id));
        update.set(Session::USER_ID, &seed.grace.id)
    };
    let claimed = join_all((0..8).map(|_| claim().exec(&orm))).await;
    assert_eq!(claimed.into_iter().filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()?.len(), 1);
    // Deletes with and without locks.
    let consume = || Session::consume(Session::TOKEN.eq("session-2")).filter(Session::EXPIRES_AT.gt(day(19)));
    let consumed = join_all((0..8).map(|_| consume().select(Session::TOKEN).exec(&orm))).await;
    let consumed: Vec<String> = consumed.into_iter().filter_map(Result::transpose).collect::<Result<_, _>>()?;
    assert_eq!(consumed, ["session-2"]);
    let companies = engine.orm(strangers::schema()).await?;
    Company::create().number(1).name("A").exec(&companies).await?;
    let delete = || Company::delete(Company::NUMBER.eq(1)).filter(Company::NAME.eq("A"));
    let deleted = join_all((0..8).map(|_| delete().exec(&companies))).await;
    assert_eq!(deleted.into_iter().sum::<Result<u64, _>>()?, 1);
    Ok(())
}

pub async fn the_answer_may_have_relations(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let update = User::update(User::EMAIL.eq("ada@farminglabs.dev")).filter(User::TIER.eq(Tier::Pro));
    let update = update.filter(User::NAME.ne("Eve")).set(User::EMAIL, "ada@x.dev");
    let answer = update.clone().select((User::EMAIL, User::SESSIONS.select(Session::TOKEN))).exec(&orm).await?;
    let (email, mut tokens) = answer.ok_or("both filters hold")?;
    tokens.sort_unstable();
    assert_eq!((email.as_str(), tokens.as_slice()), ("ada@x.dev", &["session-1".to_owned(), "session-2".into()][..]));
    assert!(update.exec(&orm).await?.is_none(), "nobody has the old address");
    // A taken value is an error, if the filter holds.
    let taken = || User::update(User::ID.eq(&seed.ada.id)).set(User::EMAIL, "grace@farminglabs.dev");
    assert_taken(taken().filter(User::TIER.eq(Tier::Pro)).exec(&orm).await, "user", &["email"]);
    assert!(taken().filter(User::TIER.eq(Tier::Free)).exec(&orm).await?.is_none());
    // And so is an increment out of the range of its type.
    let far =
        || User::update(User::ID.eq(&seed.ada.id)).increment(User::LOGIN_COUNT, i64::MAX).increment(User::QUOTA, 1);
    assert!(far().filter(User::LOGIN_COUNT.gt(0)).exec(&orm).await?.is_none());
    assert!(far().filter(User::LOGIN_COUNT.eq(0)).exec(&orm).await?.is_some());
    let refused = far().filter(User::LOGIN_COUNT.gt(0)).exec(&orm).await;
    assert_refused(refused, ErrorCode::InvalidValue, "user", &["login_count"]);
    Ok(())
}

/// A filter is one as in any other query: what does not fit is an error, and a document is compared.
pub async fn documents_and_nulls(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    seed(&orm).await?;
    let by_key = || Account::update(Account::PROVIDER_ACCOUNT_ID.eq("github", "gh_ada"));
    let account = by_key().exec(&orm).await?.ok_or("Ada's account")?;
    let same = by_key().filter(Account::METADATA.eq(account.metadata.clone()));
    assert!(same.set(Account::BALANCE, Decimal::TEN).exec(&orm).await?.is_some());
    let gone = by_key().filter(Account::METADATA.is_null()).set(Account::BALANCE, Decimal::ONE);
    assert!(gone.exec(&orm).await?.is_none());
    let spend = |amount: i64| {
        let update = by_key().filter(Account::BALANCE.gte(Decimal::from(amount)));
        update.decrement(Account::BALANCE, Decimal::from(amount)).select(Account::BALANCE)
    };
    assert_eq!(spend(7).exec(&orm).await?, Some(Decimal::from(3)));
    assert_eq!(spend(7).exec(&orm).await?, None);
    assert_eq!(spend(3).exec(&orm).await?, Some(Decimal::ZERO));
    let employees = engine.orm(strangers::schema()).await?;
    Employee::insert(Employee::new(1, "a", None)).exec(&employees).await?;
    let named = || Employee::update(Employee::BADGE.eq("a")).filter(Employee::NICKNAME.is_null());
    assert!(named().set(Employee::NICKNAME, Some("n".to_owned())).exec(&employees).await?.is_some());
    assert!(named().set(Employee::NICKNAME, Some("m".to_owned())).exec(&employees).await?.is_none());
    assert_eq!(Employee::delete(Employee::NICKNAME.eq("n")).filter(Employee::NUMBER.gt(1)).exec(&employees).await?, 0);
    assert_eq!(Employee::delete(Employee::NICKNAME.eq("n")).filter(Employee::NUMBER.eq(1)).exec(&employees).await?, 1);
    Ok(())
}
