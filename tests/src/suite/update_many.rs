//! Updates of many records.

use futures_util::future::join_all;
use orm::prelude::*;
use orm::{ErrorCode, Filter};

use super::{Outcome, assert_refused, assert_taken};
use crate::engine::Engine;
use crate::kinds::{self, Maybe, Registered};
use crate::models::{Account, Plan, Session, Tier, User, schema};
use crate::seed::{day, seed};
use crate::strangers::{self, Company, Employee};

pub async fn changes_what_the_filter_holds_for(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let of_ada = Session::update_many().filter(Session::USER_ID.eq(&seed.ada.id));
    assert_eq!(of_ada.set(Session::EXPIRES_AT, day(30)).exec(&orm).await?, 2);
    let expiries = Session::find_many().order_by(Session::TOKEN.asc()).select(Session::EXPIRES_AT).exec(&orm).await?;
    assert_eq!(expiries, [day(30), day(30), day(15)]);
    let none = Session::update_many().filter(Session::EXPIRES_AT.gt(day(31))).set(Session::USER_ID, "x");
    assert_eq!(none.exec(&orm).await?, 0);
    let by_key = Session::update_many().filter(Session::TOKEN.eq("session-3")).set(Session::USER_ID, &seed.ada.id);
    assert_eq!(by_key.exec(&orm).await?, 1);
    assert_eq!(seed.ada.sessions().exec(&orm).await?.len(), 3);
    Ok(())
}

/// One record, named by its id, of which more is asked: what was read of it, and all that a condition can be.
pub async fn of_one_record_if_it_is_as_it_was_read(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let ada = || User::ID.eq(&seed.ada.id);
    let as_read = |count: i64| {
        let update = User::update_many().filter(ada().and(User::LOGIN_COUNT.eq(count)));
        update.increment(User::LOGIN_COUNT, 1).set(User::NAME, format!("Ada {count}"))
    };
    // Of many who read the same, one gets on.
    let changed = join_all((0..8).map(|_| as_read(0).exec(&orm))).await;
    let changed: u64 = changed.into_iter().sum::<Result<_, _>>()?;
    assert_eq!((changed, as_read(1).exec(&orm).await?, as_read(1).exec(&orm).await?), (1, 1, 0));
    let holds = async |filter: Filter<User>| {
        User::update_many().filter(ada().and(filter)).set(User::NAME, "Ada").exec(&orm).await
    };
    assert_eq!(holds(User::LOGIN_COUNT.between(2, 3)).await?, 1);
    assert_eq!(holds(!User::LOGIN_COUNT.between(2, 3)).await?, 0);
    assert_eq!(holds(User::QUOTA.gte(0)).await?, 1);
    assert_eq!(holds(User::QUOTA.gt(0)).await?, 0);
    assert_eq!(holds(any((User::TIER.eq(Tier::Free), User::EMAIL.starts_with("ada@")))).await?, 1);
    assert_eq!(holds(any((User::TIER.eq(Tier::Free), User::EMAIL.contains("grace")))).await?, 0);
    // What is asked of the id besides.
    assert_eq!(holds(User::ID.ne(&seed.ada.id)).await?, 0);
    assert_eq!(holds(User::ID.contains("no such")).await?, 0);
    assert_eq!(holds(any((User::ID.starts_with("no such"), User::ID.eq("other")))).await?, 0);
    assert_eq!(holds(!User::ID.contains("no such")).await?, 1);
    assert_eq!(holds(User::ID.contains("no such").and(User::QUOTA.eq(0))).await?, 0);
    assert_eq!(holds(any((User::ID.contains("no such"), User::QUOTA.eq(0)))).await?, 1);
    assert_eq!(holds(User::EMAIL.is_in((0..2000).map(|n| format!("{n}@x.dev")))).await?, 0);
    assert_eq!(holds(User::EMAIL.not_in((0..2000).map(|n| format!("{n}@x.dev")))).await?, 1);
    // Documents and nulls.
    let account = Account::find_first().exec(&orm).await?.ok_or("Ada's account")?;
    let holds = async |filter: Filter<Account>| {
        let one = Account::update_many().filter(Account::ID.eq(&account.id).and(filter));
        one.set(Account::PLAN, Plan::Cloud).exec(&orm).await
    };
    assert_eq!(holds(Account::METADATA.is_null()).await?, 0);
    assert_eq!(holds(Account::METADATA.eq(account.metadata.clone())).await?, 1);
    assert_eq!(holds(Account::METADATA.ne(account.metadata.clone())).await?, 0);
    // An integer id, two unique fields of which one is null, and a relation of the model to itself.
    let orm_of_employees = engine.orm(strangers::schema()).await?;
    Employee::insert(Employee::new(1, "a#1", Some(1))).exec(&orm_of_employees).await?;
    let one = |filter: Filter<Employee>| Employee::update_many().filter(Employee::NUMBER.eq(1).and(filter));
    let unmanaged =
        one(Employee::NICKNAME.is_null().and(Employee::BADGE.eq("a#1"))).set(Employee::MANAGER_NUMBER, None);
    assert_eq!(unmanaged.exec(&orm_of_employees).await?, 1);
    let named = || one(Employee::MANAGER_NUMBER.is_null()).set(Employee::NICKNAME, Some("n#1".to_owned()));
    assert_eq!(named().exec(&orm_of_employees).await?, 1);
    assert_eq!(one(Employee::NICKNAME.is_null()).set(Employee::BADGE, "b").exec(&orm_of_employees).await?, 0);
    let found = Employee::find_unique(Employee::NICKNAME.eq("n#1")).exec(&orm_of_employees).await?;
    assert_eq!(found.map(|employee| (employee.badge, employee.manager_number)), Some(("a#1".to_owned(), None)));
    // Where there is no record, none is made.
    assert_eq!(
        User::update_many().filter(User::ID.eq("none").and(User::QUOTA.eq(0))).set(User::NAME, "N").exec(&orm).await?,
        0
    );
    assert_eq!(User::count().exec(&orm).await?, 2);
    Ok(())
}

pub async fn without_a_filter_changes_all(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    Company::create_many((0..130).map(|n| Company::create().number(n).name("Old"))).exec(&orm).await?;
    assert_eq!(Company::update_many().set(Company::NAME, "New").exec(&orm).await?, 130);
    assert_eq!(Company::count().filter(Company::NAME.eq("New")).exec(&orm).await?, 130);
    let some = Company::update_many().filter(Company::NUMBER.is_in([5, 5, 7, 1000])).set(Company::NAME, "Some");
    assert_eq!(some.exec(&orm).await?, 2);
    assert_eq!(Company::count().filter(Company::NAME.eq("Some")).exec(&orm).await?, 2);
    Ok(())
}

pub async fn increments_each(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    seed(&orm).await?;
    User::update(User::EMAIL.eq("ada@farminglabs.dev")).set(User::LOGIN_COUNT, 10).exec(&orm).await?;
    let update = User::update_many().increment(User::LOGIN_COUNT, 5).set(User::TIER, Tier::Enterprise);
    assert_eq!(update.clone().exec(&orm).await?, 2);
    assert_eq!(update.filter(User::LOGIN_COUNT.lt(10)).exec(&orm).await?, 1);
    let counts =
        User::find_many().order_by(User::NAME.asc()).select((User::LOGIN_COUNT, User::TIER)).exec(&orm).await?;
    assert_eq!(counts, [(15, Tier::Enterprise), (10, Tier::Enterprise)]);
    Ok(())
}

pub async fn to_null(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    for number in 1..=3 {
        let nickname = Some(format!("nick {number}"));
        let one = Employee { nickname, ..Employee::new(number, &number.to_string(), Some(1)) };
        Employee::insert(one).exec(&orm).await?;
    }
    let update = Employee::update_many().filter(Employee::NUMBER.gt(1));
    assert_eq!(update.set(Employee::NICKNAME, None).set(Employee::MANAGER_NUMBER, None).exec(&orm).await?, 2);
    assert_eq!(Employee::count().filter(Employee::NICKNAME.is_null()).exec(&orm).await?, 2);
    assert_eq!(Employee::find_unique(Employee::NICKNAME.eq("nick 2")).exec(&orm).await?, None);
    // The names are free again.
    Employee::create().number(4).badge("4").nickname("nick 2").exec(&orm).await?;
    Ok(())
}

pub async fn needs_changes(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    seed(&orm).await?;
    assert_refused(User::update_many().exec(&orm).await, ErrorCode::InvalidQuery, "user", &[]);
    let both = User::update_many().set(User::LOGIN_COUNT, 1).increment(User::LOGIN_COUNT, 1);
    assert_refused(both.exec(&orm).await, ErrorCode::InvalidQuery, "user", &["login_count"]);
    Ok(())
}

pub async fn gives_a_unique_value_to_one_at_most(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    seed(&orm).await?;
    let error = assert_taken(User::update_many().set(User::EMAIL, "same@x.dev").exec(&orm).await, "user", &["email"]);
    let written = error.written().ok_or("says how many were written")?;
    let same = User::count().filter(User::NAME.is_in(["Ada", "Grace"])).filter(User::EMAIL.contains("same"));
    assert_eq!(same.exec(&orm).await?, written);
    assert!(written <= 1, "{written}");
    // To a value that a record outside of the filter has:
    let taken = Session::update_many().filter(Session::TOKEN.eq("session-1")).set(Session::TOKEN, "session-3");
    let error = assert_taken(taken.exec(&orm).await, "session", &["token"]);
    assert_eq!(error.written(), Some(0));
    // If it is for one, it is fine.
    let one = Session::update_many().filter(Session::TOKEN.eq("session-1")).set(Session::TOKEN, "session-9");
    assert_eq!(one.exec(&orm).await?, 1);
    assert!(Session::find_unique(Session::TOKEN.eq("session-9")).exec(&orm).await?.is_some());
    assert_eq!(Session::find_unique(Session::TOKEN.eq("session-1")).exec(&orm).await?, None);
    Ok(())
}

pub async fn moves_many_unique_values(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    let new = (0..60).map(|n| {
        let one = Registered {
            serial: Some(n),
            region: Some("eu".into()),
            code: Some(n.to_string()),
            ..Registered::empty(&format!("r{n}"))
        };
        Registered::insert(one)
    });
    Registered::create_many(new).exec(&orm).await?;
    let update = Registered::update_many().set(Registered::REGION, "us").increment(Registered::SERIAL, 1000);
    assert_eq!(update.exec(&orm).await?, 60);
    for n in [0, 33, 59] {
        let id = Registered::find_unique(Registered::SERIAL.eq(1000 + n)).select(Registered::ID).exec(&orm).await?;
        assert_eq!(id, Some(format!("r{n}")));
        let id = Registered::find_unique(Registered::REGION_CODE.eq("us", n.to_string())).select(Registered::ID);
        assert_eq!(id.exec(&orm).await?, Some(format!("r{n}")));
        assert_eq!(Registered::find_unique(Registered::SERIAL.eq(n)).exec(&orm).await?, None);
    }
    Ok(())
}

pub async fn out_of_range_says_how_far_it_got(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    for (id, value) in [("a", 1), ("b", 127), ("c", 2)] {
        Maybe::insert(Maybe { i8: Some(value), ..Maybe::empty(id) }).exec(&orm).await?;
    }
    let result = Maybe::update_many().increment(Maybe::I8, 1).exec(&orm).await;
    let error = assert_refused(result, ErrorCode::InvalidValue, "maybe", &["i8"]);
    let values = Maybe::find_many().order_by(Maybe::ID.asc()).select(Maybe::I8).exec(&orm).await?;
    let changed = u64::from(values[0] == Some(2)) + u64::from(values[2] == Some(3));
    assert_eq!(error.written(), Some(changed));
    assert_eq!(values[1], Some(127));
    Ok(())
}

pub async fn unique_values_that_move_up_stay_unique(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    let numbered = |n: i64| Registered::insert(Registered { serial: Some(n), ..Registered::empty(&format!("r{n}")) });
    Registered::create_many((0..8).map(numbered)).exec(&orm).await?;
    // Each wants the value of the next: whether all of them get it depends on who goes first.
    let result = Registered::update_many().increment(Registered::SERIAL, 1).exec(&orm).await;
    let moved = match result {
        Ok(all) => all,
        Err(error) => {
            assert_eq!((error.code(), error.fields()), (ErrorCode::UniqueConstraintViolation, &["serial"][..]));
            error.written().ok_or("says how many were written")?
        }
    };
    let stored = Registered::find_many().order_by(Registered::SERIAL.asc()).exec(&orm).await?;
    let sum: i64 = stored.iter().filter_map(|one| one.serial).sum();
    assert_eq!(u64::try_from(sum - 28)?, moved);
    for one in stored {
        assert_eq!(Registered::find_unique(Registered::SERIAL.eq(one.serial)).exec(&orm).await?, Some(one));
    }
    Ok(())
}
