//! Creates of many records.

use orm::ErrorCode;
use orm::prelude::*;

use super::{Outcome, assert_taken};
use crate::engine::Engine;
use crate::models::{Organization, Session, Tier, User, schema};
use crate::seed::day;
use crate::strangers::{self, Article, Company, Employee};

pub async fn of_none_and_one(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let none: Vec<User> = User::create_many(Vec::<orm::query::Create<User>>::new()).exec(&orm).await?;
    assert!(none.is_empty());
    let one = User::create_many([User::create().email("a@x.dev").name("A")]).exec(&orm).await?;
    assert_eq!(one.iter().map(|user| (user.name.as_str(), user.tier)).collect::<Vec<_>>(), [("A", Tier::Free)]);
    assert_eq!(User::find_many().exec(&orm).await?, one);
    Ok(())
}

pub async fn answers_in_the_order_given(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let emails: Vec<String> = (0..30).rev().map(|n| format!("{n:02}@x.dev")).collect();
    let users = User::create_many(emails.iter().map(|email| User::create().email(email).name("N"))).exec(&orm).await?;
    assert_eq!(users.iter().map(|user| user.email.clone()).collect::<Vec<_>>(), emails);
    let mut stored = User::find_many().order_by(User::EMAIL.desc()).exec(&orm).await?;
    assert_eq!(stored, users);
    stored.dedup_by(|a, b| a.id == b.id);
    assert_eq!(stored.len(), 30);
    Ok(())
}

pub async fn more_than_one_transaction_with_uniques(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let new = (0..130).map(|n| Organization::create().name(format!("Name {n}")).slug(format!("slug-{n}")));
    let names = Organization::create_many(new).select(Organization::NAME).exec(&orm).await?;
    assert_eq!(names.len(), 130);
    assert_eq!(names.last().map(String::as_str), Some("Name 129"));
    assert_eq!(Organization::count().exec(&orm).await?, 130);
    for n in [0, 64, 129] {
        let found = Organization::find_unique(Organization::SLUG.eq(format!("slug-{n}"))).select(Organization::NAME);
        assert_eq!(found.exec(&orm).await?, Some(format!("Name {n}")));
        let again = Organization::create().name("Other").slug(format!("slug-{n}")).exec(&orm).await;
        assert_taken(again, "organization", &["slug"]);
    }
    Ok(())
}

pub async fn without_uniques_and_with_generated_ids(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    let articles = Article::create_many((0..130).map(|n| Article::create().title(format!("{n}")))).exec(&orm).await?;
    assert_eq!(articles.len(), 130);
    assert_eq!(Article::count().exec(&orm).await?, 130);
    let found = Article::find_many().filter(Article::ID.is_in(articles.iter().map(|a| a.id))).exec(&orm).await?;
    assert_eq!(found.len(), 130);
    assert_eq!(Article::find_unique(Article::ID.eq(articles[77].id)).exec(&orm).await?.as_ref(), Some(&articles[77]));
    Ok(())
}

pub async fn without_uniques_and_with_given_ids(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    let numbered = |from: i64| (from..from + 120).map(|n| Company::create().number(n).name(format!("{n}")));
    Company::create_many(numbered(0)).exec(&orm).await?;
    // Number 119 exists already, and is not overwritten.
    let error = assert_taken(Company::create_many(numbered(119)).exec(&orm).await, "company", &["number"]);
    assert_eq!(error.index(), Some(0));
    assert_eq!(Company::count().exec(&orm).await?, 120 + error.written().unwrap_or(0));
    Ok(())
}

pub async fn finds_duplicates_among_the_new_first(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    // The last of 120 has the email of the third: found before anything is stored.
    let new = (0..120).map(|n| User::create().email(format!("{}@x.dev", if n == 119 { 2 } else { n })).name("N"));
    let error = assert_taken(User::create_many(new).exec(&orm).await, "user", &["email"]);
    assert_eq!((error.index(), error.written()), (Some(119), Some(0)));
    assert_eq!(User::count().exec(&orm).await?, 0);

    let twice = ["u1", "u2", "u1"].map(|id| User::create().id(id).email(format!("{id}@x.dev")).name("N"));
    let twice = twice.into_iter().enumerate().map(|(n, create)| create.email(format!("{n}@x.dev")));
    let error = assert_taken(User::create_many(twice).exec(&orm).await, "user", &["id"]);
    assert_eq!((error.index(), error.written()), (Some(2), Some(0)));
    assert_eq!(User::count().exec(&orm).await?, 0);
    Ok(())
}

pub async fn finds_existing_records(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let session = |token: &str| Session::create().user_id("u1").token(token).expires_at(day(1));
    session("taken").exec(&orm).await?;
    let error = assert_taken(
        Session::create_many(["a", "b", "taken", "c"].map(session)).exec(&orm).await,
        "session",
        &["token"],
    );
    assert_eq!(error.index(), Some(2));
    let written = error.written().ok_or("says how many were written")?;
    assert!(written <= 3, "{written}");
    assert_eq!(Session::count().exec(&orm).await?, 1 + written);
    // Whatever was not written is free.
    let left: Vec<_> = ["a", "b", "c"].into_iter().skip(usize::try_from(written)?).map(session).collect();
    Session::create_many(left).exec(&orm).await?;
    assert_eq!(Session::count().exec(&orm).await?, 4);
    Ok(())
}

pub async fn each_record_is_stored_as_a_whole(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    Organization::create().name("Taken").slug("taken").exec(&orm).await?;
    let new = (0..70).map(|n| {
        Organization::create().name(format!("N{n}")).slug(if n == 60 { "taken".to_owned() } else { format!("s{n}") })
    });
    let error = assert_taken(Organization::create_many(new).exec(&orm).await, "organization", &["slug"]);
    assert_eq!(error.index(), Some(60));
    let written = error.written().ok_or("says how many were written")?;
    let stored = Organization::find_many().filter(Organization::NAME.starts_with("N")).exec(&orm).await?;
    assert_eq!(stored.len() as u64, written);
    // The record that failed has left no name behind.
    Organization::create().name("N60").slug("s60").exec(&orm).await?;
    Ok(())
}

pub async fn null_uniques_are_no_duplicates(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    let new = (0..10).map(|n| Employee::create().number(n).badge(format!("b{n}")));
    assert_eq!(Employee::create_many(new).exec(&orm).await?.len(), 10);
    let named = |n: i64| Employee::create().number(n).badge(format!("b{n}")).nickname("Nick");
    let error = assert_taken(Employee::create_many([named(10), named(11)]).exec(&orm).await, "employee", &["nickname"]);
    assert_eq!((error.index(), error.written()), (Some(1), Some(0)));
    Ok(())
}

pub async fn values_that_cannot_be_stored_are_found_first(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let user = |n: i128| User::create().email(format!("{n}@x.dev")).name("N").quota(n);
    let error = User::create_many([user(1), user(10_i128.pow(38)), user(2)]).exec(&orm).await.expect_err("39 digits");
    assert_eq!((error.code(), error.model(), error.fields()), (ErrorCode::InvalidValue, Some("user"), &["quota"][..]));
    assert_eq!((error.index(), error.written()), (Some(1), Some(0)));
    assert_eq!(User::count().exec(&orm).await?, 0);
    Ok(())
}

pub async fn whole_values(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    let people = [Employee::new(1, "one", None), Employee::new(2, "two", Some(1))];
    let stored = Employee::create_many(people.iter().cloned().map(Employee::insert)).exec(&orm).await?;
    assert_eq!(stored, people);
    assert_eq!(Employee::find_many().order_by(Employee::NUMBER.asc()).exec(&orm).await?, people);
    Ok(())
}

pub async fn some_with_ids_and_some_without(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    let (one, two) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
    let article = |id: Option<uuid::Uuid>, title: &str| {
        let create = Article::create().title(title);
        if let Some(id) = id { create.id(id) } else { create }
    };
    let new = [article(Some(one), "a"), article(None, "b"), article(Some(two), "c")];
    let ids = Article::create_many(new).select(Article::ID).exec(&orm).await?;
    assert_eq!((ids[0], ids[2], ids[1].get_version_num()), (one, two, 4));
    let error = assert_taken(
        Article::create_many([article(None, "d"), article(Some(two), "e")]).exec(&orm).await,
        "article",
        &["id"],
    );
    assert_eq!(error.index(), Some(1));
    assert_eq!(
        Article::find_unique(Article::ID.eq(two)).select(Article::TITLE).exec(&orm).await?.as_deref(),
        Some("c")
    );
    Ok(())
}
