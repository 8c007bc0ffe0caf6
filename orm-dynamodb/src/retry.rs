//! How often and after how long a request is made again, for causes that pass: conflicts, throttling, work left over.

use std::time::Duration;

/// After this many tries the cause is taken for lasting.
pub(crate) const MAX_TRIES: u32 = 10;

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The tries of one operation, with pauses of random length that double between them.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    made: u32,
}

impl Tries {
    /// Waits before the next try; `false` when there have been enough.
    pub(crate) async fn again(&mut self) -> bool {
        self.made += 1;
        if self.made >= MAX_TRIES {
            return false;
        }
        let longest = FIRST_PAUSE.saturating_mul(1 << self.made.min(16)).min(LONGEST_PAUSE);
        tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
        true
    }

    /// Waits a little after a part of the work was done, and starts to count anew.
    pub(crate) async fn after_progress(&mut self) {
        self.made = 0;
        tokio::time::sleep(FIRST_PAUSE.mul_f64(fastrand::f64())).await;
    }

    /// For a lost race, in which somebody else got on: the first time there is nothing to wait for.
    pub(crate) async fn race_again(&mut self) -> bool {
        if self.made == 0 {
            self.made = 1;
            return true;
        }
        self.again().await
    }
}
