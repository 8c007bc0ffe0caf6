//! The workload with this library.

use orm::prelude::*;
use tests::beside::data::{Size, email, user};
use tests::models::{Session, User};

use crate::side::{Failure, Run, expect};

const ACTIVE: usize = Size::USUAL.active;

fn run<F>(orm: &Orm, operation: impl Fn(Orm, usize) -> F + Send + Sync + 'static) -> Run
where
    F: Future<Output = Result<bool, Error>> + Send + 'static,
{
    let orm = orm.clone();
    Box::new(move |n| {
        let running = operation(orm.clone(), n);
        Box::pin(async move { expect(running.await.map_err(Failure::from)?) })
    })
}

fn hundred() -> orm::Filter<User> {
    User::ID.is_in((0..100).map(user))
}

pub fn operations(orm: &Orm) -> Vec<(&'static str, Run)> {
    vec![
        (
            "create",
            run(orm, |orm, n| async move {
                let created = User::create().email(format!("new-{n}@farminglabs.dev")).name("Ada").exec(&orm).await?;
                Ok(created.name == "Ada")
            }),
        ),
        (
            "find by id",
            run(orm, |orm, n| async move {
                Ok(User::find_unique(User::ID.eq(user(n % ACTIVE))).exec(&orm).await?.is_some())
            }),
        ),
        (
            "find by email",
            run(orm, |orm, n| async move {
                Ok(User::find_unique(User::EMAIL.eq(email(n % ACTIVE))).exec(&orm).await?.is_some())
            }),
        ),
        (
            "update by email",
            run(orm, |orm, n| async move {
                let update = User::update(User::EMAIL.eq(email(n % ACTIVE)))
                    .set(User::NAME, format!("Ada {n}"))
                    .select(User::ID);
                Ok(update.exec(&orm).await?.is_some())
            }),
        ),
        (
            "change an email",
            run(orm, |orm, n| async move {
                let moved = format!("moved-{n}@farminglabs.dev");
                let update = User::update(User::ID.eq(user(500 + n))).set(User::EMAIL, moved).select(User::ID);
                Ok(update.exec(&orm).await?.is_some())
            }),
        ),
        (
            "sessions of a user",
            run(orm, |orm, n| async move {
                let sessions = Session::find_many().filter(Session::USER_ID.eq(user(n % ACTIVE))).exec(&orm).await?;
                Ok(sessions.len() == 10)
            }),
        ),
        (
            "count sessions of a user",
            run(orm, |orm, n| async move {
                Ok(Session::count().filter(Session::USER_ID.eq(user(n % ACTIVE))).exec(&orm).await? == 10)
            }),
        ),
        (
            "a user with sessions",
            run(orm, |orm, n| async move {
                let found = User::find_unique(User::EMAIL.eq(email(n % ACTIVE)));
                let found = found.select((User::ALL, User::SESSIONS)).exec(&orm).await?;
                Ok(found.is_some_and(|(_, sessions)| sessions.len() == 10))
            }),
        ),
        (
            "100 users with profiles",
            run(orm, |orm, _| async move {
                let found = User::find_many().filter(hundred()).select((User::ALL, User::PROFILE)).exec(&orm).await?;
                Ok(found.len() == 100 && found.iter().all(|(_, profile)| profile.is_some()))
            }),
        ),
        (
            "100 users with sessions",
            run(orm, |orm, _| async move {
                let found = User::find_many().filter(hundred()).select((User::ALL, User::SESSIONS)).exec(&orm).await?;
                Ok(found.len() == 100 && found.iter().all(|(_, sessions)| sessions.len() == 10))
            }),
        ),
        (
            "100 users with organizations",
            run(orm, |orm, _| async move {
                let found =
                    User::find_many().filter(hundred()).select((User::ALL, User::ORGANIZATIONS)).exec(&orm).await?;
                Ok(found.len() == 100 && found.iter().all(|(_, organizations)| organizations.len() == 10))
            }),
        ),
        (
            "create 100",
            run(orm, |orm, n| async move {
                let new = |place| User::create().email(format!("many-{n}-{place}@farminglabs.dev")).name("Ada");
                Ok(User::create_many((0..100).map(new)).exec(&orm).await?.len() == 100)
            }),
        ),
        (
            "delete by email",
            run(orm, |orm, n| async move { Ok(User::delete(User::EMAIL.eq(email(900 - n))).exec(&orm).await? == 1) }),
        ),
    ]
}
