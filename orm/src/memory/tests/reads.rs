//! Reads: filters, orders, pages and groups.

use super::{User, ids, member, now, user, with};
use crate::driver::{Context, Driver, Find, FindGrouped};
use crate::memory::MemoryDriver;
use crate::prelude::*;
use crate::{Condition, Order, Value};

#[test]
fn reads_filter_order_skip_and_take() {
    let quota = |id: &str, quota| User { quota, ..user(id) };
    let orm = with([quota("a", 2), quota("b", 1), quota("c", 2), quota("d", 3)]);
    let found = User::find_many().filter(User::QUOTA.lt(3)).order_by((User::QUOTA.desc(), User::ID.desc()));
    assert_eq!(ids(&now(found.clone().exec(&orm)).unwrap()), ["c", "a", "b"]);
    assert_eq!(ids(&now(found.skip(1).take(1).exec(&orm)).unwrap()), ["a"]);
    assert_eq!(ids(&now(User::find_many().order_by(User::QUOTA.asc()).exec(&orm)).unwrap()), ["b", "a", "c", "d"]);
}

#[test]
fn a_key_in_a_filter_does_not_hide_the_rest_of_it() {
    let orm = with([member("a", "o", "h"), member("b", "o", "i")]);
    let find = |filter: crate::Filter<User>| now(User::find_many().filter(filter).exec(&orm)).unwrap().len();
    assert_eq!(find(User::ID.eq("a").and(User::HANDLE.eq("h"))), 1);
    assert_eq!(find(User::ID.eq("a").and(User::HANDLE.eq("i"))), 0);
    assert_eq!(find(User::ID.eq("a").and(User::ID.eq("b"))), 0);
    assert_eq!(find(User::ID.eq("a").or(User::ID.eq("b"))), 2);
    assert_eq!(find(!User::ID.eq("a")), 1);
    assert_eq!(find(User::HANDLE.eq("i").and(User::ORG.eq("o"))), 1);
    assert_eq!(find(User::ORG.eq("o")), 2);
    assert_eq!(now(User::find_unique(User::ORG_HANDLE.eq("o", "i")).exec(&orm)).unwrap(), Some(member("b", "o", "i")));
    assert_eq!(find(User::ORG.is_null()), 0);
}

#[test]
fn grouped_reads_answer_in_the_order_of_the_keys() {
    let driver = MemoryDriver::new();
    let orm = now(Orm::bootstrap(schema![User], driver.clone())).unwrap();
    let users = [member("a", "x", "1"), member("b", "y", "2"), member("c", "x", "3"), member("d", "x", "4"), user("e")];
    now(User::create_many(users.map(User::insert)).exec(&orm)).unwrap();
    let text = |text: &str| Value::Text(text.into());
    let find = Find {
        model: User::schema(),
        filter: Condition::Not(Box::new(Condition::Compare(0, crate::Comparison::Eq, text("a")))),
        order: vec![Order { field: 3, descending: true }],
        skip: 0,
        take: Some(1),
        fields: vec![3, 0],
    };
    let grouped = |query: FindGrouped| -> Vec<Vec<Vec<Value>>> {
        let groups = now(driver.find_grouped(&Context::new(), &query)).unwrap();
        groups.iter().map(|rows| rows.map(<[Value]>::to_vec).collect()).collect()
    };
    let row = |handle, id| vec![vec![text(handle), text(id)]];
    let query = FindGrouped { find: find.clone(), by: 2, keys: [text("none"), text("y"), text("x")].into() };
    assert_eq!(grouped(query), [vec![], row("2", "b"), row("4", "d")]);
    let query = FindGrouped { find, by: 0, keys: [text("d"), text("a"), text("none"), text("b")].into() };
    assert_eq!(grouped(query), [row("4", "d"), vec![], vec![], row("2", "b")]);
}
