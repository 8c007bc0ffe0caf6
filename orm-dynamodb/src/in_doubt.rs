//! What one operation has sent that may have changed something: so that its error can say whether it did.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The writes of one operation.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    applied: AtomicUsize,
    in_doubt: AtomicUsize,
    lost_an_answer: AtomicBool,
}

impl Sent {
    /// Sends a write. Until its answer says that it was refused, it may have been applied.
    pub(crate) async fn write<T, E>(
        &self,
        attempts: &Attempts,
        request: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.in_doubt.fetch_add(1, Ordering::Relaxed);
        let answer = request.await;
        if answer.is_ok() {
            self.applied.fetch_add(1, Ordering::Relaxed);
        }
        if answer.is_ok() || !attempts.are_in_doubt() {
            self.settle_one();
        } else {
            self.lost_an_answer.store(true, Ordering::Relaxed);
        }
        answer
    }

    /// A write was answered, but not with what was asked for: as good as no answer.
    pub(crate) fn lose_one(&self) {
        self.in_doubt.fetch_add(1, Ordering::Relaxed);
        self.lost_an_answer.store(true, Ordering::Relaxed);
    }

    /// It turned out what became of a write without an answer.
    pub(crate) fn settle_one(&self) {
        let fewer = |count: usize| count.checked_sub(1);
        // There is none only if it is settled already.
        let _ = self.in_doubt.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer);
    }

    pub(crate) fn is_in_doubt(&self) -> bool {
        self.in_doubt.load(Ordering::Relaxed) > 0
    }

    /// Whether there ever was a write without an answer: what it sent may still arrive, whatever came of the next attempt.
    pub(crate) fn has_lost_an_answer(&self) -> bool {
        self.lost_an_answer.load(Ordering::Relaxed)
    }

    pub(crate) fn has_applied(&self) -> bool {
        self.applied.load(Ordering::Relaxed) > 0
    }
}

/// Whether one write is in doubt, of which attempts are sent one after the other: one unit of [`Sent`], until it is known
/// what became of it. What is sent again does not settle it, for the attempt before may still arrive.
#[derive(Debug)]
pub(crate) struct Doubt<'s> {
    sent: &'s Sent,
    is_open: bool,
}

impl<'s> Doubt<'s> {
    pub(crate) const fn new(sent: &'s Sent) -> Self {
        Self { sent, is_open: false }
    }

    /// An attempt got no answer, which `sent` has counted.
    pub(crate) fn open(&mut self) {
        if std::mem::replace(&mut self.is_open, true) {
            self.sent.settle_one();
        }
    }

    /// It is known what became of the write.
    pub(crate) fn settle(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.sent.settle_one();
        }
    }
}

/// The attempts of one write, those of the SDK among them, that may have been applied.
///
/// What answers a second attempt says nothing of the first one. A refusal is one only if no attempt before it lost its
/// answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attempts(Arc<AtomicUsize>);

impl Attempts {
    /// Whether one of them may have been applied, as far as the answers say.
    pub(crate) fn are_in_doubt(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }

    /// Whether one before the last may have been applied, when the last one was.
    pub(crate) fn are_in_doubt_but_for_one(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 1
    }

    /// One is sent.
    pub(crate) fn begin(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The one that was sent last was refused.
    pub(crate) fn end_refused(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// It turned out that none of them was applied.
    pub(crate) fn settle(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_is_done_leaves_the_doubt_about_another() {
        let sent = Sent::default();
        let (mut lost, mut done) = (Doubt::new(&sent), Doubt::new(&sent));
        sent.lose_one();
        lost.open();
        done.settle();
        assert!(sent.is_in_doubt());
        // However often it is sent without an answer, it is one write.
        sent.lose_one();
        lost.open();
        lost.settle();
        lost.settle();
        assert!(!sent.is_in_doubt());
    }
}
