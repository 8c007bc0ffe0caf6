//! The kinds of faults, and how often each was fired.

use std::collections::BTreeMap;
use std::fmt;

/// A kind of fault that a [`SeededPlan`](super::SeededPlan) fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// The request does not arrive.
    Dropped,
    /// The request is applied, and its answer is lost.
    AnswerLost,
    /// The request, or its answer, is under way for longer than anybody waits.
    Delayed,
    /// The answer ends in the middle.
    Truncated,
    /// HTTP 500.
    ServerError,
    /// `ThrottlingException`.
    Throttled,
    /// `ProvisionedThroughputExceededException`.
    CapacityExceeded,
    /// `TransactionConflictException`, of a write of one item.
    Conflict,
    /// `TransactionCanceledException` with the reason `TransactionConflict`.
    CancelledByConflict,
    /// `TransactionCanceledException` with the reason `ThrottlingError`.
    CancelledByThrottling,
    /// A BatchGetItem leaves keys unprocessed.
    UnprocessedKeys,
    /// A BatchWriteItem leaves writes unprocessed.
    UnprocessedItems,
}

impl FaultKind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Dropped,
        Self::AnswerLost,
        Self::Delayed,
        Self::Truncated,
        Self::ServerError,
        Self::Throttled,
        Self::CapacityExceeded,
        Self::Conflict,
        Self::CancelledByConflict,
        Self::CancelledByThrottling,
        Self::UnprocessedKeys,
        Self::UnprocessedItems,
    ];

    /// Whether such a thing happens to requests of this operation.
    pub fn happens_to(self, operation: &str) -> bool {
        match self {
            Self::Conflict => matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem"),
            Self::CancelledByConflict | Self::CancelledByThrottling => operation == "TransactWriteItems",
            Self::UnprocessedKeys => operation == "BatchGetItem",
            Self::UnprocessedItems => operation == "BatchWriteItem",
            _ => true,
        }
    }
}

/// How many faults of each kind were fired.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fired(BTreeMap<FaultKind, u64>);

impl Fired {
    /// One more of a kind.
    pub fn note(&mut self, kind: FaultKind) {
        *self.0.entry(kind).or_default() += 1;
    }

    /// How many of a kind.
    pub fn of(&self, kind: FaultKind) -> u64 {
        self.0.get(&kind).copied().unwrap_or_default()
    }

    /// How many of all kinds.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// The kinds of which there was none.
    pub fn missing(&self) -> Vec<FaultKind> {
        FaultKind::ALL.into_iter().filter(|kind| self.of(*kind) == 0).collect()
    }

    /// Those of another run, too.
    pub fn add(&mut self, other: &Self) {
        for (kind, count) in &other.0 {
            *self.0.entry(*kind).or_default() += count;
        }
    }
}

impl fmt::Display for Fired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for kind in FaultKind::ALL {
            writeln!(f, "  {:<22} {:>10}", format!("{kind:?}"), self.of(kind))?;
        }
        Ok(())
    }
}
