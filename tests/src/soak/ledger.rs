//! What tasks know of what they did: what was acknowledged, and what may have been applied.

use std::collections::BTreeMap;

use super::{Check, Outcome};

/// A number that only grows, by increments.
#[derive(Debug, Default)]
pub(super) struct Sum {
    acknowledged: i64,
    open: i64,
}

impl Sum {
    /// An increment, and whether it found its record.
    pub(super) fn note<T>(&mut self, by: i64, outcome: &Outcome<T>, applied: impl FnOnce(&T) -> bool) {
        match outcome {
            Outcome::Done(answer) if applied(answer) => self.acknowledged += by,
            outcome if outcome.is_open() => self.open += by,
            _ => {}
        }
    }

    /// So much was acknowledged, and so much more may have been applied.
    pub(super) fn add(&mut self, acknowledged: i64, open: i64) {
        self.acknowledged += acknowledged;
        self.open += open;
    }

    /// Whether something was acknowledged.
    pub(super) fn is_certain(&self) -> bool {
        self.acknowledged > 0
    }

    pub(super) fn check(&self, what: &str, value: i64) -> Check {
        let (least, most) = (self.acknowledged, self.acknowledged + self.open);
        if (least..=most).contains(&value) {
            return Ok(());
        }
        Err(format!("{what} is {value}: {least} were acknowledged and {} may have been applied", self.open))
    }
}

/// A value that one task writes again and again.
#[derive(Debug)]
pub(super) struct Latest<T> {
    /// What was last acknowledged, and after it what may have been applied since.
    possible: Vec<T>,
}

impl<T: PartialEq + std::fmt::Debug> Latest<T> {
    pub(super) fn new(value: T) -> Self {
        Self { possible: vec![value] }
    }

    /// It was written.
    pub(super) fn is(&mut self, value: T) {
        self.possible = vec![value];
    }

    /// It may have been written.
    pub(super) fn may_be(&mut self, value: T) {
        self.possible.push(value);
    }

    pub(super) fn possible(&self) -> &[T] {
        &self.possible
    }

    pub(super) fn check(&self, what: &str, value: &T) -> Check {
        if self.possible.contains(value) {
            return Ok(());
        }
        Err(format!("{what} is {value:?}, and can only be one of {:?}", self.possible))
    }
}

/// Something that exactly one can get.
#[derive(Debug, Default)]
pub(super) struct Prize {
    winners: u32,
    open: u32,
    losers: u32,
}

impl Prize {
    pub(super) fn note<T>(&mut self, outcome: &Outcome<T>, won: impl FnOnce(&T) -> bool) {
        match outcome {
            Outcome::Done(answer) if won(answer) => self.winners += 1,
            Outcome::Done(_) => self.losers += 1,
            outcome if outcome.is_open() => self.open += 1,
            _ => {}
        }
    }

    pub(super) fn check(&self, what: &str, is_there: bool) -> Check {
        let Self { winners, open, losers } = self;
        let wrong =
            *winners > 1 || *winners == 1 && is_there || !is_there && winners + open == 0 || is_there && *losers > 0;
        if !wrong {
            return Ok(());
        }
        Err(format!(
            "{what}, which is {}: {winners} got it, {losers} found nothing, and {open} do not know",
            if is_there { "still there" } else { "gone" }
        ))
    }
}

/// All that the tasks of a world know together.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) tallies: BTreeMap<String, Sum>,
    /// What was taken from each shelf.
    pub(super) shelves: BTreeMap<String, Sum>,
    /// How many halves were added to the total of each tally.
    pub(super) halves: BTreeMap<String, Sum>,
    pub(super) board_hits: BTreeMap<String, Sum>,
    /// By board and column.
    pub(super) columns: BTreeMap<(String, usize), Latest<i64>>,
    pub(super) places: BTreeMap<String, Sum>,
    pub(super) tickets: BTreeMap<String, Prize>,
    pub(super) coupons: BTreeMap<String, Prize>,
    pub(super) doomed: BTreeMap<String, Prize>,
    /// How many jobs each task got.
    pub(super) claims: BTreeMap<usize, Sum>,
    /// People that one task creates, changes and deletes.
    pub(super) people: BTreeMap<String, Latest<Option<super::models::Person>>>,
    /// The labels of coupons that were created in great number, and how many of them can be left.
    pub(super) labels: BTreeMap<String, Latest<u64>>,
}
