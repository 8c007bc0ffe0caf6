//! What queries cost: requests, capacity units, items.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// What one or several queries cost.
///
/// Made by `exec_with_cost`, which every query but a stream has, and by a [`Meter`]. A driver without requests, such as
/// [`MemoryDriver`](crate::MemoryDriver), leaves everything at zero.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Cost {
    /// How many requests of each operation were sent, repeated ones included: `{"GetItem": 2}`.
    pub requests: BTreeMap<&'static str, u64>,
    /// How often something was done again: a request that had failed or was left unprocessed in part, or an operation
    /// that lost a race.
    pub retries: u64,
    /// The read capacity consumed, in DynamoDB's read request units, as the store reports it; `exec_with_cost` and
    /// [`Meter`]s ask for the report.
    pub read_units: f64,
    /// The write capacity consumed, in DynamoDB's write request units.
    pub write_units: f64,
    /// How many items were read by the store, before filters.
    pub items_examined: u64,
    /// How many items the store sent back or, for a count, counted.
    pub items_returned: u64,
}

impl Cost {
    /// How many requests there were in all.
    pub fn total_requests(&self) -> u64 {
        self.requests.values().sum()
    }

    /// How many requests of an operation there were: `requests_of("GetItem")`.
    pub fn requests_of(&self, operation: &str) -> u64 {
        self.requests.get(operation).copied().unwrap_or(0)
    }

    fn add(&mut self, other: &Self) {
        for (operation, count) in &other.requests {
            *self.requests.entry(operation).or_default() += count;
        }
        self.retries += other.retries;
        self.read_units += other.read_units;
        self.write_units += other.write_units;
        self.items_examined += other.items_examined;
        self.items_returned += other.items_returned;
    }
}

impl fmt::Display for Cost {
    /// `2 GetItem + 1 Query, 1.5 read units, 12 items examined, 10 returned`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.requests.is_empty() {
            f.write_str("no requests")?;
        }
        for (place, (operation, count)) in self.requests.iter().enumerate() {
            let joint = if place == 0 { "" } else { " + " };
            write!(f, "{joint}{count} {operation}")?;
        }
        for (units, unit) in [(self.read_units, "read unit"), (self.write_units, "write unit")] {
            if units > 0.0 {
                let plural = if units == 1.0 { "" } else { "s" };
                write!(f, ", {units} {unit}{plural}")?;
            }
        }
        match self.items_examined {
            0 => {}
            1 => write!(f, ", 1 item examined, {} returned", self.items_returned)?,
            several => write!(f, ", {several} items examined, {} returned", self.items_returned)?,
        }
        match self.retries {
            0 => Ok(()),
            1 => f.write_str(", 1 retry"),
            several => write!(f, ", {several} retries"),
        }
    }
}

/// Adds up what queries cost. Clones share one count, whatever task they are in.
///
/// ```
/// # use orm::prelude::*;
/// # #[derive(Model)] #[orm(table = "users")] struct User { #[orm(id)] id: String }
/// # async fn f(orm: Orm) -> Result<(), Error> {
/// use orm::Meter;
///
/// let meter = Meter::new();
/// let metered = orm.metered(&meter);
/// User::find_unique(User::ID.eq("u1")).exec(&metered).await?;
/// User::find_unique(User::ID.eq("u2")).exec(&metered).await?;
/// println!("{}", meter.cost()); // 2 GetItem, 2 read units, 2 items examined, 2 returned
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Meter {
    /// Whether the store is asked what capacity each request consumed.
    capacity: bool,
    cost: Arc<Mutex<Cost>>,
    /// The meter of an Orm that this one counts for as well.
    outer: Option<Arc<Meter>>,
}

impl Default for Meter {
    fn default() -> Self {
        Self::new()
    }
}

impl Meter {
    /// A meter at zero.
    pub fn new() -> Self {
        Self { capacity: true, cost: Arc::default(), outer: None }
    }

    /// The same meter, whose counts another one gets as well, or the other one where that counts for this meter already.
    pub(crate) fn within(&self, outer: Option<&Self>) -> Self {
        match outer {
            Some(outer) if outer.counts_for(self) => outer.clone(),
            _ => Self { outer: outer.cloned().map(Arc::new), ..self.clone() },
        }
    }

    fn counts_for(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.cost, &other.cost) || self.outer.as_ref().is_some_and(|outer| outer.counts_for(other))
    }

    /// A meter that counts what is known here, without asking the store for capacity.
    pub(crate) fn of_requests() -> Self {
        Self { capacity: false, cost: Arc::default(), outer: None }
    }

    /// What has been counted.
    pub fn cost(&self) -> Cost {
        self.with(|cost| cost.clone())
    }

    /// Returns what has been counted, and starts again from zero.
    pub fn take(&self) -> Cost {
        self.with(std::mem::take)
    }

    fn with<T>(&self, use_cost: impl FnOnce(&mut Cost) -> T) -> T {
        use_cost(&mut self.cost.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn add(&self, other: &Cost) {
        self.with(|cost| cost.add(other));
        if let Some(outer) = &self.outer {
            outer.add(other);
        }
    }
}

/// For drivers, which get it in a [`Context`](crate::driver::Context).
impl Meter {
    /// Whether the store should be asked what capacity each request consumed.
    pub const fn wants_capacity(&self) -> bool {
        self.capacity
    }

    /// A request is sent; `again` when it repeats one.
    pub fn count_request(&self, operation: &'static str, again: bool) {
        self.with(|cost| {
            *cost.requests.entry(operation).or_default() += 1;
            cost.retries += u64::from(again);
        });
    }

    /// An operation does something again.
    pub fn count_retry(&self) {
        self.with(|cost| cost.retries += 1);
    }

    /// A request consumed this much capacity.
    pub fn count_units(&self, read: f64, write: f64) {
        self.with(|cost| {
            cost.read_units += read;
            cost.write_units += write;
        });
    }

    /// The store looked at `examined` items, and sent `returned` back.
    pub fn count_items(&self, examined: u64, returned: u64) {
        self.with(|cost| {
            cost.items_examined += examined;
            cost.items_returned += returned;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_reads_well() {
        let meter = Meter::new();
        assert_eq!(meter.cost().to_string(), "no requests");
        meter.count_request("Query", false);
        meter.count_request("GetItem", false);
        meter.count_request("GetItem", true);
        meter.count_units(1.5, 0.0);
        meter.count_items(12, 10);
        let text = "2 GetItem + 1 Query, 1.5 read units, 12 items examined, 10 returned, 1 retry";
        assert_eq!(meter.cost().to_string(), text);
        assert_eq!((meter.cost().total_requests(), meter.take().requests_of("GetItem")), (3, 2));
        assert_eq!(meter.cost(), Cost::default());
    }

    #[test]
    fn one_of_a_thing_is_singular() {
        let cost = |units: f64, count: u64| Cost {
            read_units: units,
            write_units: units,
            items_examined: count,
            retries: count,
            ..Cost::default()
        };
        let one = "no requests, 1 read unit, 1 write unit, 1 item examined, 0 returned, 1 retry";
        assert_eq!(cost(1.0, 1).to_string(), one);
        let several = "no requests, 0.5 read units, 0.5 write units, 2 items examined, 0 returned, 2 retries";
        assert_eq!(cost(0.5, 2).to_string(), several);
    }
}
