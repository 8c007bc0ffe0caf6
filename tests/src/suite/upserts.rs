//! Upserts.

use orm::ErrorCode;
use orm::prelude::*;

use super::{Outcome, assert_refused, assert_taken};
use crate::engine::Engine;
use crate::models::{Account, Organization, Plan, Session, User, schema};
use crate::seed::{day, seed};
use crate::strangers::{self, Company};

pub async fn stores_or_changes(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let upsert = |expires| {
        Session::upsert(Session::TOKEN.eq("t"))
            .create(Session::create().user_id("u1").token("t").expires_at(expires))
            .update(move |s| s.set(Session::EXPIRES_AT, expires).set(Session::USER_ID, "u2"))
    };
    let stored = upsert(day(1)).exec(&orm).await?;
    assert_eq!((stored.user_id.as_str(), stored.expires_at), ("u1", day(1)));
    let changed = upsert(day(2)).exec(&orm).await?;
    assert_eq!(changed, Session { user_id: "u2".into(), expires_at: day(2), ..stored });
    assert_eq!(Session::find_many().exec(&orm).await?, [changed]);
    Ok(())
}

pub async fn by_id_and_by_compound_key(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let by_id = |name: &str| {
        User::upsert(User::ID.eq("u1"))
            .create(User::create().id("u1").email("u1@x.dev").name(name))
            .update(|u| u.set(User::NAME, name).increment(User::LOGIN_COUNT, 1))
            .select((User::NAME, User::LOGIN_COUNT))
    };
    assert_eq!(by_id("First").exec(&orm).await?, ("First".into(), 0));
    assert_eq!(by_id("Second").exec(&orm).await?, ("Second".into(), 1));
    let by_compound = || {
        Account::upsert(Account::PROVIDER_ACCOUNT_ID.eq("github", "1"))
            .create(Account::create().user_id("u1").provider("github").account_id("1"))
            .update(|a| a.set(Account::PLAN, Plan::Cloud))
            .select(Account::PLAN)
    };
    assert_eq!(by_compound().exec(&orm).await?, Plan::Oss);
    assert_eq!(by_compound().exec(&orm).await?, Plan::Cloud);
    assert_eq!((User::count().exec(&orm).await?, Account::count().exec(&orm).await?), (1, 1));
    Ok(())
}

pub async fn by_an_integer_id(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    for name in ["A", "B"] {
        let company = Company::upsert(Company::NUMBER.eq(-5))
            .create(Company::create().number(-5).name(name))
            .update(|c| c.set(Company::NAME, name))
            .exec(&orm)
            .await?;
        assert_eq!(company, Company { number: -5, name: name.into() });
    }
    Ok(())
}

pub async fn without_changes_keeps_what_there_is(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let ensure = |name: &str| {
        Organization::upsert(Organization::SLUG.eq("labs")).create(Organization::create().name(name).slug("labs"))
    };
    let first = ensure("Labs").exec(&orm).await?;
    assert_eq!(ensure("Other").exec(&orm).await?, first);
    assert_eq!(Organization::count().exec(&orm).await?, 1);
    Ok(())
}

pub async fn the_new_record_agrees_with_the_key(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let other =
        Session::upsert(Session::TOKEN.eq("a")).create(Session::create().user_id("u").token("b").expires_at(day(1)));
    assert_refused(other.exec(&orm).await, ErrorCode::InvalidQuery, "session", &["token"]);
    let made_up = User::upsert(User::ID.eq("u1"))
        .create(User::create().email("a@x.dev").name("A"))
        .update(|u| u.set(User::NAME, "B"));
    let error = assert_refused(made_up.exec(&orm).await, ErrorCode::InvalidQuery, "user", &["id"]);
    assert!(error.to_string().contains("`create` lacks `id`"), "{error}");
    let part = Account::upsert(Account::PROVIDER_ACCOUNT_ID.eq("github", "1"))
        .create(Account::create().user_id("u").provider("github").account_id("2"));
    assert_refused(part.exec(&orm).await, ErrorCode::InvalidQuery, "account", &["account_id"]);
    assert_eq!(Session::count().exec(&orm).await? + Account::count().exec(&orm).await?, 0);
    Ok(())
}

pub async fn the_update_leaves_the_key_alone(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    seed(&orm).await?;
    let upsert = Session::upsert(Session::TOKEN.eq("session-1"))
        .create(Session::create().user_id("u").token("session-1").expires_at(day(1)))
        .update(|s| s.set(Session::TOKEN, "session-9"));
    assert_refused(upsert.exec(&orm).await, ErrorCode::InvalidQuery, "session", &["token"]);
    assert_eq!(Session::find_unique(Session::TOKEN.eq("session-9")).exec(&orm).await?, None);
    Ok(())
}

pub async fn another_unique_field_is_taken(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let create =
        Organization::upsert(Organization::SLUG.eq("new")).create(Organization::create().name("Compilers").slug("new"));
    assert_taken(create.exec(&orm).await, "organization", &["name"]);
    let update = Organization::upsert(Organization::SLUG.eq("farming-labs"))
        .create(Organization::create().name("Unused").slug("farming-labs"))
        .update(|o| o.set(Organization::NAME, "Compilers"));
    assert_taken(update.exec(&orm).await, "organization", &["name"]);
    assert_eq!(Organization::find_unique(Organization::SLUG.eq("new")).exec(&orm).await?, None);
    let all = Organization::find_many().order_by(Organization::NAME.desc()).exec(&orm).await?;
    assert_eq!(all, [seed.labs, seed.compilers]);
    // The id of the new record is taken, while no record has the key:
    let id = Organization::upsert(Organization::SLUG.eq("new"))
        .create(Organization::create().id(&all[0].id).name("New").slug("new"));
    assert_taken(id.exec(&orm).await, "organization", &["id"]);
    Ok(())
}

pub async fn moves_other_unique_values(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let changed = Organization::upsert(Organization::SLUG.eq("compilers"))
        .create(Organization::create().name("Unused").slug("compilers"))
        .update(|o| o.set(Organization::NAME, "Interpreters"))
        .exec(&orm)
        .await?;
    assert_eq!(changed, Organization { name: "Interpreters".into(), ..seed.compilers });
    Organization::create().name("Compilers").slug("compilers-2").exec(&orm).await?;
    Organization::create().name("Unused").slug("unused").exec(&orm).await?;
    let taken = Organization::create().name("Interpreters").slug("interpreters").exec(&orm).await;
    assert_taken(taken, "organization", &["name"]);
    Ok(())
}

pub async fn answers_a_selection(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    for user in [&seed.grace, &seed.ada] {
        let owner = Session::upsert(Session::TOKEN.eq("t"))
            .create(Session::create().user_id(&user.id).token("t").expires_at(day(1)))
            .update(|s| s.set(Session::USER_ID, &user.id))
            .select((Session::TOKEN, Session::USER.select(User::NAME)))
            .exec(&orm)
            .await?;
        assert_eq!(owner, ("t".to_owned(), Some(user.name.clone())));
    }
    Ok(())
}
