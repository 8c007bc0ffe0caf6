//! Faults and delays from a seed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;

use super::{Fault, FaultKind, Fired, Treatment, partial};

/// Longer than the clients of the tests wait for an answer.
const TOO_LONG: Duration = Duration::from_secs(60);

/// Decides by a seed what happens to each request: how long it is under way, before it is applied and after, and which
/// fault befalls it.
///
/// On one thread with paused time the order in which tasks get on follows from the seed as well, so that a failure can
/// be replayed: the n-th request of two runs is the same request and has the same fate. Clones are one plan.
#[derive(Clone, Debug)]
pub struct SeededPlan {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    rng: Rng,
    rate: f64,
    longest_way: Duration,
    transactions: bool,
    calm: bool,
    requests: u64,
    fired: Fired,
}

impl SeededPlan {
    /// A plan under which one request in five fails, and each is up to 20 ms under way.
    pub fn new(seed: u64) -> Self {
        Self {
            state: Arc::new(Mutex::new(State {
                rng: Rng::with_seed(seed),
                rate: 0.2,
                longest_way: Duration::from_millis(20),
                transactions: true,
                calm: false,
                requests: 0,
                fired: Fired::default(),
            })),
        }
    }

    /// The part of the requests that fail, from 0.0 to 1.0.
    #[must_use]
    pub fn rate(self, rate: f64) -> Self {
        self.with(|state| state.rate = rate);
        self
    }

    /// The longest that a request, and its answer, are under way when nothing happens to them.
    #[must_use]
    pub fn longest_way(self, longest: Duration) -> Self {
        self.with(|state| state.longest_way = longest);
        self
    }

    /// Whether the engine has TransactWriteItems; it has, if not said otherwise.
    #[must_use]
    pub fn transactions(self, transactions: bool) -> Self {
        self.with(|state| state.transactions = transactions);
        self
    }

    /// Whether nothing happens to requests for the time being.
    pub fn set_calm(&self, calm: bool) {
        self.with(|state| state.calm = calm);
    }

    /// How many requests there were.
    pub fn requests(&self) -> u64 {
        self.with(|state| state.requests)
    }

    /// How many faults were fired.
    pub fn fired(&self) -> Fired {
        self.with(|state| state.fired.clone())
    }

    fn with<T>(&self, run: impl FnOnce(&mut State) -> T) -> T {
        run(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn decide(&self, operation: &str, body: &[u8]) -> Treatment {
        self.with(|state| state.decide(operation, body))
    }
}

impl State {
    fn decide(&mut self, operation: &str, body: &[u8]) -> Treatment {
        if operation == "TransactWriteItems" && !self.transactions {
            return Treatment { fault: Some(Fault::unknown_operation()), ..Treatment::default() };
        }
        if self.calm {
            return Treatment::default();
        }
        self.requests += 1;
        let (before, after) = (self.way(), self.way());
        let fault = (self.rng.f64() < self.rate).then(|| self.fault(operation, body));
        Treatment { before, fault, after }
    }

    fn way(&mut self) -> Duration {
        self.longest_way.mul_f64(self.rng.f64())
    }

    fn fault(&mut self, operation: &str, body: &[u8]) -> Fault {
        let kinds: Vec<FaultKind> = FaultKind::ALL.into_iter().filter(|kind| kind.happens_to(operation)).collect();
        let partial = match operation {
            "BatchGetItem" => Some(FaultKind::UnprocessedKeys),
            "BatchWriteItem" => Some(FaultKind::UnprocessedItems),
            _ => None,
        };
        // Batches are few, and to be left unprocessed is what happens to them.
        let kind = match partial.filter(|_| self.rng.bool()) {
            Some(partial) => partial,
            None => self.rng.choice(kinds).unwrap_or(FaultKind::Dropped),
        };
        self.fired.note(kind);
        match kind {
            FaultKind::Dropped => Fault::Dropped,
            FaultKind::AnswerLost => Fault::AnswerLost,
            FaultKind::Delayed if self.rng.bool() => Fault::Delayed(TOO_LONG),
            FaultKind::Delayed => Fault::AnswerDelayed(TOO_LONG),
            FaultKind::Truncated => Fault::Truncated(self.rng.f64()),
            FaultKind::ServerError => Fault::exception(500, "InternalServerError"),
            FaultKind::Throttled => Fault::exception(400, "ThrottlingException"),
            FaultKind::CapacityExceeded => Fault::exception(400, "ProvisionedThroughputExceededException"),
            FaultKind::Conflict => Fault::exception(400, "TransactionConflictException"),
            FaultKind::CancelledByConflict => self.cancelled("TransactionConflict", body),
            FaultKind::CancelledByThrottling => self.cancelled("ThrottlingError", body),
            FaultKind::UnprocessedKeys | FaultKind::UnprocessedItems => {
                Fault::Unprocessed(self.rng.usize(..partial::size(body).max(1)))
            }
        }
    }

    fn cancelled(&mut self, reason: &'static str, body: &[u8]) -> Fault {
        let actions = partial::actions(body).max(1);
        let at = self.rng.usize(..actions);
        Fault::cancelled((0..actions).map(|action| if action == at { reason } else { "None" }))
    }
}
