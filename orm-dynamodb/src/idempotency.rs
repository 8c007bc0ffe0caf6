//! Writes that DynamoDB would apply twice if their answer got lost and they were sent again: each carries a token,
//! and the record remembers the last ones.
//!
//! A transaction has a token that DynamoDB itself remembers; a conditional PutItem and an `ADD` have none.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use crate::clock::now;
use crate::expression::{Conjunction, Expressions, put};
use crate::in_doubt::Attempts;
use crate::item;
use crate::table::{Item, Table};

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
/// The token of the last write that was sent more than once: its first attempt may arrive when the slots above are those of
/// later writes.
const SENT_AGAIN: (&str, &str) = ("#again", "__orm_again");
/// What stands in a slot that has had no token yet.
const NO_TOKEN: &str = "-";
/// How many updates with a token the record has seen.
const COUNT: (&str, &str) = ("#writes", "__orm_writes");
const REMEMBER: &str = "#writes = if_not_exists(#writes, :zero) + :one, #once = :token, \
    #once1 = if_not_exists(#once, :none), #once2 = if_not_exists(#once1, :none), \
    #once3 = if_not_exists(#once2, :none), #once4 = if_not_exists(#once3, :none), \
    #once5 = if_not_exists(#once4, :none), #once6 = if_not_exists(#once5, :none), \
    #once7 = if_not_exists(#once6, :none)";
const NOT_APPLIED: &str = "NOT (#once = :token OR #once1 = :token OR #once2 = :token OR #once3 = :token OR \
    #once4 = :token OR #once5 = :token OR #once6 = :token OR #once7 = :token OR #again = :token)";

/// How far the clocks of two writers may be apart, ten seconds, and how long a write may be under way with its pauses, twenty.
const MARGIN_MS: u128 = 30_000;

/// How many records this process keeps the count of. More are forgotten, which is safe.
const MAX_COUNTS: usize = 4096;

/// The last known counts of records, so that after a lost answer it can be told which writes came since.
#[derive(Default)]
pub(crate) struct Counts {
    counts: Mutex<HashMap<String, Counted>>,
}

impl fmt::Debug for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the keys of the records: ids may be secrets.
        let records = self.counts.try_lock().map_or(0, |counts| counts.len());
        f.debug_struct("Counts").field("records", &records).finish()
    }
}

/// How many such writes a record had seen, and the token of the last: a new record under its key has another one.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    count: u64,
    newest: String,
}

impl Counted {
    pub(crate) fn of(item: &Item) -> Option<Self> {
        Some(Self { count: count(item)?, newest: newest(item)?.to_owned() })
    }

    /// Whether the record still remembers all that came since.
    fn is_followed_by(&self, later: &Self, tokens: &[&str]) -> bool {
        let since = later.count.checked_sub(self.count).and_then(|since| usize::try_from(since).ok());
        since.and_then(|since| tokens.get(since)).is_some_and(|token| *token == self.newest)
    }
}

impl Counts {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Counted>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was last seen of a record, before a write begins.
    pub(crate) fn last(&self, table: &str, pk: &str) -> Option<Counted> {
        self.lock().get(&format!("{table}/{pk}")).cloned()
    }

    /// Notes the count of a record that was just read or written.
    pub(crate) fn note(&self, table: &str, pk: &str, item: &Item) {
        if let Some(counted) = Counted::of(item) {
            self.insert(table, pk, counted);
        }
    }

    /// Notes a record that was just stored with this token.
    pub(crate) fn note_new(&self, table: &str, pk: &str, token: &Token) {
        self.insert(table, pk, Counted { count: 0, newest: token.text.clone() });
    }

    fn insert(&self, table: &str, pk: &str, counted: Counted) {
        let mut counts = self.lock();
        if counts.len() >= MAX_COUNTS {
            counts.clear();
        }
        counts.insert(format!("{table}/{pk}"), counted);
    }
}

/// What tells one transaction from all others, for the ten minutes in which DynamoDB remembers it. Only what was applied
/// is remembered: a transaction that was cancelled can be sent again under its token.
#[derive(Debug)]
pub(crate) struct TransactionToken {
    text: String,
    attempts: Attempts,
    has_lost_an_answer: AtomicBool,
}

impl TransactionToken {
    pub(crate) fn new() -> Self {
        let text = Uuid::new_v4().simple().to_string();
        Self { text, attempts: Attempts::default(), has_lost_an_answer: AtomicBool::new(false) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// What has been sent under it.
    pub(crate) fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    /// It was refused. What an attempt before has sent, whose answer was lost, was not applied until then, and may be later.
    pub(crate) fn settle_refused(&self) {
        self.has_lost_an_answer.store(true, Ordering::Relaxed);
        self.attempts.settle();
    }

    /// Whether something that was sent under it may still arrive.
    pub(crate) fn has_lost_an_answer(&self) -> bool {
        self.has_lost_an_answer.load(Ordering::Relaxed)
    }
}

/// What makes a change to a record one that is applied once, in however many tries: what an earlier try has sent may still
/// arrive.
#[derive(Debug)]
pub(crate) struct Once {
    pub(crate) token: Token,
    has_lost_an_answer: AtomicBool,
}

impl Once {
    pub(crate) fn new(table: &Table<'_>, pk: &str) -> Self {
        Self { token: Token::of(table, pk), has_lost_an_answer: AtomicBool::new(false) }
    }

    /// An attempt got no answer, and may still arrive.
    pub(crate) fn note_lost(&self) {
        self.has_lost_an_answer.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_lost_an_answer(&self) -> bool {
        self.has_lost_an_answer.load(Ordering::Relaxed)
    }
}

/// What tells one write from all others.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    text: String,
    made_at: u128,
    /// What was last seen of the record, before the write began.
    known: Option<Counted>,
    /// Whether a record under this key may be a new one though it does not remember its create.
    may_be_replaced_unseen: bool,
}

impl Token {
    pub(crate) fn new(known: Option<Counted>) -> Self {
        let made_at = now();
        let (random, ..) = Uuid::new_v4().as_fields();
        Self { text: format!("{made_at}-{random:08x}"), made_at, known, may_be_replaced_unseen: false }
    }

    /// For a write of the record with this key.
    pub(crate) fn of(table: &Table<'_>, pk: &str) -> Self {
        Self::after(table.counts.last(table.name, pk), pk)
    }

    /// For a write of the record with this key, of which this was seen last.
    pub(crate) fn after(known: Option<Counted>, pk: &str) -> Self {
        // One that is stored with its locks, in a transaction, does not remember that, nor does one of another program.
        Self { may_be_replaced_unseen: !is_of_uuid(pk), ..Self::new(known) }
    }

    /// Puts the token into a new record.
    pub(crate) fn put_into(&self, item: &mut Item) {
        item.insert(NEWEST.1.to_owned(), AttributeValue::S(self.text.clone()));
    }

    /// Whether the write with this token has been applied to the record.
    pub(crate) fn is_in(&self, item: &Item) -> bool {
        history(item).chain(item::text(item, SENT_AGAIN.1)).any(|token| token == self.text)
    }

    /// Whether it is not known from the record, which does not have the token, that the write was not applied. The record may
    /// have forgotten it, when more have written since than it remembers; or the write was applied to another record, which
    /// was deleted since, and this one stored under its key.
    pub(crate) fn is_left_open_by(&self, item: &Item) -> bool {
        let tokens: Vec<&str> = history(item).collect();
        let is_known = match (&self.known, Counted::of(item)) {
            (Some(known), Some(now)) => known.is_followed_by(&now, &tokens),
            _ => false,
        };
        let has_an_older = tokens.last().is_some_and(|token| is_before(token, self.made_at));
        let replaced_none = !self.may_be_replaced_unseen && remembers_no_create(item, &tokens);
        !(is_known || has_an_older || replaced_none)
    }

    /// The parts of `SET` that make the record remember the token, and forget the oldest.
    pub(crate) fn remember(&self, expressions: &mut Expressions) -> &'static str {
        self.name_slots(expressions);
        let (count, name) = COUNT;
        expressions.internal(count, name);
        expressions.fixed_value(":none", AttributeValue::S(NO_TOKEN.to_owned()));
        expressions.fixed_value(":zero", AttributeValue::N("0".to_owned()));
        expressions.fixed_value(":one", AttributeValue::N("1".to_owned()));
        REMEMBER
    }

    /// One more part of `SET`, for a write that is sent again.
    pub(crate) fn remember_longer(&self, expressions: &mut Expressions) -> &'static str {
        let (placeholder, name) = SENT_AGAIN;
        expressions.internal(placeholder, name);
        ", #again = :token"
    }

    fn name_slots(&self, expressions: &mut Expressions) {
        for (placeholder, name) in SLOTS {
            expressions.internal(placeholder, name);
        }
        expressions.fixed_value(":token", AttributeValue::S(self.text.clone()));
    }

    /// Adds the condition that the write has not been applied, and that nothing was since the record was last seen.
    pub(crate) fn not_applied(&self, seen: Option<&Item>, expressions: &mut Expressions, all: &mut Conjunction) {
        self.name_slots(expressions);
        let (placeholder, name) = SENT_AGAIN;
        expressions.internal(placeholder, name);
        all.and().push_str(NOT_APPLIED);
        if let Some(seen) = seen {
            is_newest(seen, expressions, all);
        }
    }
}

/// Adds the condition that no write that is remembered came since the record was seen, a new record under its key included.
pub(crate) fn is_newest(seen: &Item, expressions: &mut Expressions, all: &mut Conjunction) {
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

/// Whether a record was there at a time, in milliseconds since 1970: one of the writes that it remembers is older.
pub(crate) fn remembers_from_before(item: &Item, time: u128) -> bool {
    history(item).any(|token| is_before(token, time))
}

/// Whether the id in the key of a record is a UUID, which nobody takes twice. Without hyphens it may be a hash.
fn is_of_uuid(pk: &str) -> bool {
    pk.split_once('#').is_some_and(|(_, id)| id.contains('-') && Uuid::try_parse(id).is_ok())
}

/// Whether all tokens that a record ever had are those of updates: a create that chooses the id leaves one as well.
fn remembers_no_create(item: &Item, tokens: &[&str]) -> bool {
    tokens.len() < SLOTS.len() && count(item) == u64::try_from(tokens.len()).ok()
}

/// Whether a token was made before a time.
fn is_before(token: &str, time: u128) -> bool {
    let made_at = token.split_once('-').and_then(|(made_at, _)| made_at.parse::<u128>().ok());
    made_at.is_some_and(|made_at| made_at.saturating_add(MARGIN_MS) < time)
}

/// How many updates with a token a record has seen; nothing when that cannot be read.
fn count(item: &Item) -> Option<u64> {
    item.get(COUNT.1).map_or(Some(0), |count| count.as_n().ok()?.parse().ok())
}

/// Whether no write that is remembered came between the two states of a record.
pub(crate) fn same_history(before: &Item, after: &Item) -> bool {
    newest(before) == newest(after)
}

fn newest(item: &Item) -> Option<&str> {
    history(item).next()
}

fn history(item: &Item) -> impl Iterator<Item = &str> {
    SLOTS.iter().filter_map(|(_, name)| item::text(item, name)).filter(|token| *token != NO_TOKEN)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// A record that has seen so many such writes, with these tokens, the newest first.
    fn record(count: u64, tokens: [&str; 8]) -> Item {
        let slots = SLOTS.iter().zip(tokens);
        let mut item: Item =
            slots.map(|((_, name), token)| ((*name).to_owned(), AttributeValue::S(token.to_owned()))).collect();
        item.insert(COUNT.1.to_owned(), AttributeValue::N(count.to_string()));
        item
    }

    /// Tokens of a time that is still to come: by their time alone, any write may have been forgotten.
    const LATER: [&str; 8] = [
        "9999999999998-h",
        "9999999999998-g",
        "9999999999998-f",
        "9999999999998-e",
        "9999999999998-d",
        "9999999999998-c",
        "9999999999998-b",
        "9999999999998-a",
    ];

    #[test]
    fn a_known_count_tells_that_nothing_is_forgotten() {
        let counts = Counts::default();
        let [.., before] = LATER;
        counts.note("notes", "record#a", &record(5, [before, "2-x", "1-x", "-", "-", "-", "-", "-"]));
        let known = counts.last("notes", "record#a");
        let token = Token::new(known);
        assert!(!token.is_left_open_by(&record(12, LATER)));
        assert!(token.is_left_open_by(&record(13, LATER)), "it no longer has the known one");
        assert!(Token::new(None).is_left_open_by(&record(12, LATER)));
    }

    #[test]
    fn the_count_of_a_deleted_record_says_nothing_of_the_next_one() {
        let counts = Counts::default();
        counts.note("notes", "record#a", &record(5, ["3-x", "2-x", "1-x", "-", "-", "-", "-", "-"]));
        let known = counts.last("notes", "record#a");
        assert!(Token::new(known).is_left_open_by(&record(12, LATER)));
    }

    #[test]
    fn a_record_that_may_be_a_new_one_leaves_open_what_became_of_a_write() {
        let counts = Counts::default();
        let created = Token::new(None);
        let mut item = Item::new();
        created.put_into(&mut item);
        let later = || Token::new(counts.last("notes", "record#a"));
        assert!(later().is_left_open_by(&item), "it may have been stored after the write began");
        counts.note_new("notes", "record#a", &created);
        assert!(!later().is_left_open_by(&item), "it is known from before");
        let long_after = Token { made_at: created.made_at + 2 * MARGIN_MS, ..Token::new(None) };
        assert!(!long_after.is_left_open_by(&item), "it is older");
        // Nobody chose the id of a record that was stored without a token.
        for count in [0, 1, 7] {
            let tokens: [&str; 8] = std::array::from_fn(|place| if place < count { LATER[place] } else { NO_TOKEN });
            assert!(!later().is_left_open_by(&record(count as u64, tokens)));
            assert!(later().is_left_open_by(&record(count as u64 + 1, tokens)));
        }
    }

    #[test]
    fn a_record_that_remembers_as_much_as_it_can_may_have_forgotten_its_create() {
        assert!(Token::new(None).is_left_open_by(&record(8, LATER)));
        let [.., oldest] = LATER;
        let one_less = LATER.map(|token| if token == oldest { NO_TOKEN } else { token });
        assert!(!Token::new(None).is_left_open_by(&record(7, one_less)));
    }

    #[test]
    fn only_a_uuid_is_an_id_that_nobody_takes_twice() {
        let may_be_replaced = |id: &str| Token::after(None, &format!("record#{id}")).may_be_replaced_unseen;
        assert!(!may_be_replaced("8d6cb1c1-4b7e-4b65-9d2f-0f3c5f0f6a11"));
        for id in ["order-1", "7", "8d6cb1c14b7e4b659d2f0f3c5f0f6a11"] {
            assert!(may_be_replaced(id), "{id}");
        }
    }

    /// An application may seed the generator that crates share, and machines may be copies of one another.
    #[test]
    fn tokens_do_not_come_from_a_generator_that_can_be_seeded() {
        let tokens = |_| {
            fastrand::seed(7);
            [TransactionToken::new().as_str().to_owned(), Token::new(None).text, crate::item::new_stamp()]
        };
        let tokens: Vec<String> =
            (0..20).flat_map(tokens).map(|token| token.rsplit('-').next().unwrap().to_owned()).collect();
        assert_eq!(tokens.iter().collect::<HashSet<_>>().len(), 60, "{tokens:?}");
    }
}
