//! The public API by example: the description's snippets, as they are written there, compile and do what they say.

use chrono::{Duration, Utc};
use orm::prelude::*;
use orm_dynamodb::{DynamoDb, Embedded};
use tests::models::*;
use tests::seed::seed;
use tests::suite::Outcome;

async fn fresh() -> Result<Orm, Error> {
    Orm::bootstrap(schema(), Embedded::in_memory()?).await
}

#[tokio::test]
async fn an_orm() -> Outcome {
    let schema = schema![User, Profile, Session, Account, Organization, Member];
    let embedded = Embedded::in_memory()?;
    let client: aws_sdk_dynamodb::Client = embedded.client();

    let orm = Orm::from_runtime(schema.clone(), client.clone())?;
    orm.push_schema().await?;
    orm.push_schema().await?;
    let orm = Orm::new(schema.clone(), DynamoDb::new(client.clone()))?;
    orm.push_schema().await?;
    let orm = Orm::bootstrap(schema.clone(), &client).await?;
    assert_eq!(orm.driver().kind(), "dynamodb");
    assert!(orm.driver().client::<aws_sdk_dynamodb::Client>().is_some());
    assert!(!orm.driver().capabilities().supports_joins);
    seed(&orm).await?;

    let orm = Orm::bootstrap(schema.clone(), orm_dynamodb::Embedded::in_memory()?).await?;
    assert_eq!(User::count().exec(&orm).await?, 0);
    let path = std::env::temp_dir().join(format!("orm-{}.db", uuid::Uuid::new_v4()));
    {
        let orm = Orm::bootstrap(schema.clone(), orm_dynamodb::Embedded::open(&path)?).await?;
        seed(&orm).await?;
    }
    let orm = Orm::bootstrap(schema.clone(), orm_dynamodb::Embedded::open(&path)?).await?;
    assert_eq!(User::count().exec(&orm).await?, 2);
    drop(orm);
    std::fs::remove_file(&path)?;

    let orm = Orm::bootstrap(schema.clone(), orm::MemoryDriver::new()).await?;
    assert_eq!(orm.driver().kind(), "memory");

    // Another engine: SQLite below this one does not tell the table `Users` from `users`.
    let client = Embedded::in_memory()?.client();
    let driver = DynamoDb::builder(client.clone()).table_prefix("prod_").table::<User>("Users").build();
    let orm = Orm::bootstrap(schema, driver).await?;
    seed(&orm).await?;
    let tables = client.list_tables().send().await?;
    assert!(tables.table_names().contains(&"Users".to_owned()));
    assert!(tables.table_names().contains(&"prod_sessions".to_owned()));
    Ok(())
}

#[derive(Select, Debug)]
#[orm(model = User)]
struct UserCard {
    id: String,
    email: String,
    profile: Option<ProfileBio>,
    sessions: Vec<SessionToken>,
}
#[derive(Select, Debug)]
#[orm(model = Profile)]
struct ProfileBio {
    bio: Option<String>,
}
#[derive(Select, Debug)]
#[orm(model = Session)]
struct SessionToken {
    token: String,
}

#[tokio::test]
async fn reading_by_name() -> Outcome {
    let orm = fresh().await?;
    let id = seed(&orm).await?.ada.id;
    let card: Option<UserCard> =
        User::find_unique(User::EMAIL.eq("ada@farminglabs.dev")).select_as::<UserCard>().exec(&orm).await?;
    let card = card.ok_or("Ada is there")?;
    assert_eq!((card.id, card.email.as_str()), (id, "ada@farminglabs.dev"));
    assert_eq!(card.profile.and_then(|profile| profile.bio).as_deref(), Some("Analyst"));
    let mut tokens: Vec<String> = card.sessions.into_iter().map(|session| session.token).collect();
    tokens.sort();
    assert_eq!(tokens, ["session-1", "session-2"]);
    Ok(())
}

#[tokio::test]
async fn reading() -> Outcome {
    let orm = fresh().await?;
    let id = seed(&orm).await?.ada.id;

    let ada: Option<User> = User::find_unique(User::EMAIL.eq("ada@farminglabs.dev")).exec(&orm).await?;
    let acc = Account::find_unique(Account::PROVIDER_ACCOUNT_ID.eq("github", "gh_ada")).exec(&orm).await?;
    assert_eq!(acc.map(|acc| acc.user_id), ada.as_ref().map(|ada| ada.id.clone()));
    let ada = ada.ok_or("Ada is there")?;

    let user: Option<(String, String, Option<Option<String>>, Vec<String>)> =
        User::find_unique(User::EMAIL.eq("ada@farminglabs.dev"))
            .select((
                User::ID,
                User::EMAIL,
                User::PROFILE.select(Profile::BIO),
                User::SESSIONS.order_by(Session::TOKEN.desc()).take(1).select(Session::TOKEN),
            ))
            .exec(&orm)
            .await?;
    let expected = (ada.id.clone(), ada.email.clone(), Some(Some("Analyst".into())), vec!["session-2".into()]);
    assert_eq!(user, Some(expected));
    let both: Option<(User, Vec<Session>)> =
        User::find_unique(User::ID.eq(&id)).select((User::ALL, User::SESSIONS)).exec(&orm).await?;
    assert_eq!(both.map(|(user, sessions)| (user.name, sessions.len())), Some(("Ada".into(), 2)));

    let sessions: Vec<Session> = Session::find_many()
        .filter(Session::USER_ID.eq(&id).and(Session::EXPIRES_AT.gt(tests::seed::day(1))))
        .order_by(Session::EXPIRES_AT.desc())
        .skip(0)
        .take(10)
        .exec(&orm)
        .await?;
    assert_eq!(sessions.iter().map(|s| s.token.as_str()).collect::<Vec<_>>(), ["session-2", "session-1"]);
    let first: Option<User> = User::find_first()
        .filter(
            any([User::NAME.contains("a"), User::TIER.is_in([Tier::Pro, Tier::Enterprise])])
                .and(!User::EMAIL.contains("@spam")),
        )
        .order_by(User::EMAIL.asc())
        .exec(&orm)
        .await?;
    assert_eq!(first.map(|user| user.name).as_deref(), Some("Ada"));
    let n: u64 = Session::count().filter(Session::USER_ID.eq(&id)).exec(&orm).await?;
    assert_eq!(n, 2);

    let latest: Vec<Session> = ada.sessions().order_by(Session::EXPIRES_AT.desc()).take(1).exec(&orm).await?;
    let owner: Option<User> = latest[0].user().exec(&orm).await?;
    assert_eq!(owner, Some(ada));
    Ok(())
}

#[tokio::test]
async fn large_results() -> Outcome {
    let orm = fresh().await?;
    let user = |n: usize| User::create().email(format!("{n}@x.dev")).name("N");
    User::create_many((0..80).map(user)).exec(&orm).await?;

    let page: Page<User> = User::find_many().page(50).exec(&orm).await?;
    assert_eq!(page.items.len(), 50);
    let next = User::find_many().page(50).after(page.next.unwrap()).exec(&orm).await?;
    assert_eq!((next.items.len(), next.next), (30, None));

    use futures_util::{StreamExt, TryStreamExt};
    let mut all = User::find_many().stream(&orm);
    let first: Option<Result<User, Error>> = StreamExt::next(&mut all).await;
    let rest: Vec<User> = all.try_collect().await?;
    assert_eq!((first.transpose()?.is_some(), rest.len()), (true, 79));

    println!("{}", Session::find_many().filter(Session::USER_ID.eq("u1")).explain(&orm)?);
    Ok(())
}

#[tokio::test]
async fn writing() -> Outcome {
    let orm = fresh().await?;
    let names = ["carol", "dave"];
    let later = Utc::now() + Duration::hours(1);

    let ada: User = User::create().email("ada@farminglabs.dev").name("Ada").exec(&orm).await?;
    let id: String = User::create().email("b@x.dev").name("B").select(User::ID).exec(&orm).await?;
    let users: Vec<User> =
        User::create_many(names.iter().map(|n| User::create().email(format!("{n}@x.dev")).name(n))).exec(&orm).await?;
    assert_eq!(users.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), names);

    let changed: Option<User> = User::update(User::EMAIL.eq("ada@farminglabs.dev"))
        .set(User::EMAIL_VERIFIED, true)
        .increment(User::LOGIN_COUNT, 1)
        .exec(&orm)
        .await?;
    let expected = User { email_verified: true, login_count: 1, ..ada.clone() };
    assert_eq!(changed, Some(expected));
    Session::create().user_id(&id).token("session-1").expires_at(Utc::now()).exec(&orm).await?;
    let changed: u64 =
        Session::update_many().filter(Session::USER_ID.eq(&id)).set(Session::EXPIRES_AT, later).exec(&orm).await?;
    assert_eq!(changed, 1);

    let session: Session = Session::upsert(Session::TOKEN.eq("session-2"))
        .create(Session::create().user_id(&id).token("session-2").expires_at(later))
        .update(|s| s.set(Session::EXPIRES_AT, later))
        .exec(&orm)
        .await?;
    assert_eq!(session.user_id, id);

    let gone: u64 = Session::delete(Session::TOKEN.eq("session-2")).exec(&orm).await?;
    assert_eq!(gone, 1);
    let gone: u64 = Session::delete_many().filter(Session::USER_ID.eq(&id)).exec(&orm).await?;
    assert_eq!(gone, 1);
    Session::create().user_id(&id).token("one-time").expires_at(later).exec(&orm).await?;
    let used: Option<Session> = Session::consume(Session::TOKEN.eq("one-time")).exec(&orm).await?;
    assert!(used.is_some());
    assert_eq!(Session::consume(Session::TOKEN.eq("one-time")).exec(&orm).await?, None);

    let value = User { id: "u1".into(), email: "i@x.dev".into(), ..ada };
    let user: User = User::insert(value.clone()).exec(&orm).await?;
    assert_eq!(user, value);

    let user = orm
        .transaction(|tx| async move {
            let user = User::create().email("linus@x.dev").name("Linus").exec(&tx).await?;
            Profile::create().user_id(&user.id).bio("Kernel").exec(&tx).await?;
            Ok(user)
        })
        .await?;
    let profile = user.profile().exec(&orm).await?;
    assert_eq!(profile.and_then(|profile| profile.bio).as_deref(), Some("Kernel"));
    Ok(())
}

#[tokio::test]
async fn errors() -> Outcome {
    use orm::ErrorCode;
    use std::error::Error as _;

    let orm = fresh().await?;
    seed(&orm).await?;
    let error = User::create().email("ada@farminglabs.dev").name("Impostor").exec(&orm).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::UniqueConstraintViolation);
    assert_eq!((error.model(), error.fields()), (Some("user"), &["email"][..]));
    assert_eq!(error.backend_kind(), Some("dynamodb"));
    assert!(!error.is_retryable());

    let orm = Orm::from_runtime(schema(), Embedded::in_memory()?)?;
    let error = User::find_many().exec(&orm).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::MissingTable);
    assert!(error.to_string().contains("`users`") && error.to_string().contains("push_schema"), "{error}");
    let source = error.source().ok_or("the AWS error is kept")?;
    assert!(
        source
            .downcast_ref::<aws_sdk_dynamodb::error::SdkError<aws_sdk_dynamodb::operation::scan::ScanError>>()
            .is_some()
    );
    Ok(())
}

/// Queries are values: they can be sent to another task, and cloned where their parts can.
#[tokio::test]
async fn queries_are_values() -> Outcome {
    let orm = fresh().await?;
    seed(&orm).await?;
    let query = User::find_many().filter(User::NAME.eq("Ada"));
    let again = query.clone();
    let in_task = tokio::spawn({
        let orm = orm.clone();
        async move { query.exec(&orm).await }
    });
    assert_eq!(in_task.await??, again.exec(&orm).await?);
    Ok(())
}
