//! The operations of the budget, each by `orm` and by hand.

use std::fmt::Debug;
use std::pin::Pin;

use orm::prelude::*;

use super::Failure;
use super::data::{Note, at, email, user};
use super::hand::Hand;
use crate::models::{Profile, Session, User};

/// What an operation answers.
pub type Answer = Box<dyn Debug + Send>;
type Running<'a> = Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send + 'a>>;

/// What an operation is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// One record.
    Single,
    /// Many records of one model.
    Many,
    /// Records with those that belong to them: 1,000 rows.
    Relations,
    /// Writes of many records.
    Bulk,
}

/// One operation, done twice.
#[derive(Debug)]
pub struct Operation {
    pub name: &'static str,
    pub class: Class,
    /// Makes the record that is to be changed or deleted, for a number; nothing where there is one anyway.
    pub prepare: Option<fn(&Orm, usize) -> Running<'_>>,
    /// With `orm`, on the records of a number.
    pub ours: fn(&Orm, usize) -> Running<'_>,
    /// The same by hand.
    pub hand: fn(&Hand, usize) -> Running<'_>,
}

macro_rules! operations {
    ($($class:ident $name:literal $(after $prepare:expr)? => $ours:expr, $hand:expr;)*) => {
        vec![$(Operation {
            name: $name,
            class: Class::$class,
            prepare: operations!(@prepare $($prepare)?),
            ours: |orm, n| Box::pin(async move { answer(apply($ours, orm, n).await?) }),
            hand: |hand, n| Box::pin(async move { answer(apply($hand, hand, n).await?) }),
        }),*]
    };
    (@prepare) => { None };
    (@prepare $prepare:expr) => {
        Some(|orm, n| Box::pin(async move { answer(apply($prepare, orm, n).await?) }))
    };
}

/// Helps the compiler to the types of a closure's arguments.
fn apply<'a, T: ?Sized, F>(operation: impl FnOnce(&'a T, usize) -> F, on: &'a T, n: usize) -> F {
    operation(on, n)
}

#[allow(clippy::unnecessary_wraps, reason = "it ends a future that can fail")]
fn answer(value: impl Debug + Send + 'static) -> Result<Answer, Failure> {
    Ok(Box::new(value))
}

const WORDS: &str = "The engine weaves algebraical patterns.";
const NAME: &str = "Ada Lovelace";

/// How many users have sessions, memberships and notes: reads go through them in turn.
const ACTIVE: usize = super::data::Size::USUAL.active;

fn active(n: usize) -> String {
    user(n % ACTIVE)
}

/// The author of what is created: those of the reads keep their notes as they are.
fn other(n: usize) -> String {
    format!("other-{}", n % ACTIVE)
}

fn ids(kind: char, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{kind}{n:06}")).collect()
}

fn new_emails(n: usize) -> Vec<String> {
    (0..100).map(|place| format!("many-{n}-{place}@farminglabs.dev")).collect()
}

/// One that no other number has.
fn spare(what: &str, n: usize) -> String {
    format!("{what}-{n:08}@farminglabs.dev")
}

/// All of them.
pub fn operations() -> Vec<Operation> {
    operations! {
        Single "find_unique by id" =>
            |orm, n| User::find_unique(User::ID.eq(active(n))).exec(orm),
            |hand: &Hand, n| async move { hand.user(&active(n)).await };
        Single "find_unique by a unique field" =>
            |orm, n| User::find_unique(User::EMAIL.eq(email(n % ACTIVE))).exec(orm),
            |hand: &Hand, n| async move { hand.user_by_email(&email(n % ACTIVE)).await };
        Single "create, no unique field" =>
            |orm, n| Note::create().author(other(n)).text(WORDS).exec(orm),
            |hand: &Hand, n| async move { hand.create_note(&other(n), WORDS).await };
        Single "create, one unique field" =>
            |orm, n| User::create().email(spare("create", n)).name(NAME).exec(orm),
            |hand: &Hand, n| async move { hand.create_user(&spare("create", n), NAME).await };
        Single "update by id" =>
            |orm, n| User::update(User::ID.eq(active(n))).set(User::NAME, NAME).exec(orm),
            |hand: &Hand, n| async move { hand.rename_user(&active(n), NAME).await };
        Single "update by a unique field" =>
            |orm, n| User::update(User::EMAIL.eq(email(n % ACTIVE))).set(User::NAME, NAME).exec(orm),
            |hand: &Hand, n| async move { hand.rename_user_by_email(&email(n % ACTIVE), NAME).await };
        Single "update of a unique field"
            after |orm, n| User::create().id(format!("moving-{n}")).email(spare("before", n)).name(NAME).exec(orm) =>
            |orm, n| User::update(User::ID.eq(format!("moving-{n}"))).set(User::EMAIL, spare("after", n)).exec(orm),
            |hand: &Hand, n| async move { hand.move_user(&format!("moving-{n}"), &spare("after", n)).await };
        Single "upsert of a record that exists" =>
            |orm, n| {
                let email = email(n % ACTIVE);
                User::upsert(User::EMAIL.eq(&email))
                    .create(User::create().email(&email).name(NAME))
                    .update(|user| user.set(User::NAME, NAME))
                    .exec(orm)
            },
            |hand: &Hand, n| async move { hand.upsert_user(&email(n % ACTIVE), NAME).await };
        Single "increment" =>
            |orm, n| Note::update(Note::ID.eq(format!("n{:06}00", n % ACTIVE))).increment(Note::STARS, 1).exec(orm),
            |hand: &Hand, n| async move { hand.star_note(&format!("n{:06}00", n % ACTIVE)).await };
        Single "delete by id, no unique field"
            after |orm, n| Note::create().id(spare("note", n)).author("nobody").text(WORDS).exec(orm) =>
            |orm, n| Note::delete(Note::ID.eq(spare("note", n))).exec(orm),
            |hand: &Hand, n| async move { hand.delete_note(&spare("note", n)).await };
        Single "delete by a unique field"
            after |orm, n| User::create().email(spare("delete", n)).name(NAME).exec(orm) =>
            |orm, n| User::delete(User::EMAIL.eq(spare("delete", n))).exec(orm),
            |hand: &Hand, n| async move { hand.delete_user_by_email(&spare("delete", n)).await };
        Single "consume by a unique field"
            after |orm, n| {
                Session::create().user_id("nobody").token(spare("once", n)).expires_at(at(n)).exec(orm)
            } =>
            |orm, n| Session::consume(Session::TOKEN.eq(spare("once", n))).exec(orm),
            |hand: &Hand, n| async move { hand.consume_session(&spare("once", n)).await };
        Many "find_many, 100 ids" =>
            |orm, _| User::find_many().filter(User::ID.is_in(ids('u', 100))).exec(orm),
            |hand: &Hand, _| async move { hand.users(&ids('u', 100)).await };
        Many "find_many on an index, newest 10" =>
            |orm, n| {
                let notes = Note::find_many().filter(Note::AUTHOR.eq(active(n)));
                notes.order_by(Note::WRITTEN_AT.desc()).take(10).exec(orm)
            },
            |hand: &Hand, n| async move { hand.newest_notes(&active(n), 10).await };
        Many "find_many on an index with a filter, 50" =>
            |orm, n| Note::find_many().filter(Note::AUTHOR.eq(active(n)).and(Note::STARS.lt(1_000_000))).exec(orm),
            |hand: &Hand, n| async move { hand.notes_below(&active(n), 1_000_000).await };
        Many "a page of 20" =>
            |orm, n| {
                let notes = Note::find_many().filter(Note::AUTHOR.eq(active(n))).order_by(Note::WRITTEN_AT.asc());
                let page = notes.page(20);
                async move { page.exec(orm).await.map(|page| page.items) }
            },
            |hand: &Hand, n| async move {
                let (notes, cursor) = hand.page_of_notes(&active(n), 20).await?;
                std::hint::black_box(cursor);
                Ok::<_, Failure>(notes)
            };
        Many "count on an index" =>
            |orm, n| Note::count().filter(Note::AUTHOR.eq(active(n))).exec(orm),
            |hand: &Hand, n| async move { hand.count_notes(&active(n)).await };
        Relations "belongs_to, 1,000 records" =>
            |orm, _| {
                let profiles = Profile::find_many().filter(Profile::ID.is_in(ids('p', 1_000)));
                profiles.select((Profile::ALL, Profile::USER)).exec(orm)
            },
            |hand: &Hand, _| async move { hand.profiles_with_users(&ids('p', 1_000)).await };
        Relations "has_one, 1,000 records" =>
            |orm, _| {
                let users = User::find_many().filter(User::ID.is_in(ids('u', 1_000)));
                users.select((User::ALL, User::PROFILE)).exec(orm)
            },
            |hand: &Hand, _| async move { hand.users_with_profiles(&ids('u', 1_000)).await };
        Relations "has_many, 100 records with 10 each" =>
            |orm, _| {
                let users = User::find_many().filter(User::ID.is_in(ids('u', 100)));
                users.select((User::ALL, User::SESSIONS)).exec(orm)
            },
            |hand: &Hand, _| async move { hand.users_with_sessions(&ids('u', 100)).await };
        Relations "many_to_many, 100 records with 10 each" =>
            |orm, _| {
                let users = User::find_many().filter(User::ID.is_in(ids('u', 100)));
                users.select((User::ALL, User::ORGANIZATIONS)).exec(orm)
            },
            |hand: &Hand, _| async move { hand.users_with_organizations(&ids('u', 100)).await };
        Bulk "create_many of 100, no unique field" =>
            |orm, n| Note::create_many((0..100).map(|_| Note::create().author(other(n)).text(WORDS))).exec(orm),
            |hand: &Hand, n| async move { hand.create_notes(&other(n), &[WORDS; 100]).await };
        Bulk "create_many of 100, one unique field" =>
            |orm, n| {
                User::create_many(new_emails(n).into_iter().map(|email| User::create().email(email).name(NAME)))
                    .exec(orm)
            },
            |hand: &Hand, n| async move { hand.create_users(&new_emails(n), NAME).await };
        Bulk "update_many of 50" =>
            |orm, n| Note::update_many().filter(Note::AUTHOR.eq(active(n))).set(Note::TEXT, WORDS).exec(orm),
            |hand: &Hand, n| async move { hand.rewrite_notes(&active(n), WORDS).await };
        Bulk "delete_many of 50"
            after |orm, n| {
                let notes = (0..50).map(|place| {
                    Note::create().id(format!("d{n}-{place}")).author(spare("gone", n)).text(WORDS)
                });
                Note::create_many(notes).exec(orm)
            } =>
            |orm, n| Note::delete_many().filter(Note::AUTHOR.eq(spare("gone", n))).exec(orm),
            |hand: &Hand, n| async move { hand.delete_notes(&spare("gone", n)).await };
    }
}
