//! Deletes, and the values that they free.

use futures_util::future::join_all;
use orm::prelude::*;
use orm::{Filter, IntoFilter};

use super::Outcome;
use crate::engine::Engine;
use crate::kinds::{self, Registered};
use crate::models::{Account, Organization, Profile, Session, User, schema};
use crate::seed::{day, seed};
use crate::strangers::{self, Article, Company, Employee};

pub async fn by_each_kind_of_key(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    assert_eq!(User::delete(User::ID.eq(&seed.ada.id)).exec(&orm).await?, 1);
    assert_eq!(User::delete(User::ID.eq(&seed.ada.id)).exec(&orm).await?, 0);
    assert_eq!(User::delete(User::EMAIL.eq("grace@farminglabs.dev")).exec(&orm).await?, 1);
    assert_eq!(User::delete(User::EMAIL.eq("grace@farminglabs.dev")).exec(&orm).await?, 0);
    let compound = || Account::delete(Account::PROVIDER_ACCOUNT_ID.eq("github", "gh_ada"));
    assert_eq!(compound().exec(&orm).await?, 1);
    assert_eq!(compound().exec(&orm).await?, 0);
    assert_eq!(User::count().exec(&orm).await?, 0);
    // No cascade: what refers to a record is not touched.
    assert_eq!(Session::count().exec(&orm).await?, 3);
    Ok(())
}

pub async fn of_records_without_unique_fields(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    Company::create().number(1).name("A").exec(&orm).await?;
    assert_eq!(Company::delete(Company::NUMBER.eq(1)).exec(&orm).await?, 1);
    assert_eq!(Company::delete(Company::NUMBER.eq(1)).exec(&orm).await?, 0);
    let id = Article::create().title("T").select(Article::ID).exec(&orm).await?;
    let gone = Article::consume(Article::ID.eq(id)).exec(&orm).await?;
    assert_eq!(gone.map(|article| article.title).as_deref(), Some("T"));
    assert_eq!(Article::consume(Article::ID.eq(id)).exec(&orm).await?, None);
    Ok(())
}

/// One record, named by its id, of which more is asked.
pub async fn of_one_record_if_it_is_as_it_was_read(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    Company::create_many((1..=2).map(|n| Company::create().number(n).name("A"))).exec(&orm).await?;
    let delete = |filter: Filter<Company>| Company::delete_many().filter(Company::NUMBER.eq(1).and(filter));
    assert_eq!(delete(Company::NAME.ne("A")).exec(&orm).await?, 0);
    assert_eq!(delete(any((Company::NUMBER.gt(1), Company::NUMBER.lt(0)))).exec(&orm).await?, 0);
    assert_eq!(delete(!Company::NUMBER.between(0, 5)).exec(&orm).await?, 0);
    assert_eq!(delete(Company::NAME.is_in((0..2000).map(|n| n.to_string()))).exec(&orm).await?, 0);
    assert_eq!(Company::count().exec(&orm).await?, 2);
    // Of several who delete it, one did.
    let deleted = join_all((0..8).map(|_| delete(Company::NAME.eq("A").into_filter()).exec(&orm))).await;
    assert_eq!(deleted.into_iter().sum::<Result<u64, _>>()?, 1);
    assert_eq!(Company::find_many().select(Company::NUMBER).exec(&orm).await?, [2]);
    // With unique values, which it frees.
    let employee = Employee::new(1, "b", None);
    let delete = |badge: &str| Employee::delete_many().filter(Employee::NUMBER.eq(1).and(Employee::BADGE.eq(badge)));
    Employee::insert(employee.clone()).exec(&orm).await?;
    assert_eq!((delete("c").exec(&orm).await?, delete("b").exec(&orm).await?), (0, 1));
    Employee::insert(employee).exec(&orm).await?;
    Ok(())
}

pub async fn frees_all_unique_values(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    let full = || Registered {
        label: Some("label".into()),
        serial: Some(1),
        huge: Some(2),
        rate: Some("1.50".parse().unwrap_or_default()),
        stamp: Some(day(1)),
        region: Some("eu".into()),
        code: Some("1".into()),
        ..Registered::empty("r1")
    };
    for round in 0..3 {
        Registered::insert(full()).exec(&orm).await?;
        let gone = match round {
            0 => Registered::delete(Registered::ID.eq("r1")).exec(&orm).await?,
            1 => Registered::delete(Registered::STAMP.eq(day(1))).exec(&orm).await?,
            _ => Registered::delete_many().filter(Registered::CODE.eq("1")).exec(&orm).await?,
        };
        assert_eq!(gone, 1, "round {round}");
    }
    Registered::insert(Registered { id: "other".into(), ..full() }).exec(&orm).await?;
    Ok(())
}

pub async fn of_a_record_that_took_over_a_value(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    // Grace takes Ada's old address; deleting Ada does not free it.
    User::update(User::ID.eq(&seed.ada.id)).set(User::EMAIL, "new@x.dev").exec(&orm).await?;
    User::update(User::ID.eq(&seed.grace.id)).set(User::EMAIL, "ada@farminglabs.dev").exec(&orm).await?;
    assert_eq!(User::delete(User::EMAIL.eq("new@x.dev")).exec(&orm).await?, 1);
    let holder = User::find_unique(User::EMAIL.eq("ada@farminglabs.dev")).select(User::NAME).exec(&orm).await?;
    assert_eq!(holder.as_deref(), Some("Grace"));
    super::assert_taken(User::create().email("ada@farminglabs.dev").name("X").exec(&orm).await, "user", &["email"]);
    Ok(())
}

pub async fn many_by_filter(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    assert_eq!(Session::delete_many().filter(Session::EXPIRES_AT.gt(day(25))).exec(&orm).await?, 0);
    assert_eq!(Session::delete_many().filter(Session::USER_ID.eq(&seed.ada.id)).exec(&orm).await?, 2);
    let left = Session::find_many().select(Session::TOKEN).exec(&orm).await?;
    assert_eq!(left, ["session-3"]);
    let both = Profile::delete_many().filter(Profile::USER_ID.eq(&seed.ada.id)).filter(Profile::BIO.eq("Other"));
    assert_eq!(both.exec(&orm).await?, 0);
    // The tokens are free again.
    Session::create().user_id("u").token("session-1").expires_at(day(1)).exec(&orm).await?;
    Ok(())
}

pub async fn all_of_many(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    let numbers = 0..130;
    let people = numbers.clone().map(|n| Employee::create().number(n).badge(format!("b{n}")).nickname(format!("n{n}")));
    Employee::create_many(people).exec(&orm).await?;
    Company::create_many(numbers.clone().map(|n| Company::create().number(n).name("C"))).exec(&orm).await?;
    assert_eq!(Employee::delete_many().filter(Employee::NUMBER.is_in(0..40)).exec(&orm).await?, 40);
    assert_eq!(Employee::delete_many().exec(&orm).await?, 90);
    assert_eq!(Employee::delete_many().exec(&orm).await?, 0);
    assert_eq!(Company::delete_many().exec(&orm).await?, 130);
    assert_eq!(Employee::count().exec(&orm).await? + Company::count().exec(&orm).await?, 0);
    Employee::create_many(numbers.map(|n| Employee::create().number(n).badge(format!("b{n}")))).exec(&orm).await?;
    Ok(())
}

pub async fn consume_answers_the_record_once(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let session = Session::find_unique(Session::TOKEN.eq("session-2")).exec(&orm).await?;
    assert_eq!(Session::consume(Session::TOKEN.eq("session-2")).exec(&orm).await?, session);
    assert_eq!(Session::consume(Session::TOKEN.eq("session-2")).exec(&orm).await?, None);
    let owner = Session::consume(Session::TOKEN.eq("session-1")).select((Session::EXPIRES_AT, Session::USER));
    assert_eq!(owner.exec(&orm).await?, Some((day(10), Some(seed.ada))));
    let slug = Organization::consume(Organization::NAME.eq("Compilers")).select(Organization::SLUG).exec(&orm).await?;
    assert_eq!(slug.as_deref(), Some("compilers"));
    Organization::create().name("Compilers").slug("compilers").exec(&orm).await?;
    assert_eq!(Account::consume(Account::PROVIDER_ACCOUNT_ID.eq("none", "none")).exec(&orm).await?, None);
    Ok(())
}

pub async fn of_the_key_alone(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    // Nothing but the key is selected.
    let token = Session::consume(Session::TOKEN.eq("session-1")).select(Session::TOKEN).exec(&orm).await?;
    assert_eq!(token.as_deref(), Some("session-1"));
    let id = User::consume(User::ID.eq(&seed.grace.id)).select(User::ID).exec(&orm).await?;
    assert_eq!(id.as_ref(), Some(&seed.grace.id));
    assert_eq!(User::consume(User::ID.eq(&seed.grace.id)).select(User::ID).exec(&orm).await?, None);
    Ok(())
}
