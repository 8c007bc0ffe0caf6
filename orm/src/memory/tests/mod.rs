//! The contract of [`Driver`](crate::Driver), clause by clause, on a model written by hand.

mod reads;
mod writes;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use rust_decimal::Decimal;

use super::MemoryDriver;
use crate::capabilities::{Capabilities, Returning, UpsertSupport};
use crate::prelude::*;
use crate::reader::RowReader;
use crate::schema::{FieldSchema, ModelSchema, UniqueSchema};
use crate::{Column, CompoundKey, ErrorCode, Field, Id, Plain, Unique};

#[derive(Clone, Debug, Default, PartialEq)]
struct User {
    id: String,
    email: String,
    org: Option<String>,
    handle: String,
    logins: Option<i64>,
    quota: i128,
    balance: Decimal,
}

impl User {
    const ID: Field<Self, String, Id> = Field::new(0);
    const EMAIL: Field<Self, String, Unique> = Field::new(1);
    const ORG: Field<Self, Option<String>, Plain> = Field::new(2);
    const HANDLE: Field<Self, String, Plain> = Field::new(3);
    const LOGINS: Field<Self, Option<i64>, Plain> = Field::new(4);
    const QUOTA: Field<Self, i128, Plain> = Field::new(5);
    const BALANCE: Field<Self, Decimal, Plain> = Field::new(6);
    const ORG_HANDLE: CompoundKey<Self, (Option<String>, String)> = CompoundKey::new(&[2, 3]);
}

impl Model for User {
    type Id = String;
    const ID: Field<Self, String, Id> = Self::ID;

    fn id_of(record: &Self) -> &String {
        &record.id
    }

    fn schema() -> &'static ModelSchema {
        static SCHEMA: ModelSchema = ModelSchema::new(
            "user",
            "users",
            0,
            &[
                FieldSchema::new("id", "id", <String as Column>::FACTS).id(),
                FieldSchema::new("email", "email_address", <String as Column>::FACTS).unique(),
                FieldSchema::new("org", "org", <Option<String> as Column>::FACTS),
                FieldSchema::new("handle", "handle", <String as Column>::FACTS),
                FieldSchema::new("logins", "logins", <Option<i64> as Column>::FACTS),
                FieldSchema::new("quota", "quota", <i128 as Column>::FACTS),
                FieldSchema::new("balance", "balance", <Decimal as Column>::FACTS),
            ],
        )
        .unique(&[UniqueSchema::new(&[1]), UniqueSchema::new(&[2, 3])]);
        &SCHEMA
    }

    fn from_row(row: &mut RowReader<'_>) -> Result<Self, Error> {
        Ok(Self {
            email: row.read(Self::EMAIL)?,
            org: row.read(Self::ORG)?,
            handle: row.read(Self::HANDLE)?,
            logins: row.read(Self::LOGINS)?,
            quota: row.read(Self::QUOTA)?,
            balance: row.read(Self::BALANCE)?,
            id: row.read(Self::ID)?,
        })
    }

    fn into_draft(self, draft: &mut crate::__private::Draft) {
        draft.set(Self::ID, self.id);
        draft.set(Self::EMAIL, self.email);
        draft.set(Self::ORG, self.org);
        draft.set(Self::HANDLE, self.handle);
        draft.set(Self::LOGINS, self.logins);
        draft.set(Self::QUOTA, self.quota);
        draft.set(Self::BALANCE, self.balance);
    }
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
    struct OldUser(String);
    impl Model for OldUser {
        type Id = String;
        const ID: Field<Self, String, Id> = Field::new(1);

        fn id_of(record: &Self) -> &String {
            &record.0
        }

        fn schema() -> &'static ModelSchema {
            static SCHEMA: ModelSchema = ModelSchema::new(
                "user",
                "users",
                1,
                &[
                    FieldSchema::new("handle", "handle", <String as Column>::FACTS),
                    FieldSchema::new("id", "id", <String as Column>::FACTS).id(),
                ],
            );
            &SCHEMA
        }

        fn from_row(_: &mut RowReader<'_>) -> Result<Self, Error> {
            Ok(Self(String::new()))
        }

        fn into_draft(self, draft: &mut crate::__private::Draft) {
            draft.set(Field::<Self, String, Plain>::new(0), "old");
            draft.set(Field::<Self, String, Id>::new(1), "b");
        }
    }

    let driver = MemoryDriver::new();
    let orm = now(Orm::bootstrap(schema![User], driver.clone())).unwrap();
    let old = now(Orm::bootstrap(schema![OldUser], driver)).unwrap();
    now(User::insert(user("a")).exec(&orm)).unwrap();
    now(OldUser::insert(OldUser("a".to_owned())).exec(&old)).unwrap();
    let handle = Field::<OldUser, String, Plain>::new(0);
    let id = Field::<OldUser, String, Id>::new(1);
    now(OldUser::update(id.eq("a")).set(handle, "changed").exec(&old)).unwrap();
    let expected = User { handle: "changed".into(), ..user("a") };
    assert_eq!(now(User::find_unique(email("a")).exec(&orm)).unwrap(), Some(expected), "found by column, none lost");
    assert_eq!(now(User::find_unique(User::ID.eq("b")).exec(&orm)).unwrap_err().code(), ErrorCode::Decode);
    now(OldUser::delete(id.eq("a")).exec(&old)).unwrap();
    now(User::insert(user("a")).exec(&orm)).unwrap();
}
