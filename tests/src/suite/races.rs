//! Eight tasks at once.

use std::fmt::Debug;

use orm::prelude::*;
use orm::{ErrorCode, Upserted};
use tokio::task::JoinSet;

use super::Outcome;
use crate::engine::Engine;
use crate::models::{Session, User, schema};
use crate::seed::day;
use crate::strangers::{self, Company, Employee};

const TASKS: i64 = 8;

/// Runs the query of each task at once; what they answer, in any order.
async fn at_once<T, F>(orm: &Orm, task: impl Fn(Orm, i64) -> F) -> Vec<Result<T, Error>>
where
    T: Debug + Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for n in 0..TASKS {
        tasks.spawn(task(orm.clone(), n));
    }
    tasks.join_all().await
}

pub async fn one_consume_wins(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    Session::create().user_id("u").token("one-time").expires_at(day(1)).exec(&orm).await?;
    let results =
        at_once(&orm, |orm, _| async move { Session::consume(Session::TOKEN.eq("one-time")).exec(&orm).await }).await;
    let winners: Vec<Session> = results.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    assert_eq!(winners.iter().map(|session| session.token.as_str()).collect::<Vec<_>>(), ["one-time"]);
    assert_eq!(Session::count().exec(&orm).await?, 0);
    Ok(())
}

pub async fn one_consume_wins_without_unique_fields(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    Company::create().number(1).name("Once").exec(&orm).await?;
    let results = at_once(&orm, |orm, _| async move { Company::consume(Company::NUMBER.eq(1)).exec(&orm).await }).await;
    let winners = results.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().count();
    assert_eq!(winners, 1);
    Ok(())
}

pub async fn one_create_of_a_value_wins(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let results =
        at_once(
            &orm,
            |orm, n| async move { User::create().email("same@x.dev").name(format!("User {n}")).exec(&orm).await },
        )
        .await;
    let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 7));
    for error in lost.into_iter().filter_map(Result::err) {
        assert_eq!((error.code(), error.fields()), (ErrorCode::UniqueConstraintViolation, &["email"][..]), "{error}");
    }
    let winner = User::find_unique(User::EMAIL.eq("same@x.dev")).exec(&orm).await?;
    assert_eq!(winner, won.into_iter().find_map(Result::ok));
    assert_eq!(User::count().exec(&orm).await?, 1);
    Ok(())
}

pub async fn one_update_to_a_value_wins(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    for n in 0..TASKS {
        Employee::insert(Employee::new(n, &n.to_string(), None)).exec(&orm).await?;
    }
    let results = at_once(&orm, |orm, n| async move {
        Employee::update(Employee::NUMBER.eq(n)).set(Employee::NICKNAME, "Nick").exec(&orm).await
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(Employee::count().filter(Employee::NICKNAME.is_null()).exec(&orm).await?, 7);
    for error in results.into_iter().filter_map(Result::err) {
        assert_eq!(
            (error.code(), error.fields()),
            (ErrorCode::UniqueConstraintViolation, &["nickname"][..]),
            "{error}"
        );
    }
    Ok(())
}

pub async fn increments_add_up(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    User::create().id("u").email("u@x.dev").name("U").exec(&orm).await?;
    let results = at_once(&orm, |orm, n| async move {
        for _ in 0..5 {
            let key = User::update(User::EMAIL.eq("u@x.dev"));
            key.increment(User::LOGIN_COUNT, n).increment(User::QUOTA, -1).exec(&orm).await?;
        }
        Ok(())
    })
    .await;
    results.into_iter().collect::<Result<Vec<()>, _>>()?;
    let sums = User::find_unique(User::ID.eq("u")).select((User::LOGIN_COUNT, User::QUOTA)).exec(&orm).await?;
    assert_eq!(sums, Some((5 * 28, -40)));
    Ok(())
}

pub async fn upserts_leave_one_record(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let results = at_once(&orm, |orm, n| async move {
        Session::upsert(Session::TOKEN.eq("t"))
            .create(Session::create().user_id(format!("u{n}")).token("t").expires_at(day(1)))
            .update(|s| s.set(Session::EXPIRES_AT, day(2)))
            .exec_upserted(&orm)
            .await
    })
    .await;
    let results = results.into_iter().collect::<Result<Vec<_>, _>>()?;
    // One stored it, the others changed that same record.
    assert_eq!(results.iter().filter(|upserted| upserted.is_created()).count(), 1);
    let results: Vec<Session> = results.into_iter().map(Upserted::into_inner).collect();
    assert_eq!(results.iter().filter(|session| session.expires_at == day(1)).count(), 1);
    let stored = Session::find_many().exec(&orm).await?;
    assert_eq!(stored.len(), 1);
    assert!(results.iter().all(|session| session.id == stored[0].id && session.user_id == stored[0].user_id));
    assert_eq!(stored[0].expires_at, day(2));
    Ok(())
}

pub async fn upserts_count(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let results = at_once(&orm, |orm, _| async move {
        // In either order.
        User::upsert(User::ID.eq("u"))
            .update(|u| u.increment(User::LOGIN_COUNT, 1))
            .create(User::create().id("u").email("u@x.dev").name("U").login_count(1))
            .select(User::LOGIN_COUNT)
            .exec(&orm)
            .await
    })
    .await;
    let mut counts = results.into_iter().collect::<Result<Vec<_>, _>>()?;
    counts.sort_unstable();
    assert_eq!(counts, (1..=TASKS).collect::<Vec<_>>());
    Ok(())
}

pub async fn a_value_goes_round(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    // Each task takes the one nickname, and gives it back: whoever fails was too late.
    let results = at_once(&orm, |orm, n| async move {
        let mut taken = 0;
        Employee::insert(Employee::new(n, &n.to_string(), None)).exec(&orm).await?;
        for _ in 0..4 {
            let update =
                |nickname: Option<String>| Employee::update(Employee::NUMBER.eq(n)).set(Employee::NICKNAME, nickname);
            match update(Some("Nick".into())).exec(&orm).await {
                Ok(_) => taken += 1,
                Err(error) if error.code() == ErrorCode::UniqueConstraintViolation => continue,
                Err(error) => return Err(error),
            }
            update(None).exec(&orm).await?;
        }
        Ok(taken)
    })
    .await;
    let taken: i32 = results.into_iter().sum::<Result<_, _>>()?;
    assert!(taken >= 1);
    assert_eq!(Employee::find_unique(Employee::NICKNAME.eq("Nick")).exec(&orm).await?, None);
    Employee::create().number(100).badge("last").nickname("Nick").exec(&orm).await?;
    Ok(())
}

pub async fn delete_many_leaves_what_no_longer_matches(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    for round in 0..10 {
        let id = move |n: i64| format!("{round}-{n}");
        let new = |n| Session::create().id(id(n)).user_id("u").token(id(n)).expires_at(day(1));
        Session::create_many((0..TASKS).map(new)).exec(&orm).await?;
        // Half of the tasks delete what has expired, while the others prolong a session each.
        let results = at_once(&orm, move |orm, n| async move {
            if n % 2 == 0 {
                Session::delete_many().filter(Session::EXPIRES_AT.lte(day(1))).exec(&orm).await?;
                return Ok(None);
            }
            Session::update(Session::ID.eq(id(n))).set(Session::EXPIRES_AT, day(2)).exec(&orm).await
        })
        .await;
        let results = results.into_iter().collect::<Result<Vec<_>, _>>()?;
        for prolonged in results.into_iter().flatten() {
            let now = Session::find_unique(Session::ID.eq(&prolonged.id)).exec(&orm).await?;
            assert_eq!(now, Some(prolonged));
        }
    }
    Ok(())
}

pub async fn update_many_leaves_what_no_longer_matches(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    for round in 0..10 {
        let number = move |n: i64| 100 * round + n;
        for number in (0..TASKS).map(number) {
            let nickname = Some(number.to_string());
            Employee::insert(Employee { nickname, ..Employee::new(number, &number.to_string(), None) })
                .exec(&orm)
                .await?;
        }
        // Half of the tasks take the names of those without a manager, while the others give one a manager each.
        let results = at_once(&orm, move |orm, n| async move {
            if n % 2 == 0 {
                let without = Employee::update_many().filter(Employee::MANAGER_NUMBER.is_null());
                without.set(Employee::NICKNAME, None).exec(&orm).await?;
                return Ok(None);
            }
            Employee::update(Employee::NUMBER.eq(number(n))).set(Employee::MANAGER_NUMBER, 0).exec(&orm).await
        })
        .await;
        for led in results.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            let now = Employee::find_unique(Employee::NUMBER.eq(led.number)).exec(&orm).await?;
            assert_eq!(now, Some(led), "nobody changes it once it has a manager");
        }
    }
    Ok(())
}

pub async fn consume_answers_the_record_as_it_was_last(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    for round in 0..10 {
        let id = round.to_string();
        User::create().id(&id).email(format!("{id}@x.dev")).name("U").exec(&orm).await?;
        // One task consumes the user, while the others count its logins.
        let results = at_once(&orm, move |orm, n| {
            let id = id.clone();
            async move {
                if n == 4 {
                    let consumed = User::consume(User::ID.eq(id)).select(User::LOGIN_COUNT).exec(&orm).await?;
                    return Ok((consumed, None));
                }
                let update = User::update(User::ID.eq(id)).increment(User::LOGIN_COUNT, 1);
                Ok((None, update.select(User::LOGIN_COUNT).exec(&orm).await?))
            }
        })
        .await;
        let (consumed, counted): (Vec<_>, Vec<_>) =
            results.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        let counted = i64::try_from(counted.into_iter().flatten().count())?;
        assert_eq!(consumed.into_iter().flatten().collect::<Vec<_>>(), [counted], "no count was lost");
    }
    Ok(())
}
