//! Errors: what their code, model and fields say.

use std::fmt::Debug;

use orm::ErrorCode;
use orm::prelude::*;

use super::{Outcome, assert_refused, assert_taken};
use crate::engine::Engine;
use crate::models::{self, Account, Organization, Profile, Session, User};
use crate::seed::{day, seed};
use crate::strangers::{self, Company, Slug, Task};

#[track_caller]
fn assert_missing<T: Debug>(orm: &Orm, result: Result<T, Error>, model: &str, table: &str) {
    let error = assert_refused(result, ErrorCode::MissingTable, model, &[]);
    assert!(error.to_string().contains(table), "{error}");
    assert_eq!(error.backend_kind(), Some(orm.driver().kind()));
    assert!(!error.is_retryable());
}

pub async fn missing_tables_of_reads(engine: &impl Engine) -> Outcome {
    let orm = engine.orm_without_tables(models::schema())?;
    assert_missing(&orm, User::find_unique(User::ID.eq("u")).exec(&orm).await, "user", "users");
    assert_missing(&orm, User::find_unique(User::EMAIL.eq("e")).exec(&orm).await, "user", "users");
    assert_missing(&orm, User::find_many().exec(&orm).await, "user", "users");
    assert_missing(&orm, User::find_many().filter(User::ID.is_in(["a", "b"])).exec(&orm).await, "user", "users");
    assert_missing(&orm, Session::find_many().filter(Session::USER_ID.eq("u")).exec(&orm).await, "session", "sessions");
    assert_missing(&orm, User::find_first().exec(&orm).await, "user", "users");
    assert_missing(&orm, User::count().exec(&orm).await, "user", "users");
    Ok(())
}

pub async fn missing_tables_of_writes(engine: &impl Engine) -> Outcome {
    let orm = engine.orm_without_tables(models::schema())?;
    let user = || User::create().email("a@x.dev").name("A");
    assert_missing(&orm, user().exec(&orm).await, "user", "users");
    let several = User::create_many([user(), User::create().email("b@x.dev").name("B")]).exec(&orm).await;
    assert_missing(&orm, several, "user", "users");
    assert_missing(&orm, User::update(User::ID.eq("u")).set(User::NAME, "N").exec(&orm).await, "user", "users");
    assert_missing(&orm, User::update(User::EMAIL.eq("e")).set(User::EMAIL, "f").exec(&orm).await, "user", "users");
    assert_missing(&orm, User::update_many().set(User::NAME, "N").exec(&orm).await, "user", "users");
    let upsert = User::upsert(User::EMAIL.eq("a@x.dev")).create(user()).exec(&orm).await;
    assert_missing(&orm, upsert, "user", "users");
    assert_missing(&orm, User::delete(User::ID.eq("u")).exec(&orm).await, "user", "users");
    assert_missing(&orm, User::delete_many().exec(&orm).await, "user", "users");
    assert_missing(&orm, User::consume(User::EMAIL.eq("e")).exec(&orm).await, "user", "users");
    Ok(())
}

pub async fn missing_tables_of_models_without_uniques(engine: &impl Engine) -> Outcome {
    let orm = engine.orm_without_tables(strangers::schema())?;
    let company = |number| Company::create().number(number).name("A");
    assert_missing(&orm, company(1).exec(&orm).await, "company", "companies");
    assert_missing(&orm, Company::create_many([company(1), company(2)]).exec(&orm).await, "company", "companies");
    let update = Company::update(Company::NUMBER.eq(1)).set(Company::NAME, "B").exec(&orm).await;
    assert_missing(&orm, update, "company", "companies");
    assert_missing(&orm, Company::delete(Company::NUMBER.eq(1)).exec(&orm).await, "company", "companies");
    assert_missing(&orm, Company::consume(Company::NUMBER.eq(1)).exec(&orm).await, "company", "companies");
    Ok(())
}

pub async fn pushing_the_schema_makes_the_tables(engine: &impl Engine) -> Outcome {
    let orm = engine.orm_without_tables(models::schema())?;
    orm.push_schema().await?;
    let ada = User::create().email("a@x.dev").name("Ada").exec(&orm).await?;
    orm.push_schema().await?;
    assert_eq!(User::find_many().exec(&orm).await?, [ada], "a second push changes nothing");
    Ok(())
}

pub async fn models_that_are_not_in_the_schema(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema![User]).await?;
    let ada = User::create().email("a@x.dev").name("Ada").exec(&orm).await?;
    let code = ErrorCode::MissingSchema;
    assert_refused(Session::find_many().exec(&orm).await, code, "session", &[]);
    assert_refused(Session::find_unique(Session::TOKEN.eq("t")).exec(&orm).await, code, "session", &[]);
    assert_refused(Session::count().exec(&orm).await, code, "session", &[]);
    let create = || Session::create().user_id("u").token("t").expires_at(day(1));
    assert_refused(create().exec(&orm).await, code, "session", &[]);
    assert_refused(Session::create_many([create()]).exec(&orm).await, code, "session", &[]);
    assert_refused(
        Session::update(Session::ID.eq("s")).set(Session::TOKEN, "t").exec(&orm).await,
        code,
        "session",
        &[],
    );
    assert_refused(Session::update_many().set(Session::TOKEN, "t").exec(&orm).await, code, "session", &[]);
    assert_refused(Session::upsert(Session::TOKEN.eq("t")).create(create()).exec(&orm).await, code, "session", &[]);
    assert_refused(Session::delete(Session::ID.eq("s")).exec(&orm).await, code, "session", &[]);
    assert_refused(Session::delete_many().exec(&orm).await, code, "session", &[]);
    assert_refused(Session::consume(Session::ID.eq("s")).exec(&orm).await, code, "session", &[]);
    // Nor can relations lead there.
    assert_refused(User::find_many().select(User::SESSIONS).exec(&orm).await, code, "session", &[]);
    let error = assert_refused(ada.profile().exec(&orm).await, code, "profile", &[]);
    assert!(error.to_string().contains("schema!"), "{error}");
    // What would be refused cannot be explained.
    assert_refused(Session::find_many().explain(&orm), code, "session", &[]);
    assert_refused(ada.profile().explain(&orm), code, "profile", &[]);
    let session = Session { id: "s".to_owned(), user_id: ada.id.clone(), token: "t".to_owned(), expires_at: day(1) };
    assert_refused(session.user().exec(&orm).await, code, "session", &[]);
    assert_refused(session.user().explain(&orm), code, "session", &[]);
    Ok(())
}

#[derive(Model, Debug)]
#[orm(table = "counters")]
pub struct Generated {
    #[orm(id(generated))]
    pub id: i64,
    pub name: String,
}

#[derive(Model, Debug)]
#[orm(table = "auth.users")]
pub struct Qualified {
    #[orm(id)]
    pub id: String,
}

#[allow(deprecated, reason = "what is said at run time about an index on a boolean")]
#[derive(Model, Debug)]
#[orm(table = "flags")]
#[orm(index(owner, done))]
pub struct IndexedBool {
    #[orm(id)]
    pub id: String,
    pub owner: String,
    pub done: bool,
}

#[allow(deprecated, reason = "what is said at run time about an index on a document")]
#[derive(Model, Debug)]
#[orm(table = "documents")]
pub struct IndexedDocument {
    #[orm(id)]
    pub id: String,
    #[orm(index)]
    pub body: Option<serde_json::Value>,
}

pub async fn models_that_cannot_be_held(engine: &impl Engine) -> Outcome {
    let code = ErrorCode::Unsupported;
    let error = assert_refused(engine.orm_without_tables(schema![User, Generated]), code, "generated", &["id"]);
    assert_eq!(error.backend_kind(), engine.orm_without_tables(schema![User])?.driver().kind().into());
    assert_refused(engine.orm_without_tables(schema![Qualified]), code, "qualified", &[]);
    assert_refused(engine.orm_without_tables(schema![IndexedBool]), code, "indexed_bool", &["done"]);
    assert_refused(engine.orm_without_tables(schema![IndexedDocument]), code, "indexed_document", &["body"]);
    Ok(())
}

#[derive(Model, Debug)]
#[orm(table = "people", name = "user")]
pub struct SameName {
    #[orm(id)]
    pub id: String,
}

#[derive(Model, Debug)]
#[orm(table = "users")]
pub struct SameTable {
    #[orm(id)]
    pub id: String,
}

pub async fn two_models_with_one_name_or_table(engine: &impl Engine) -> Outcome {
    let code = ErrorCode::InvalidQuery;
    let error = assert_refused(engine.orm_without_tables(schema![User, SameName]), code, "user", &[]);
    assert!(error.to_string().contains("the name `user`") && error.to_string().contains("#[orm(name = "), "{error}");
    let error = assert_refused(engine.orm_without_tables(schema![User, SameTable]), code, "same_table", &[]);
    assert!(error.to_string().contains("the table `users`") && error.to_string().contains("#[orm(table = "), "{error}");
    // One model twice is one model.
    assert_eq!(engine.orm_without_tables(schema![User, User])?.schema().models().len(), 1);
    Ok(())
}

pub async fn a_violation_says_all_there_is(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(models::schema()).await?;
    let seed = seed(&orm).await?;
    let error = assert_taken(Profile::create().user_id(&seed.ada.id).exec(&orm).await, "profile", &["user_id"]);
    assert_eq!(error.backend_kind(), Some(orm.driver().kind()));
    assert!(!error.is_retryable());
    assert!(error.to_string().contains("`profile`") && error.to_string().contains("user_id"), "{error}");
    assert_eq!((error.index(), error.written()), (None, None), "a single write has no progress");
    assert!(error.violates(Profile::USER_ID) && !error.violates(Profile::ID) && !error.violates(User::ID));
    let error = User::create().id(&seed.ada.id).email("new@x.dev").name("N").exec(&orm).await.expect_err("it is taken");
    assert!(error.violates(User::ID) && !error.violates(User::EMAIL), "{error:?}");
    let account = Account::create().user_id(&seed.grace.id).provider("github").account_id("gh_ada");
    let error = account.exec(&orm).await.expect_err("it is taken");
    assert!(error.violates(Account::PROVIDER_ACCOUNT_ID), "{error:?}");
    // Of several violated constraints, one is named.
    let both = Organization::create().name("Compilers").slug("farming-labs").exec(&orm).await;
    let error = both.expect_err("both are taken");
    assert_eq!((error.code(), error.model()), (ErrorCode::UniqueConstraintViolation, Some("organization")));
    assert!([["name"], ["slug"]].contains(&[error.fields()[0]]), "{error:?}");
    Ok(())
}

pub async fn values_that_their_type_refuses(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    let bad = Slug::from("has spaces");
    let code = ErrorCode::InvalidValue;
    let task = || Task::create().r#type("t").name("n").status("s");
    // The field's name is the renamed one.
    assert_refused(task().task_id(&bad).exec(&orm).await, code, "task", &["taskId"]);
    assert_refused(Task::find_unique(Task::TASK_ID.eq(&bad)).exec(&orm).await, code, "task", &["taskId"]);
    let good = task().task_id(Slug::from("good")).exec(&orm).await?;
    assert_refused(
        Task::update(Task::TASK_ID.eq(&good.task_id)).set(Task::SHORTCUT, &bad).exec(&orm).await,
        code,
        "task",
        &["shortcut"],
    );
    assert_refused(Task::find_many().filter(Task::SHORTCUT.eq(&bad)).exec(&orm).await, code, "task", &["shortcut"]);
    assert_eq!(Task::find_many().exec(&orm).await?, [good]);
    Ok(())
}

pub async fn operators_that_do_not_fit_a_custom_encoding(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    // These fields say at run time only what they hold: `price` is a number, `labels` a text.
    let code = ErrorCode::InvalidQuery;
    assert_refused(Task::find_many().filter(Task::PRICE.contains("1")).exec(&orm).await, code, "task", &["price"]);
    let labels = Task::update(Task::TASK_ID.eq(Slug::from("a"))).increment(Task::LABELS, None).exec(&orm).await;
    assert_refused(labels, code, "task", &["labels"]);
    Task::find_many().filter(Task::LABELS.contains("a").and(Task::PRICE.gt(strangers::Cents(1)))).exec(&orm).await?;
    Task::find_many().order_by((Task::PRICE.asc(), Task::LABELS.desc())).exec(&orm).await?;
    assert_refused(Task::find_many().filter(Task::PRICE.is_null()).exec(&orm).await, code, "task", &["price"]);
    assert_refused(Task::count().filter(!Task::PRICE.is_not_null()).exec(&orm).await, code, "task", &["price"]);
    Task::find_many().filter(Task::LABELS.is_null()).exec(&orm).await?;

    let orm = engine.orm(schema![Folder, Sheet]).await?;
    assert_refused(Sheet::find_many().order_by(Sheet::SIZES.asc()).exec(&orm).await, code, "sheet", &["sizes"]);
    assert_refused(Sheet::find_first().order_by(Sheet::SIZES.asc()).exec(&orm).await, code, "sheet", &["sizes"]);
    assert_refused(Sheet::find_many().order_by(Sheet::SIZES.asc()).page(2).exec(&orm).await, code, "sheet", &["sizes"]);
    let related = Folder::find_many().select(Folder::SHEETS.order_by(Sheet::SIZES.asc())).exec(&orm).await;
    assert_refused(related, code, "sheet", &["sizes"]);
    let folder = Folder::create().exec(&orm).await?;
    for tag in ["", "red"] {
        Sheet::create().folder_id(&folder.id).tag(tag).sizes(vec![]).exec(&orm).await?;
    }
    let tags = |filter| Sheet::find_many().filter(filter).select(Sheet::TAG);
    assert_eq!(tags(Sheet::TAG.is_null()).exec(&orm).await?, [""]);
    assert_eq!(tags(Sheet::TAG.is_not_null()).exec(&orm).await?, ["red"]);
    assert_refused(folder.sheets().order_by(Sheet::SIZES.asc()).exec(&orm).await, code, "sheet", &["sizes"]);
    Ok(())
}

#[derive(Model, Debug)]
#[orm(table = "folders", has_many(sheets: Sheet, foreign_key = folder_id))]
struct Folder {
    #[orm(id)]
    id: String,
}

#[derive(Model, Debug)]
#[orm(table = "sheets", belongs_to(folder: Folder, foreign_key = folder_id))]
struct Sheet {
    #[orm(id)]
    id: String,
    folder_id: String,
    /// Encoded as a document, which has no order.
    #[orm(with = pairs)]
    sizes: Vec<(u32, u32)>,
    #[orm(with = absent)]
    tag: String,
}

/// The empty text is null.
mod absent {
    pub fn encode(text: &str) -> Option<String> {
        (!text.is_empty()).then(|| text.to_owned())
    }

    pub fn decode(text: Option<String>) -> Result<String, std::convert::Infallible> {
        Ok(text.unwrap_or_default())
    }
}

mod pairs {
    use orm::Json;

    pub fn encode(pairs: &[(u32, u32)]) -> Json<Vec<(u32, u32)>> {
        Json(pairs.to_vec())
    }

    pub fn decode(pairs: Json<Vec<(u32, u32)>>) -> Result<Vec<(u32, u32)>, std::convert::Infallible> {
        Ok(pairs.0)
    }
}
