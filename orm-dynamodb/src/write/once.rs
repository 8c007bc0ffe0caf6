//! Writes that DynamoDB would apply twice if their answer got lost and they were sent again: each carries a token,
//! and the record remembers the last ones.
//!
//! A transaction has a token that DynamoDB itself remembers; a conditional PutItem and an `ADD` have none.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_dynamodb::types::AttributeValue;

use super::orphan::now;
use crate::expression::{Conjunction, Expressions, put};
use crate::sent::Attempts;
use crate::store::{Item, Table};

/// The tokens that a record remembers, the newest first. Our own addition to the format.
const NEWEST: (&str, &str) = ("#once", "__orm_once");
const SLOTS: [(&str, &str); 8] = [
    NEWEST,
    ("#once1", "__orm_once1"),
    ("#once2", "__orm_once2"),
    ("#once3", "__orm_once3"),
    ("#once4", "__orm_once4"),
    ("#once5", "__orm_once5"),
    ("#once6", "__orm_once6"),
    ("#once7", "__orm_once7"),
];
/// What stands in a slot that has had no token yet.
const NO_TOKEN: &str = "-";
/// How many such writes the record has seen.
const COUNT: (&str, &str) = ("#writes", "__orm_writes");
const REMEMBER: &str = "#writes = if_not_exists(#writes, :zero) + :one, #once = :token, \
    #once1 = if_not_exists(#once, :none), #once2 = if_not_exists(#once1, :none), \
    #once3 = if_not_exists(#once2, :none), #once4 = if_not_exists(#once3, :none), \
    #once5 = if_not_exists(#once4, :none), #once6 = if_not_exists(#once5, :none), \
    #once7 = if_not_exists(#once6, :none)";
const NOT_APPLIED: &str = "NOT (#once = :token OR #once1 = :token OR #once2 = :token OR #once3 = :token OR \
    #once4 = :token OR #once5 = :token OR #once6 = :token OR #once7 = :token)";

/// How far the clocks of two writers may be apart, and how long a write may be under way.
const MARGIN_MS: u128 = 10_000;

/// How many records this process keeps the count of. More are forgotten, which is safe.
const MAX_COUNTS: usize = 4096;

/// The last known counts of records, so that after a lost answer it can be told which writes came since.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    counts: Mutex<HashMap<String, u64>>,
}

impl Counts {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, u64>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was last seen of a record, before a write begins.
    pub(super) fn last(&self, table: &str, pk: &str) -> Option<u64> {
        self.lock().get(&format!("{table}/{pk}")).copied()
    }

    /// Notes the count of a record that was just read or written.
    pub(super) fn note(&self, table: &str, pk: &str, item: &Item) {
        let Some(count) = count(item) else {
            return;
        };
        let mut counts = self.lock();
        if counts.len() >= MAX_COUNTS {
            counts.clear();
        }
        let last = counts.entry(format!("{table}/{pk}")).or_default();
        *last = count.max(*last);
    }
}

fn count(item: &Item) -> Option<u64> {
    item.get(COUNT.1)?.as_n().ok()?.parse().ok()
}

/// What tells one transaction from all others, for the ten minutes in which DynamoDB remembers it. Only what was applied
/// is remembered: a transaction that was cancelled can be sent again under its token.
#[derive(Debug)]
pub(crate) struct TransactionToken {
    text: String,
    attempts: Attempts,
}

impl TransactionToken {
    pub(crate) fn new() -> Self {
        Self { text: format!("{:032x}", fastrand::u128(..)), attempts: Attempts::default() }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// What has been sent under it.
    pub(crate) fn attempts(&self) -> &Attempts {
        &self.attempts
    }
}

/// What makes a change to a record one that is applied once, in however many tries: what an earlier try has sent may still
/// arrive.
#[derive(Debug)]
pub(super) struct Once {
    pub(super) token: Token,
    /// The last known count of the record, from before the first try.
    pub(super) known: Option<u64>,
}

impl Once {
    pub(super) fn new(table: &Table<'_>, pk: &str) -> Self {
        Self { known: table.counts.last(table.name, pk), token: Token::new() }
    }
}

/// What tells one write from all others.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    text: String,
    made_at: u128,
}

impl Token {
    pub(crate) fn new() -> Self {
        let made_at = now();
        Self { text: format!("{made_at}-{:08x}", fastrand::u32(..)), made_at }
    }

    /// Puts the token into a new record.
    pub(crate) fn put_into(&self, item: &mut Item) {
        item.insert(NEWEST.1.to_owned(), AttributeValue::S(self.text.clone()));
    }

    /// Whether the write with this token has been applied to the record.
    pub(crate) fn is_in(&self, item: &Item) -> bool {
        history(item).any(|token| token == self.text)
    }

    /// Whether the record may have forgotten the token, because others have written since: no, if no more have than
    /// it remembers. `known` is the count before the write began.
    pub(crate) fn may_be_forgotten_by(&self, item: &Item, known: Option<u64>) -> bool {
        let tokens: Vec<&str> = history(item).collect();
        if tokens.len() < SLOTS.len() {
            return false;
        }
        if let (Some(known), Some(count)) = (known, count(item))
            && count.checked_sub(known).is_some_and(|since| since <= SLOTS.len() as u64)
        {
            return false;
        }
        let oldest =
            tokens.last().and_then(|token| token.split_once('-')).and_then(|(made_at, _)| made_at.parse().ok());
        oldest.is_none_or(|oldest: u128| oldest.saturating_add(MARGIN_MS) >= self.made_at)
    }

    /// The parts of `SET` that make the record remember the token, and forget the oldest.
    pub(super) fn remember(&self, expressions: &mut Expressions) -> &'static str {
        self.name_slots(expressions);
        let (count, name) = COUNT;
        expressions.internal(count, name);
        expressions.fixed_value(":none", AttributeValue::S(NO_TOKEN.to_owned()));
        expressions.fixed_value(":zero", AttributeValue::N("0".to_owned()));
        expressions.fixed_value(":one", AttributeValue::N("1".to_owned()));
        REMEMBER
    }

    fn name_slots(&self, expressions: &mut Expressions) {
        for (placeholder, name) in SLOTS {
            expressions.internal(placeholder, name);
        }
        expressions.fixed_value(":token", AttributeValue::S(self.text.clone()));
    }

    /// Adds the condition that the write has not been applied, and that nothing was since the record was last seen.
    pub(super) fn not_applied(&self, seen: Option<&Item>, expressions: &mut Expressions, all: &mut Conjunction) {
        self.name_slots(expressions);
        all.and().push_str(NOT_APPLIED);
        if let Some(seen) = seen {
            is_newest(seen, expressions, all);
        }
    }
}

/// Adds the condition that no write that is remembered came since the record was seen, a new record under its key included.
pub(super) fn is_newest(seen: &Item, expressions: &mut Expressions, all: &mut Conjunction) {
    let (placeholder, name) = NEWEST;
    expressions.internal(placeholder, name);
    match newest(seen) {
        Some(newest) => {
            let newest = expressions.value(AttributeValue::S(newest.to_owned()));
            put(all.and(), format_args!("{placeholder} = {newest}"));
        }
        None => put(all.and(), format_args!("attribute_not_exists({placeholder})")),
    }
}

/// Whether a record was there at a time, in milliseconds since 1970: one of the writes that it remembers is older, or it
/// remembers none, and then nobody chose its id.
pub(super) fn is_older_than(item: &Item, time: u128) -> bool {
    let mut made_at = history(item).map(|token| token.split_once('-').and_then(|(made_at, _)| made_at.parse().ok()));
    newest(item).is_none()
        || made_at.any(|made_at: Option<u128>| made_at.is_some_and(|at| at.saturating_add(MARGIN_MS) < time))
}

/// Whether no write that is remembered came between the two states of a record.
pub(super) fn same_history(before: &Item, after: &Item) -> bool {
    newest(before) == newest(after)
}

fn newest(item: &Item) -> Option<&str> {
    history(item).next()
}

fn history(item: &Item) -> impl Iterator<Item = &str> {
    let tokens = SLOTS.iter().filter_map(|(_, name)| item.get(*name)?.as_s().ok()).map(String::as_str);
    tokens.filter(|token| *token != NO_TOKEN)
}
