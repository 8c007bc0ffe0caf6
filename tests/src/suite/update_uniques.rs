//! Updates of unique fields: the old value becomes free, the new one is taken, and nothing in between.

use orm::prelude::*;

use super::{Outcome, assert_taken};
use crate::engine::Engine;
use crate::kinds::{self, Registered};
use crate::models::{Account, Member, Organization, User, schema};
use crate::seed::seed;
use crate::strangers::{self, Employee};

pub async fn moves_the_value(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let changed = User::update(User::ID.eq(&seed.ada.id)).set(User::EMAIL, "countess@x.dev").exec(&orm).await?;
    let expected = User { email: "countess@x.dev".into(), ..seed.ada.clone() };
    assert_eq!(changed.as_ref(), Some(&expected));
    assert_eq!(User::find_unique(User::EMAIL.eq("ada@farminglabs.dev")).exec(&orm).await?, None);
    assert_eq!(User::find_unique(User::EMAIL.eq("countess@x.dev")).exec(&orm).await?, Some(expected));
    // The new value is taken, the old one is free.
    assert_taken(User::create().email("countess@x.dev").name("X").exec(&orm).await, "user", &["email"]);
    User::create().email("ada@farminglabs.dev").name("Another Ada").exec(&orm).await?;
    Ok(())
}

pub async fn through_the_key_that_changes(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let update = || User::update(User::EMAIL.eq("ada@farminglabs.dev")).set(User::EMAIL, "new@x.dev");
    assert_eq!(update().set(User::NAME, "N").select(User::NAME).exec(&orm).await?.as_deref(), Some("N"));
    assert_eq!(update().exec(&orm).await?, None, "the key names nobody any more");
    assert_eq!(
        User::find_unique(User::EMAIL.eq("new@x.dev")).select(User::ID).exec(&orm).await?,
        Some(seed.ada.id.clone())
    );
    let compound = Account::update(Account::PROVIDER_ACCOUNT_ID.eq("github", "gh_ada"))
        .set(Account::ACCOUNT_ID, "gh_lovelace")
        .select(Account::USER_ID)
        .exec(&orm)
        .await?;
    assert_eq!(compound, Some(seed.ada.id.clone()));
    assert_eq!(Account::find_unique(Account::PROVIDER_ACCOUNT_ID.eq("github", "gh_ada")).exec(&orm).await?, None);
    let found = Account::find_unique(Account::PROVIDER_ACCOUNT_ID.eq("github", "gh_lovelace")).exec(&orm).await?;
    assert_eq!(found.map(|account| account.user_id), Some(seed.ada.id));
    Ok(())
}

pub async fn to_a_taken_value_changes_nothing(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let update = User::update(User::ID.eq(&seed.ada.id))
        .set(User::NAME, "Changed")
        .increment(User::LOGIN_COUNT, 1)
        .set(User::EMAIL, "grace@farminglabs.dev");
    assert_taken(update.exec(&orm).await, "user", &["email"]);
    let by_email = User::update(User::EMAIL.eq("ada@farminglabs.dev")).set(User::EMAIL, "grace@farminglabs.dev");
    assert_taken(by_email.exec(&orm).await, "user", &["email"]);
    assert_eq!(User::find_unique(User::EMAIL.eq("ada@farminglabs.dev")).exec(&orm).await?, Some(seed.ada));
    assert_eq!(User::find_unique(User::EMAIL.eq("grace@farminglabs.dev")).exec(&orm).await?, Some(seed.grace));
    Ok(())
}

pub async fn one_of_two_taken_names_that_one(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let update = Organization::update(Organization::SLUG.eq("compilers"))
        .set(Organization::NAME, "Free")
        .set(Organization::SLUG, "farming-labs");
    assert_taken(update.exec(&orm).await, "organization", &["slug"]);
    // The name that was free still is, and so the record still has its own.
    assert_eq!(Organization::find_unique(Organization::NAME.eq("Compilers")).exec(&orm).await?, Some(seed.compilers));
    Organization::create().name("Free").slug("free").exec(&orm).await?;
    Ok(())
}

pub async fn to_its_own_value_is_fine(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let same = User::update(User::ID.eq(&seed.ada.id)).set(User::EMAIL, "ada@farminglabs.dev").exec(&orm).await?;
    assert_eq!(same.as_ref(), Some(&seed.ada));
    let with_more = User::update(User::EMAIL.eq("ada@farminglabs.dev"))
        .set(User::EMAIL, "ada@farminglabs.dev")
        .set(User::NAME, "Ada L.")
        .exec(&orm)
        .await?;
    assert_eq!(with_more, Some(User { name: "Ada L.".into(), ..seed.ada }));
    assert_taken(User::create().email("ada@farminglabs.dev").name("X").exec(&orm).await, "user", &["email"]);
    Ok(())
}

pub async fn one_part_of_a_compound_key(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    // Grace is a member of the labs; Ada of both.
    let key = || Member::USER_ID_ORGANIZATION_ID.eq(&seed.grace.id, &seed.labs.id);
    let to_ada = Member::update(key()).set(Member::USER_ID, &seed.ada.id).exec(&orm).await;
    assert_taken(to_ada, "member", &["user_id", "organization_id"]);
    let moved = Member::update(key()).set(Member::ORGANIZATION_ID, &seed.compilers.id).exec(&orm).await?;
    assert_eq!(moved.map(|member| member.role).as_deref(), Some("member"));
    assert_eq!(Member::find_unique(key()).exec(&orm).await?, None);
    assert_eq!(seed.grace.organizations().exec(&orm).await?, [seed.compilers]);
    Member::create().user_id(&seed.grace.id).organization_id(&seed.labs.id).role("again").exec(&orm).await?;
    Ok(())
}

pub async fn two_records_swap_values_through_a_third(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    for (number, badge) in [(1, "a"), (2, "b")] {
        Employee::insert(Employee::new(number, badge, None)).exec(&orm).await?;
    }
    for (number, badge) in [(1, "c"), (2, "a"), (1, "b")] {
        Employee::update(Employee::NUMBER.eq(number)).set(Employee::BADGE, badge).exec(&orm).await?;
    }
    let badges = Employee::find_many().order_by(Employee::NUMBER.asc()).select(Employee::BADGE).exec(&orm).await?;
    assert_eq!(badges, ["b", "a"]);
    for (badge, number) in [("a", Some(2)), ("b", Some(1)), ("c", None)] {
        let found = Employee::find_unique(Employee::BADGE.eq(badge)).select(Employee::NUMBER).exec(&orm).await?;
        assert_eq!(found, number, "{badge}");
    }
    Ok(())
}

pub async fn null_to_value_to_null(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    for (number, badge) in [(1, "a"), (2, "b")] {
        Employee::insert(Employee::new(number, badge, None)).exec(&orm).await?;
    }
    let name = |number: i64, nickname: Option<&str>| {
        Employee::update(Employee::NUMBER.eq(number)).set(Employee::NICKNAME, nickname.map(str::to_owned))
    };
    let holder = || Employee::find_unique(Employee::NICKNAME.eq("Nick")).select(Employee::NUMBER);
    name(1, Some("Nick")).exec(&orm).await?;
    assert_eq!(holder().exec(&orm).await?, Some(1));
    assert_taken(name(2, Some("Nick")).exec(&orm).await, "employee", &["nickname"]);
    name(1, None).exec(&orm).await?;
    assert_eq!(holder().exec(&orm).await?, None);
    name(2, Some("Nick")).exec(&orm).await?;
    assert_eq!(holder().exec(&orm).await?, Some(2));
    name(1, None).exec(&orm).await?;
    assert_eq!(Employee::count().filter(Employee::NICKNAME.is_null()).exec(&orm).await?, 1);
    Ok(())
}

pub async fn a_compound_key_becomes_null_and_back(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    let placed = |id: &str| Registered { region: Some("eu".into()), code: Some("1".into()), ..Registered::empty(id) };
    Registered::insert(placed("a")).exec(&orm).await?;
    let part = |id: &str, code: Option<&str>| {
        Registered::update(Registered::ID.eq(id)).set(Registered::CODE, code.map(str::to_owned))
    };
    part("a", None).exec(&orm).await?;
    assert_eq!(Registered::find_unique(Registered::REGION_CODE.eq("eu", "1")).exec(&orm).await?, None);
    Registered::insert(placed("b")).exec(&orm).await?;
    assert_taken(part("a", Some("1")).exec(&orm).await, "registered", &["region", "code"]);
    part("a", Some("2")).exec(&orm).await?;
    let found =
        Registered::find_unique(Registered::REGION_CODE.eq("eu", "2")).select(Registered::ID).exec(&orm).await?;
    assert_eq!(found.as_deref(), Some("a"));
    Ok(())
}

pub async fn increments_of_a_unique_number(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    for (id, serial) in [("a", 1), ("b", 3)] {
        Registered::insert(Registered { serial: Some(serial), ..Registered::empty(id) }).exec(&orm).await?;
    }
    let add = |id: &str, by: i64| Registered::update(Registered::ID.eq(id)).increment(Registered::SERIAL, by);
    assert_eq!(add("a", 1).select(Registered::SERIAL).exec(&orm).await?, Some(Some(2)));
    assert_taken(add("a", 1).exec(&orm).await, "registered", &["serial"]);
    let by_key = Registered::update(Registered::SERIAL.eq(2)).increment(Registered::SERIAL, 2);
    assert_eq!(by_key.select(Registered::SERIAL).exec(&orm).await?, Some(Some(4)));
    let holders =
        [1, 2, 3, 4].map(|serial| Registered::find_unique(Registered::SERIAL.eq(serial)).select(Registered::ID));
    let mut found = Vec::new();
    for holder in holders {
        found.push(holder.exec(&orm).await?);
    }
    assert_eq!(found, [None, None, Some("b".to_owned()), Some("a".to_owned())]);
    assert_eq!(add("a", 0).select(Registered::SERIAL).exec(&orm).await?, Some(Some(4)));
    Ok(())
}
