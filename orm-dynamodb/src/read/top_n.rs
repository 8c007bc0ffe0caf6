//! The first records in an order, of more than are kept.

use std::cmp::Ordering;

use super::SORTED_AT_ONCE;

/// The first `limit` of the items that are pushed. At a time at most twice as many are kept, or [`SORTED_AT_ONCE`].
///
/// For entries with something besides a record; lists of records alone are cut by `Kept`.
pub(super) struct TopN<T, C> {
    items: Vec<T>,
    limit: usize,
    compare: C,
}

impl<T, C: Fn(&T, &T) -> Ordering> TopN<T, C> {
    pub(super) const fn new(limit: usize, compare: C) -> Self {
        Self { items: Vec::new(), limit, compare }
    }

    pub(super) fn push(&mut self, item: T) {
        self.items.push(item);
        // Sorting now and then is linear in the end, and cheap where the limit is high.
        if self.items.len() >= self.limit.saturating_mul(2).max(SORTED_AT_ONCE) {
            self.cut();
        }
    }

    /// The last one of those that are kept now.
    pub(super) fn last(&self) -> Option<&T> {
        self.items.iter().max_by(|a, b| (self.compare)(a, b))
    }

    pub(super) fn into_sorted(mut self) -> Vec<T> {
        self.cut();
        self.items
    }

    fn cut(&mut self) {
        self.items.sort_by(|a, b| (self.compare)(a, b));
        self.items.truncate(self.limit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_first_and_not_much_more() {
        let mut best = TopN::new(3, i32::cmp);
        for n in (0..1000).rev() {
            best.push(n);
            assert!(best.items.len() < SORTED_AT_ONCE);
        }
        assert_eq!(best.last(), best.items.iter().max(), "of those that are kept");
        assert_eq!(best.into_sorted(), [0, 1, 2]);
    }

    #[test]
    fn fewer_than_the_limit_are_all() {
        let mut best = TopN::new(usize::MAX, i32::cmp);
        (0..100).rev().for_each(|n| best.push(n));
        assert_eq!(best.into_sorted(), (0..100).collect::<Vec<_>>());
    }
}
