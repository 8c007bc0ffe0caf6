//! Random programs under faults: a *world* is one engine, one seed, and the 120 or 160 operations of one history.
//!
//! - `serial`: one task; each outcome is compared with the memory driver's.
//! - `concurrent`: several tasks that share records; checked for the invariants that hold however they interleave.
//!
//! Everything in a world follows from its seed: the program, the faults, the delays and with them the order in which tasks
//! get on. A world runs on one thread, in time that stands still while there is something to do.

mod concurrent;
mod ledger;
mod models;
mod ops;
mod serial;

use std::fmt;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::{RetryConfig, RetryPartition};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use orm::{Error, ErrorCode, Orm};
use orm_dynamodb::audit::{Auditor, Finding};
use orm_dynamodb::{DynamoDb, Embedded, ScanPolicy};

use crate::faults::{FaultyClient, Fired, SeededPlan};

/// How many operations came to what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Worlds.
    pub worlds: u64,
    /// Operations that were begun under faults.
    pub operations: u64,
    /// Those that succeeded.
    pub succeeded: u64,
    /// Those that were refused for good: a taken value, mostly.
    pub refused: u64,
    /// Those that failed, and nothing of them was applied.
    pub failed: u64,
    /// Those that may have been applied: an error that says so.
    pub in_doubt: u64,
    /// Those whose future was dropped.
    pub dropped: u64,
    /// Requests to the engine.
    pub requests: u64,
    /// Items that audits examined.
    pub audited: u64,
    /// Faults, by kind.
    pub fired: Fired,
}

impl Stats {
    /// Those of another run, too.
    pub fn add(&mut self, other: &Self) {
        self.worlds += other.worlds;
        self.operations += other.operations;
        self.succeeded += other.succeeded;
        self.refused += other.refused;
        self.failed += other.failed;
        self.in_doubt += other.in_doubt;
        self.dropped += other.dropped;
        self.requests += other.requests;
        self.audited += other.audited;
        self.fired.add(&other.fired);
    }

    /// Counts what became of one operation.
    fn note<T>(&mut self, outcome: &Outcome<T>) {
        self.operations += 1;
        *match outcome {
            Outcome::Done(_) => &mut self.succeeded,
            Outcome::Refused(_) => &mut self.refused,
            Outcome::Failed => &mut self.failed,
            Outcome::InDoubt => &mut self.in_doubt,
            Outcome::Dropped => &mut self.dropped,
        } += 1;
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, count) in [
            ("worlds", self.worlds),
            ("operations", self.operations),
            ("  succeeded", self.succeeded),
            ("  refused", self.refused),
            ("  failed", self.failed),
            ("  in doubt", self.in_doubt),
            ("  dropped", self.dropped),
            ("requests", self.requests),
            ("items audited", self.audited),
            ("faults", self.fired.total()),
        ] {
            writeln!(f, "{what:<24} {count:>10}")?;
        }
        self.fired.fmt(f)
    }
}

/// An invariant that does not hold, and how to see it again.
#[derive(Debug)]
pub struct Broken {
    /// The seed of the world.
    pub seed: u64,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "world {} ({}): {}", self.seed, Kind::of(self.seed), self.what)
    }
}

impl std::error::Error for Broken {}

/// What is wrong in a world, or another error that should not have happened.
type Check<T = ()> = Result<T, String>;

/// What became of an operation.
enum Outcome<T> {
    Done(T),
    /// For good, and rightly so perhaps.
    Refused(Error),
    /// For a passing cause; nothing was applied.
    Failed,
    /// For a passing cause; it may have been applied.
    InDoubt,
    /// Its future was dropped at some point.
    Dropped,
}

impl<T> Outcome<T> {
    fn of(result: Result<T, Error>) -> Check<Self> {
        Ok(match result {
            Ok(value) => Self::Done(value),
            Err(error) if error.is_outcome_unknown() => Self::InDoubt,
            Err(error) if error.is_retryable() => Self::Failed,
            Err(error) if error.code() == ErrorCode::UniqueConstraintViolation => Self::Refused(error),
            Err(error) => return Err(format!("an error that cannot be: {error:?}")),
        })
    }

    /// Whether it may have been applied, and there is no answer.
    fn is_open(&self) -> bool {
        matches!(self, Self::InDoubt | Self::Dropped)
    }
}

/// What a seed stands for: half of the worlds are serial, and three quarters of either half have transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind {
    serial: bool,
    transactions: bool,
}

impl Kind {
    fn of(seed: u64) -> Self {
        Self { serial: seed.is_multiple_of(2), transactions: !(seed / 2).is_multiple_of(4) }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let history = if self.serial { "serial" } else { "concurrent" };
        write!(f, "{history}, {} transactions", if self.transactions { "with" } else { "without" })
    }
}

/// One engine, with faults and without.
struct World {
    seed: u64,
    kind: Kind,
    plan: SeededPlan,
    /// The Orm on which the program runs.
    orm: Orm,
    /// The same tables, for setting up and looking at.
    plain: Orm,
    driver: DynamoDb,
    /// Whether operations end at a timeout of the driver.
    ends: bool,
}

impl World {
    async fn new(seed: u64) -> Result<Self, Error> {
        let kind = Kind::of(seed);
        let mut rng = fastrand::Rng::with_seed(seed ^ 0xfa17);
        // Some are without faults: what races alone do.
        let rate = if rng.u8(..8) == 0 { 0.0 } else { rng.f64() * 0.35 };
        let plan = SeededPlan::new(rng.u64(..))
            .rate(rate)
            .longest_way(Duration::from_millis(rng.u64(1..40)))
            .transactions(kind.transactions);
        let embedded = Embedded::in_memory()?;
        let plain = DynamoDb::builder(embedded.client()).scan_policy(ScanPolicy::Allow).build();
        let plain = Orm::bootstrap(models::schema(), plain).await?;
        let config = embedded
            .config()
            .http_client(FaultyClient::seeded(embedded.http_client(), &plan))
            // Shared between clients otherwise, and then one world would depend on another.
            .retry_partition(RetryPartition::custom(format!("world {seed}")).build())
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(10)))
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(1)).build())
            .build();
        let mut driver = DynamoDb::builder(Client::from_conf(config)).scan_policy(ScanPolicy::Allow);
        let ends = rng.u8(..4) == 0;
        if ends {
            driver = driver.timeout(Duration::from_millis(rng.u64(100..2000)));
        }
        let driver = driver.build();
        let orm = Orm::from_runtime(models::schema(), &driver)?;
        Ok(Self { seed, kind, plan, orm, plain, driver, ends })
    }

    /// The auditor accepts the tables: orphaned locks are left behind only on the path without transactions.
    async fn audit(&self, stats: &mut Stats) -> Check {
        self.plan.set_calm(true);
        let reports = Auditor::new(&self.driver).audit_schema(&models::schema()).await.map_err(|e| e.to_string())?;
        self.plan.set_calm(false);
        for report in reports {
            stats.audited += report.items();
            let orphan = |finding: &&Finding| {
                matches!(finding, Finding::LockWithoutRecord { .. } | Finding::LockOfAnotherValue { .. })
            };
            if let Some(finding) = report.findings().iter().find(|finding| self.kind.transactions || !orphan(finding)) {
                return Err(format!("the auditor finds: {finding}"));
            }
            if self.kind.transactions && report.locks_under_way() > 0 {
                return Err(format!(
                    "{} locks have a stamp of the path without transactions",
                    report.locks_under_way()
                ));
            }
        }
        Ok(())
    }
}

/// Carries out an operation, or drops it on the way once in a while.
async fn attempt<T>(
    rng: &mut fastrand::Rng,
    stats: &mut Stats,
    operation: impl Future<Output = Result<T, Error>>,
) -> Check<Outcome<T>> {
    let outcome = if rng.u8(..) < 6 {
        let patience = Duration::from_micros(rng.u64(..80_000));
        match tokio::time::timeout(patience, operation).await {
            Ok(result) => Outcome::of(result)?,
            Err(_) => Outcome::Dropped,
        }
    } else {
        Outcome::of(operation.await)?
    };
    stats.note(&outcome);
    Ok(outcome)
}

/// Runs the world of a seed.
///
/// # Errors
/// When an invariant does not hold.
pub fn world(seed: u64) -> Result<Stats, Broken> {
    // The pauses of retries are random too: the SDK's and our own.
    fastrand::seed(seed);
    let broken = |what| Broken { seed, what };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|error| broken(error.to_string()))?;
    let run = async {
        let world = World::new(seed).await.map_err(|error| format!("setting up: {error:?}"))?;
        let mut stats = match world.kind.serial {
            true => serial::run(&world).await?,
            false => concurrent::run(&world).await?,
        };
        world.audit(&mut stats).await?;
        stats.worlds = 1;
        stats.requests = world.plan.requests();
        stats.fired = world.plan.fired();
        if stats.fired.total() == 0 && !world.ends && stats.in_doubt > 0 {
            return Err(format!("{} operations are in doubt, though every request was answered", stats.in_doubt));
        }
        Ok(stats)
    };
    runtime.block_on(run).map_err(broken)
}
