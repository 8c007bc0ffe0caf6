//! What holds for all that is done for one query, its relations included.

use crate::cost::Meter;

/// DynamoDB's limit of the segments of a scan.
const MAX_SEGMENTS: usize = 1_000_000;

/// What holds for all that is done for one query, its relations included: how it may read, and where its cost is counted.
#[derive(Clone, Debug)]
pub struct Context {
    consistent: bool,
    allow_scan: bool,
    segments: usize,
    meter: Option<Meter>,
}

impl Context {
    /// Reads as the store usually does, without a permission to scan, uncounted.
    pub const fn new() -> Self {
        Self { consistent: false, allow_scan: false, segments: 1, meter: None }
    }

    /// Whether every read has to see all writes that were answered before: what cannot be read so is an error.
    pub const fn is_consistent(&self) -> bool {
        self.consistent
    }

    /// Whether reading a whole table is meant, whatever the driver's policy says.
    pub const fn allows_scan(&self) -> bool {
        self.allow_scan
    }

    /// In how many parts at once a whole table is read, where the store can; at least 1.
    pub const fn segments(&self) -> usize {
        self.segments
    }

    /// Where each request is counted, if anybody wants to know.
    pub const fn meter(&self) -> Option<&Meter> {
        self.meter.as_ref()
    }

    pub(crate) const fn set_consistent(&mut self) {
        self.consistent = true;
    }

    pub(crate) const fn set_allow_scan(&mut self) {
        self.allow_scan = true;
    }

    pub(crate) fn set_segments(&mut self, segments: usize) {
        self.segments = segments.clamp(1, MAX_SEGMENTS);
    }

    pub(crate) fn set_meter(&mut self, meter: Option<Meter>) {
        self.meter = meter;
    }
}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}
