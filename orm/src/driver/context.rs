//! What holds for all that is done for one query, its relations included.

use std::sync::OnceLock;
use std::time::Instant;

use crate::cost::Meter;

/// Each segment takes a request, also where it is empty, and of no query more than 32 are under way.
const MAX_SEGMENTS: usize = 1_000;

/// How a query may read: what its builder was told besides the query itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) consistent: bool,
    pub(crate) allow_scan: bool,
    /// From 1 to the limit.
    segments: usize,
}

impl Options {
    pub(crate) const fn new() -> Self {
        Self { consistent: false, allow_scan: false, segments: 1 }
    }

    /// Reads a whole table in this many segments at once, or in as near to that as there can be.
    pub(crate) fn set_segments(&mut self, segments: usize) {
        self.segments = segments.clamp(1, MAX_SEGMENTS);
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

/// What holds for all that is done for one query, its relations included: how it may read, and where its cost is counted.
#[derive(Clone, Debug)]
pub struct Context {
    options: Options,
    meter: Option<Meter>,
    begun: OnceLock<Instant>,
}

impl Context {
    /// Reads as the store usually does, without a permission to scan, uncounted.
    pub const fn new() -> Self {
        Self::with(Options::new(), None)
    }

    pub(crate) const fn with(options: Options, meter: Option<Meter>) -> Self {
        Self { options, meter, begun: OnceLock::new() }
    }

    /// The same for another part of the query, which has the time that it may take to itself.
    pub(crate) fn part(&self) -> Self {
        Self::with(self.options, self.meter.clone())
    }

    /// Whether every read has to see all writes that were answered before. If so, what cannot be read in this way is an
    /// error.
    pub const fn is_consistent(&self) -> bool {
        self.options.consistent
    }

    /// Whether the query may read a whole table, whatever the driver's policy says.
    pub const fn allows_scan(&self) -> bool {
        self.options.allow_scan
    }

    /// In how many segments at once a whole table is read, where the store can; at least 1.
    pub const fn segments(&self) -> usize {
        self.options.segments
    }

    /// When the first call of the driver for this query began, by the driver's clock. A limit on the time of the whole
    /// query, with its relations, is counted from there. Each part of a stream begins anew.
    pub fn begun(&self, now: impl FnOnce() -> Instant) -> Instant {
        *self.begun.get_or_init(now)
    }

    /// Where each request is counted, if the cost is wanted.
    pub const fn meter(&self) -> Option<&Meter> {
        self.meter.as_ref()
    }
}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}
