//! Writes of many records in several requests at once: how far they got.

use std::future::{Ready, ready};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::stream::{Stream, StreamExt};
use orm::Error;

/// Tells the requests of one operation whether to go on.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    failed: AtomicBool,
}

impl Tally {
    /// Whether a further request may begin, for `take_while`.
    pub(crate) fn goes_on(&self) -> Ready<bool> {
        ready(!self.failed.load(Ordering::Relaxed))
    }

    /// Adds up how many records each outcome has written. After an error what is under way is finished and counted.
    ///
    /// # Errors
    /// The first, with [`Error::written`].
    pub(crate) async fn total(&self, outcomes: impl Stream<Item = (u64, Result<(), Error>)>) -> Result<u64, Error> {
        let mut outcomes = pin!(outcomes);
        let (mut written, mut failed) = (0, None);
        while let Some((more, outcome)) = outcomes.next().await {
            written += more;
            if let Err(error) = outcome {
                self.failed.store(true, Ordering::Relaxed);
                failed.get_or_insert(error);
            }
        }
        match failed {
            None => Ok(written),
            Some(error) => {
                let index = error.index();
                Err(error.with_progress(index, written))
            }
        }
    }
}
