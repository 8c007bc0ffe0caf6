//! The contract of [`Driver`](crate::Driver), clause by clause.

mod reads;
mod writes;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use rust_decimal::Decimal;

use super::MemoryDriver;
use crate::capabilities::{Capabilities, Returning, UpsertSupport};
use crate::prelude::*;
use crate::schema::{FieldSchema, ModelSchema};
use crate::{Column, ErrorCode};

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[orm(table = "users", unique(org, handle))]
struct User {
    #[orm(id)]
    id: String,
    #[orm(unique, column = "email_address")]
    email: String,
    org: Option<String>,
    handle: String,
    logins: Option<i64>,
    quota: i128,
    balance: Decimal,
}

/// The answer of a future that has nothing to wait for.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("the memory driver never waits"),
    }
}

fn user(id: &str) -> User {
    User { id: id.into(), email: format!("{id}@x.dev"), handle: id.into(), ..User::default() }
}

fn member(id: &str, org: &str, handle: &str) -> User {
    User { org: Some(org.into()), handle: handle.into(), ..user(id) }
}

fn orm() -> Orm {
    now(Orm::bootstrap(schema![User], MemoryDriver::new())).unwrap()
}

fn with(users: impl IntoIterator<Item = User>) -> Orm {
    let orm = orm();
    now(User::create_many(users.into_iter().map(User::insert)).exec(&orm)).unwrap();
    orm
}

fn ids(users: &[User]) -> Vec<&str> {
    users.iter().map(|user| user.id.as_str()).collect()
}

fn all_of(orm: &Orm) -> Vec<User> {
    now(User::find_many().exec(orm)).unwrap()
}

fn email(id: &str) -> crate::Key<User> {
    User::EMAIL.eq(format!("{id}@x.dev"))
}

#[track_caller]
fn assert_violation<T: std::fmt::Debug>(answer: Result<T, Error>, fields: &[&str]) -> Error {
    let error = answer.unwrap_err();
    assert_eq!(error.code(), ErrorCode::UniqueConstraintViolation, "{error:?}");
    assert_eq!((error.model(), error.backend_kind()), (Some("user"), Some("memory")));
    assert_eq!(error.fields(), fields);
    error
}

#[test]
fn it_says_what_it_is() {
    let orm = orm();
    assert_eq!(orm.driver().kind(), "memory");
    assert!(orm.driver().client::<MemoryDriver>().is_some());
    let capabilities = orm.driver().capabilities();
    assert_eq!(capabilities.upsert, UpsertSupport::Native);
    assert_eq!(capabilities.returning.delete, Returning::Record);
    assert_eq!(capabilities.native_relation_loading, Capabilities::document_store().native_relation_loading);
    assert_eq!(format!("{:?}", orm.driver().client::<MemoryDriver>().unwrap()), r#"MemoryDriver({"users": 0})"#);
}

#[test]
fn tables_exist_once_pushed_and_pushing_again_changes_nothing() {
    let driver = MemoryDriver::new();
    let orm = Orm::new(schema![User], driver.clone()).unwrap();
    let missing = |error: Error| {
        assert_eq!((error.code(), error.model()), (ErrorCode::MissingTable, Some("user")));
        assert_eq!(error.backend_kind(), Some("memory"));
        assert!(error.to_string().contains("`users`") && error.to_string().contains("`orm.push_schema()`"), "{error}");
    };
    missing(now(User::find_many().exec(&orm)).unwrap_err());
    missing(now(User::insert(user("a")).exec(&orm)).unwrap_err());
    missing(now(User::delete(User::ID.eq("a")).exec(&orm)).unwrap_err());
    now(orm.push_schema()).unwrap();
    now(User::insert(user("a")).exec(&orm)).unwrap();
    now(orm.push_schema()).unwrap();
    let other = Orm::new(schema![User], driver).unwrap();
    assert_eq!(ids(&all_of(&other)), ["a"], "clones of a driver share their data");
}

#[test]
fn the_check_refuses_what_dynamodb_refuses() {
    static MODEL: ModelSchema =
        ModelSchema::new("user", "users", 0, &[FieldSchema::new("id", "id", <String as Column>::FACTS).id()])
            .in_database_schema("auth");
    let error = Orm::new(crate::Schema::new([&MODEL]), MemoryDriver::new()).unwrap_err();
    assert_eq!((error.code(), error.backend_kind()), (ErrorCode::Unsupported, Some("memory")));
}

#[test]
fn concurrent_writers_lose_nothing() {
    let orm = with([user("a"), user("token")]);
    let winners: usize = std::thread::scope(|scope| {
        let writer = || {
            for _ in 0..100 {
                now(User::update(User::ID.eq("a")).increment(User::QUOTA, 1).exec(&orm)).unwrap();
            }
            usize::from(now(User::consume(User::ID.eq("token")).exec(&orm)).unwrap().is_some())
        };
        let writers: Vec<_> = (0..8).map(|_| scope.spawn(writer)).collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    });
    assert_eq!(winners, 1);
    assert_eq!(all_of(&orm), [User { quota: 800, ..user("a") }]);
}

#[test]
fn a_panic_elsewhere_does_not_lose_the_data() {
    let driver = MemoryDriver::new();
    let orm = now(Orm::bootstrap(schema![User], driver.clone())).unwrap();
    let poison = std::thread::spawn(move || {
        let _guard = driver.tables.lock().unwrap();
        panic!("on purpose");
    });
    assert!(poison.join().is_err());
    now(User::insert(user("a")).exec(&orm)).unwrap();
    assert_eq!(all_of(&orm), [user("a")]);
}

#[test]
fn an_older_and_a_newer_model_can_share_a_table() {
    #[derive(Model)]
    #[orm(table = "users", name = "user")]
    struct OldUser {
        handle: String,
        #[orm(id)]
        id: String,
    }

    let driver = MemoryDriver::new();
    let orm = now(Orm::bootstrap(schema![User], driver.clone())).unwrap();
    let old = now(Orm::bootstrap(schema![OldUser], driver)).unwrap();
    now(User::insert(user("a")).exec(&orm)).unwrap();
    now(OldUser::create().handle("old").id("b").exec(&old)).unwrap();
    let (handle, id) = (OldUser::HANDLE, OldUser::ID);
    now(OldUser::update(id.eq("a")).set(handle, "changed").exec(&old)).unwrap();
    let expected = User { handle: "changed".into(), ..user("a") };
    assert_eq!(now(User::find_unique(email("a")).exec(&orm)).unwrap(), Some(expected), "found by column, none lost");
    // A value that the older model takes away, though it knows of no constraint, is there for another record.
    now(User::insert(member("m", "o", "h")).exec(&orm)).unwrap();
    now(OldUser::update(id.eq("m")).set(handle, "g").exec(&old)).unwrap();
    now(User::insert(member("n", "o", "h")).exec(&orm)).unwrap();
    assert_eq!(now(User::find_unique(User::ID.eq("b")).exec(&orm)).unwrap_err().code(), ErrorCode::Decode);
    now(OldUser::delete(id.eq("a")).exec(&old)).unwrap();
    now(User::insert(user("a")).exec(&orm)).unwrap();
}
