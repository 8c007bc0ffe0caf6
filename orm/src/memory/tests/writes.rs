//! Writes: constraints, changes, and how far a write of many came.

use rust_decimal::Decimal;

use super::{User, all_of, assert_violation, email, ids, member, now, orm, user, with};
use crate::ErrorCode;
use crate::prelude::*;

#[test]
fn each_constraint_is_enforced_and_the_id_comes_first() {
    let orm = with([member("a", "o", "h")]);
    assert_violation(now(User::insert(member("a", "o", "h")).exec(&orm)), &["id"]);
    assert_violation(now(User::insert(User { id: "b".into(), ..member("a", "o", "h") }).exec(&orm)), &["email"]);
    let error = assert_violation(now(User::insert(member("b", "o", "h")).exec(&orm)), &["org", "handle"]);
    assert_eq!((error.index(), error.written()), (None, None), "a single record has no progress");
    assert_eq!(all_of(&orm).len(), 1);
}

#[test]
fn a_null_is_not_constrained() {
    let one = |id: &str| User { handle: "same".into(), ..user(id) };
    let orm = with([one("a"), one("b")]);
    assert_eq!(all_of(&orm).len(), 2);
    now(User::update(User::ID.eq("a")).set(User::ORG, "o").exec(&orm)).unwrap();
    assert_violation(now(User::update(User::ID.eq("b")).set(User::ORG, "o").exec(&orm)), &["org", "handle"]);
    now(User::update(User::ID.eq("a")).set(User::ORG, None).exec(&orm)).unwrap();
    assert!(now(User::update(User::ID.eq("b")).set(User::ORG, "o").exec(&orm)).unwrap().is_some());
}

#[test]
fn records_of_one_create_that_collide_are_found_before_anything_is_stored() {
    let orm = orm();
    let users = [user("a"), user("b"), User { email: "a@x.dev".into(), ..user("c") }];
    let error = assert_violation(now(User::create_many(users.map(User::insert)).exec(&orm)), &["email"]);
    assert_eq!((error.index(), error.written()), (Some(2), Some(0)));
    assert_eq!(all_of(&orm).len(), 0);
}

#[test]
fn a_create_of_many_says_how_far_it_came() {
    let orm = with([user("c")]);
    let users = ["a", "b", "c", "d"].map(user);
    let error = assert_violation(now(User::create_many(users.map(User::insert)).exec(&orm)), &["id"]);
    assert_eq!((error.index(), error.written()), (Some(2), Some(2)));
    assert_eq!(ids(&all_of(&orm)), ["c", "a", "b"]);
}

#[test]
fn an_update_moves_unique_values() {
    let orm = with(["a", "b"].map(user));
    assert_violation(now(User::update(email("a")).set(User::EMAIL, "b@x.dev").exec(&orm)), &["email"]);
    let same = now(User::update(email("a")).set(User::EMAIL, "a@x.dev").exec(&orm)).unwrap();
    assert_eq!(same, Some(user("a")), "its own value is not taken by another");
    now(User::update(email("a")).set(User::EMAIL, "new@x.dev").exec(&orm)).unwrap();
    assert_eq!(now(User::find_unique(email("a")).exec(&orm)).unwrap(), None);
    assert_eq!(now(User::find_unique(email("new")).select(User::ID).exec(&orm)).unwrap(), Some("a".into()));
    assert!(
        now(User::update(email("b")).set(User::EMAIL, "a@x.dev").exec(&orm)).unwrap().is_some(),
        "it is free again"
    );
}

#[test]
fn an_update_never_creates_and_without_changes_it_reads() {
    let orm = with([user("a")]);
    assert_eq!(now(User::update(User::ID.eq("b")).set(User::QUOTA, 1).exec(&orm)).unwrap(), None);
    assert_eq!(all_of(&orm), [user("a")]);
    assert_eq!(now(User::update(User::ID.eq("a")).exec(&orm)).unwrap(), Some(user("a")));
}

#[test]
fn increments_add_up() {
    let orm = with([user("a")]);
    let by = |n: i64, quota: i128, balance: &str| {
        let balance: Decimal = balance.parse().unwrap();
        now(User::update(User::ID.eq("a"))
            .increment(User::LOGINS, n)
            .increment(User::QUOTA, quota)
            .increment(User::BALANCE, balance)
            .select((User::LOGINS, User::QUOTA, User::BALANCE))
            .exec(&orm))
        .unwrap()
        .unwrap()
    };
    assert_eq!(by(2, 3, "0.25"), (Some(2), 3, "0.25".parse().unwrap()), "null counts as zero");
    let (logins, quota, balance) = by(-5, -4, "1.25");
    assert_eq!((logins, quota, balance.to_string().as_str()), (Some(-3), -1, "1.5"), "decimals are normalised");
}

#[test]
fn an_increment_that_does_not_fit_changes_nothing() {
    let top = 10_i128.pow(38) - 1;
    let before = User { logins: Some(i64::MAX), quota: top, balance: Decimal::MAX, ..user("a") };
    let orm = with([before.clone()]);
    let update = || User::update(User::ID.eq("a")).set(User::HANDLE, "changed");
    for (update, field) in [
        (update().increment(User::LOGINS, 1), "logins"),
        (update().increment(User::QUOTA, 1), "quota"),
        (update().increment(User::QUOTA, top), "quota"),
        (update().increment(User::BALANCE, Decimal::ONE), "balance"),
        (update().increment(User::BALANCE, Decimal::new(1, 1)), "balance"),
    ] {
        let error = now(update.exec(&orm)).unwrap_err();
        assert_eq!((error.code(), error.fields()), (ErrorCode::InvalidValue, &[field][..]), "{error}");
        assert_eq!((error.model(), error.backend_kind()), (Some("user"), Some("memory")));
    }
    assert_eq!(all_of(&orm), [before]);
}

#[test]
fn update_many_changes_all_that_match_and_says_how_far_it_came() {
    let orm = with(["a", "b", "c"].map(user));
    let changed = User::update_many().filter(User::ID.ne("b")).increment(User::QUOTA, 1).exec(&orm);
    assert_eq!(now(changed).unwrap(), 2);
    assert_eq!(now(User::count().filter(User::QUOTA.eq(1)).exec(&orm)).unwrap(), 2);
    let error = assert_violation(now(User::update_many().set(User::EMAIL, "same").exec(&orm)), &["email"]);
    assert_eq!((error.index(), error.written()), (None, Some(1)));
}

#[test]
fn an_upsert_changes_or_creates() {
    let orm = orm();
    let upsert = |new: User| {
        let upsert = User::upsert(User::EMAIL.eq(new.email.clone())).create(User::insert(new));
        now(upsert.update(|user| user.increment(User::QUOTA, 1)).exec(&orm))
    };
    assert_eq!(upsert(user("a")).unwrap(), user("a"));
    assert_eq!(upsert(user("a")).unwrap(), User { quota: 1, ..user("a") });
    assert_violation(upsert(User { email: "other@x.dev".into(), ..user("a") }), &["id"]);
    assert_eq!(all_of(&orm).len(), 1);
}

#[test]
fn deletes_free_unique_values() {
    let orm = with(["a", "b", "c", "d"].map(user));
    assert_eq!(now(User::delete(email("a")).exec(&orm)).unwrap(), 1);
    assert_eq!(now(User::delete(email("a")).exec(&orm)).unwrap(), 0);
    assert_eq!(now(User::consume(User::ID.eq("b")).exec(&orm)).unwrap(), Some(user("b")));
    assert_eq!(now(User::consume(User::ID.eq("b")).exec(&orm)).unwrap(), None);
    assert_eq!(now(User::delete_many().filter(User::ID.gt("a")).exec(&orm)).unwrap(), 2);
    now(User::create_many(["a", "b", "c", "d"].map(user).map(User::insert)).exec(&orm)).unwrap();
}

/// Nothing is added, so that there are no two changes.
#[test]
fn an_increment_by_nothing_may_stand_before_or_after_a_change() {
    let orm = with([user("a")]);
    let update = || User::update(User::ID.eq("a")).select(User::LOGINS);
    let before = update().increment(User::LOGINS, None).set(User::LOGINS, 1);
    assert_eq!(now(before.exec(&orm)).unwrap(), Some(Some(1)));
    let after = update().set(User::LOGINS, 2).increment(User::LOGINS, None);
    assert_eq!(now(after.exec(&orm)).unwrap(), Some(Some(2)));
    let twice = update().set(User::LOGINS, 3).increment(User::LOGINS, 1);
    assert_eq!(now(twice.exec(&orm)).unwrap_err().code(), ErrorCode::InvalidQuery);
}
