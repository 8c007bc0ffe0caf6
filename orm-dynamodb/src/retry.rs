//! How often and after how long a request is made again, for causes that pass: conflicts, throttling, work left over.

use std::time::Duration;

use orm::Meter;

/// How often the driver retries what failed for a passing cause, and how long it waits in between.
///
/// Passing causes are: conflicts with other transactions, a lost race with another writer, a transaction that is
/// throttled, keys and items of a batch that DynamoDB left unprocessed, the answer to a write that got lost and that
/// the client may not send twice (see below), and in `push_schema` a table that somebody else is changing. Pauses are
/// of random length, up to a limit that doubles from one to the next.
///
/// They come on top of the SDK client's own retries (`RetryConfig`: three attempts by default), which are about single
/// requests: no answer, HTTP 500, throttling. The driver does not retry what the client has given up, except a
/// transaction that was throttled and what the client is not allowed to send twice: increments, a delete by id of a
/// record without unique fields, a batch of new records, and without transactions a record that has locks. So an
/// operation that is one request and no transaction sends it at most `attempts` times, or as often as the client's
/// setting says, but never both for one cause.
///
/// ```no_run
/// # fn f(client: aws_sdk_dynamodb::Client) {
/// use std::time::Duration;
/// use orm_dynamodb::{DynamoDb, Retries};
///
/// let driver = DynamoDb::builder(client)
///     .retries(Retries::default().attempts(5).longest_pause(Duration::from_millis(200)))
///     .timeout(Duration::from_secs(8))
///     .build();
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    attempts: u32,
    first_pause: Duration,
    longest_pause: Duration,
}

impl Default for Retries {
    /// Ten attempts, with pauses of up to 20 ms, 40 ms and so on, and never more than 1 s.
    fn default() -> Self {
        Self { attempts: 10, first_pause: Duration::from_millis(20), longest_pause: Duration::from_secs(1) }
    }
}

impl Retries {
    /// How often something is tried in all, the first time included; 0 counts as 1, without retries. A second look
    /// at a lock whose record is gone does not count.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// The longest that the first pause can be. It is of random length.
    #[must_use]
    pub const fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// The longest that any pause can be.
    #[must_use]
    pub const fn longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// The longest that the pause after `made` attempts can be.
    fn limit(&self, made: u32) -> Duration {
        self.first_pause.saturating_mul(1 << made.saturating_sub(1).min(16)).min(self.longest_pause)
    }
}

/// The tries of one operation.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    made: u32,
    has_looked: bool,
    retries: Retries,
    meter: Option<Meter>,
}

impl Tries {
    pub(crate) fn new(retries: Retries) -> Self {
        Self { made: 0, has_looked: false, retries, meter: None }
    }

    /// The same, counted by the meter.
    pub(crate) fn counted(self, meter: Option<&Meter>) -> Self {
        Self { meter: meter.cloned(), ..self }
    }

    fn count(&self) {
        if let Some(meter) = &self.meter {
            meter.count_retry();
        }
    }

    /// Waits before the next try; `false` when there have been enough.
    pub(crate) async fn again(&mut self) -> bool {
        self.made += 1;
        if self.made >= self.retries.attempts {
            tracing::debug!(attempts = self.made, "no more attempts");
            return false;
        }
        let pause = self.retries.limit(self.made).mul_f64(fastrand::f64());
        tracing::debug!(attempt = self.made + 1, ?pause, "trying again");
        self.count();
        tokio::time::sleep(pause).await;
        true
    }

    /// Waits a little after a part of the work was done, and starts to count anew.
    pub(crate) async fn after_progress(&mut self) {
        self.made = 0;
        tracing::debug!("going on with what is left of a batch");
        self.count();
        tokio::time::sleep(self.retries.limit(1).mul_f64(fastrand::f64())).await;
    }

    /// For what was found out by a try, so that the next one takes it into account: an orphaned lock. The first time that is
    /// no retry, and there is nothing to wait for.
    pub(crate) async fn second_look(&mut self) -> bool {
        !std::mem::replace(&mut self.has_looked, true) || self.race_again().await
    }

    /// Whether time has passed since the first try.
    pub(crate) const fn have_paused(&self) -> bool {
        self.made > 1
    }

    /// For a lost race, in which somebody else got on: the first time there is nothing to wait for.
    pub(crate) async fn race_again(&mut self) -> bool {
        if self.made == 0 && self.retries.attempts > 1 {
            self.made = 1;
            tracing::debug!(attempt = 2, "trying again after a lost race");
            self.count();
            return true;
        }
        self.again().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn attempts(mut tries: Tries) -> u32 {
        let mut attempts = 1;
        while tries.again().await {
            attempts += 1;
        }
        attempts
    }

    #[tokio::test(start_paused = true)]
    async fn there_are_as_many_attempts_as_said() {
        assert_eq!(attempts(Tries::default()).await, 10);
        for (said, made) in [(0, 1), (1, 1), (2, 2), (7, 7)] {
            assert_eq!(attempts(Tries::new(Retries::default().attempts(said))).await, made);
            let mut tries = Tries::new(Retries::default().attempts(said));
            assert_eq!(tries.race_again().await, said > 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_are_random_and_bounded() {
        let retries = Retries::default()
            .attempts(40)
            .first_pause(Duration::from_millis(8))
            .longest_pause(Duration::from_millis(50));
        let mut tries = Tries::new(retries);
        let mut pauses = Vec::new();
        for limit in [8, 16, 32, 50, 50, 50, 50] {
            let before = tokio::time::Instant::now();
            assert!(tries.again().await);
            let pause = before.elapsed();
            // The clock of a runtime counts whole milliseconds.
            assert!(pause <= Duration::from_millis(limit + 1), "{pause:?} of at most {limit} ms");
            pauses.push(pause);
        }
        pauses.dedup();
        assert!(pauses.len() > 1, "all pauses are {pauses:?}");
        // No number of attempts makes the limit overflow.
        assert_eq!(retries.limit(u32::MAX), Duration::from_millis(50));
    }
}
