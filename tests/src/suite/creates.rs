//! Creates of one record.

use orm::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Outcome, assert_taken};
use crate::engine::Engine;
use crate::models::{Account, AccountMetadata, Plan, Session, Tier, User, schema};
use crate::seed::{day, seed};
use crate::strangers::{self, Article, Cents, Company, Slug, Task};

pub async fn fills_in_defaults(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let before = chrono::Utc::now();
    let user = User::create().email("new@x.dev").name("New").exec(&orm).await?;
    let after = chrono::Utc::now();
    assert!(Uuid::try_parse(&user.id).is_ok(), "{}", user.id);
    assert!(!user.email_verified);
    assert_eq!((user.login_count, user.tier, user.quota), (0, Tier::Free, 0));
    // To the millisecond, so possibly a little earlier than `before`.
    assert!(user.created_at >= before - chrono::TimeDelta::milliseconds(1) && user.created_at <= after);
    assert_eq!(user.created_at.timestamp_subsec_nanos() % 1_000_000, 0);
    let account = Account::create().user_id(&user.id).provider("p").account_id("a").exec(&orm).await?;
    assert_eq!((account.plan, account.balance, account.metadata), (Plan::Oss, Decimal::ZERO, None));
    Ok(())
}

pub async fn keeps_what_is_given_instead_of_defaults(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let user = User::create()
        .id("u1")
        .email("new@x.dev")
        .name("New")
        .email_verified(true)
        .login_count(-3)
        .tier(Tier::Enterprise)
        .quota(1_i128 << 100)
        .created_at(day(1))
        .updated_at(day(2))
        .exec(&orm)
        .await?;
    let expected = User {
        id: "u1".into(),
        email: "new@x.dev".into(),
        name: "New".into(),
        email_verified: true,
        login_count: -3,
        tier: Tier::Enterprise,
        quota: 1 << 100,
        created_at: day(1),
        updated_at: day(2),
    };
    assert_eq!(user, expected);
    assert_eq!(User::find_unique(User::ID.eq("u1")).exec(&orm).await?, Some(expected));
    Ok(())
}

pub async fn makes_up_different_ids(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    let a = Article::create().title("Same").select(Article::ID).exec(&orm).await?;
    let b = Article::create().title("Same").select(Article::ID).exec(&orm).await?;
    assert_ne!(a, b);
    assert_eq!(
        Article::find_unique(Article::ID.eq(a)).select(Article::TITLE).exec(&orm).await?.as_deref(),
        Some("Same")
    );
    Ok(())
}

pub async fn answers_a_selection(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let id = User::create().email("a@x.dev").name("A").select(User::ID).exec(&orm).await?;
    assert_eq!(User::find_unique(User::ID.eq(&id)).select(User::EMAIL).exec(&orm).await?.as_deref(), Some("a@x.dev"));
    let both = User::create().email("b@x.dev").name("B").select((User::NAME, User::TIER)).exec(&orm).await?;
    assert_eq!(both, ("B".to_owned(), Tier::Free));
    let owner = Session::create()
        .user_id(&seed.ada.id)
        .token("t")
        .expires_at(day(1))
        .select((Session::TOKEN, Session::USER.select(User::NAME)))
        .exec(&orm)
        .await?;
    assert_eq!(owner, ("t".to_owned(), Some("Ada".to_owned())));
    Ok(())
}

pub async fn inserts_a_whole_value(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let account = Account {
        id: "acc".into(),
        user_id: "u1".into(),
        provider: "github".into(),
        account_id: "gh".into(),
        plan: Plan::Cloud,
        balance: Decimal::new(1250, 3),
        metadata: Some(Json(AccountMetadata { plan: "cloud".into(), scopes: vec![] })),
    };
    assert_eq!(Account::insert(account.clone()).exec(&orm).await?, account);
    let found = Account::find_unique(Account::PROVIDER_ACCOUNT_ID.eq("github", "gh")).exec(&orm).await?;
    assert_eq!(found, Some(account.clone()));
    assert_taken(Account::insert(account).exec(&orm).await, "account", &["id"]);
    Ok(())
}

pub async fn a_query_is_a_value(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let create = User::create().name("Twin");
    create.clone().email("one@x.dev").exec(&orm).await?;
    create.email("two@x.dev").exec(&orm).await?;
    assert_eq!(User::count().filter(User::NAME.eq("Twin")).exec(&orm).await?, 2);
    // Dropped without being run.
    drop(User::create().name("Ghost").email("ghost@x.dev").select(User::ID));
    assert_eq!(User::count().exec(&orm).await?, 2);
    Ok(())
}

pub async fn refuses_taken_values(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    User::create().id("u1").email("a@x.dev").name("A").exec(&orm).await?;
    assert_taken(User::create().email("a@x.dev").name("B").exec(&orm).await, "user", &["email"]);
    assert_taken(User::create().id("u1").email("b@x.dev").name("B").exec(&orm).await, "user", &["id"]);
    // What failed left nothing behind: the other values are still free.
    User::create().id("u2").email("b@x.dev").name("B").exec(&orm).await?;
    assert_eq!(User::count().exec(&orm).await?, 2);

    let account = |provider: &str, id: &str| Account::create().user_id("u1").provider(provider).account_id(id);
    account("github", "1").exec(&orm).await?;
    account("github", "2").exec(&orm).await?;
    account("gitlab", "1").exec(&orm).await?;
    assert_taken(account("github", "2").exec(&orm).await, "account", &["provider", "account_id"]);
    assert_eq!(Account::count().exec(&orm).await?, 3);
    Ok(())
}

pub async fn an_integer_id_is_taken_once(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    for number in [0, -1, i64::MIN, i64::MAX] {
        Company::create().number(number).name("First").exec(&orm).await?;
        assert_taken(Company::create().number(number).name("Second").exec(&orm).await, "company", &["number"]);
    }
    let names = Company::find_many().order_by(Company::NUMBER.asc()).select((Company::NUMBER, Company::NAME));
    let first = |number| (number, "First".to_owned());
    assert_eq!(names.exec(&orm).await?, [first(i64::MIN), first(-1), first(0), first(i64::MAX)]);
    Ok(())
}

pub async fn reserved_words_custom_types_and_odd_columns(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    let task = Task::create()
        .task_id(Slug::from("write-docs"))
        .r#type("docs")
        .name("Docs")
        .status("open")
        .comment("soon")
        .place(7)
        .dotted("dot")
        .due("tomorrow")
        .shortcut(Slug::from("wd"))
        .price(Cents(499))
        .labels(vec!["a".to_owned(), "b".to_owned()])
        .exec(&orm)
        .await?;
    assert_eq!((task.size, task.assignee, &task.task_id), (1, None, &Slug::from("write-docs")));
    assert_eq!(Task::find_unique(Task::TASK_ID.eq(Slug::from("write-docs"))).exec(&orm).await?, Some(task.clone()));
    assert_eq!(Task::find_unique(Task::SHORTCUT.eq(Slug::from("wd"))).exec(&orm).await?, Some(task.clone()));
    let by_all = Task::find_first()
        .filter(all([
            Task::TYPE.eq("docs"),
            Task::NAME.starts_with("D"),
            Task::STATUS.eq("open"),
            Task::SIZE.lte(1),
            Task::COMMENT.contains("oo"),
            Task::PLACE.between(7, 8),
            Task::DOTTED.eq("dot"),
        ]))
        .filter(all([Task::DUE.ne("today"), Task::PRICE.gt(Cents(498)), Task::LABELS.is_not_null()]))
        .order_by((Task::PLACE.asc(), Task::DOTTED.desc(), Task::DUE.asc()))
        .exec(&orm)
        .await?;
    assert_eq!(by_all.as_ref(), Some(&task));
    let changed = Task::update(Task::SHORTCUT.eq(Slug::from("wd")))
        .set(Task::TYPE, "chore")
        .set(Task::STATUS, "done")
        .set(Task::COMMENT, None)
        .set(Task::DUE, None)
        .set(Task::LABELS, None)
        .set(Task::DOTTED, "dots")
        .increment(Task::PLACE, 1)
        .increment(Task::SIZE, 2)
        .increment(Task::PRICE, Cents(1))
        .exec(&orm)
        .await?;
    let expected = Task {
        r#type: "chore".into(),
        status: "done".into(),
        comment: None,
        due: None,
        labels: None,
        dotted: Some("dots".into()),
        place: Some(8),
        size: 3,
        price: Cents(500),
        ..task
    };
    assert_eq!(changed.as_ref(), Some(&expected));
    assert_eq!(Task::find_many().filter(Task::LABELS.is_null()).exec(&orm).await?, [expected]);
    Ok(())
}
