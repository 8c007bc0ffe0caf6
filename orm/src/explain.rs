//! What a query will do, said before it does it.

use std::fmt;

/// How a query finds its records and which requests that takes. It is what `explain` returns on queries of many
/// records, lookups and accessors. Nothing is sent for it.
///
/// Its [`Display`](fmt::Display) is a tree for people. It shows the values of the query's filter.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Explanation {
    /// The query, `find_many`, or the relation that is loaded.
    pub of: &'static str,
    /// What is done, one step after the other: a many-to-many relation has two.
    pub steps: Vec<Step>,
    /// The relations that are loaded for what was found.
    pub relations: Vec<Explanation>,
}

impl Explanation {
    pub(crate) const fn new(of: &'static str, steps: Vec<Step>) -> Self {
        Self { of, steps, relations: Vec::new() }
    }

    /// Whether a whole table is read, here or for a relation.
    pub fn scans(&self) -> bool {
        self.steps.iter().flat_map(|step| &step.plan.accesses).any(|access| access.method.is_scan())
            || self.relations.iter().any(Self::scans)
    }

    /// The first step that a policy of the driver refuses, here or for a relation.
    pub(crate) fn refused(&self) -> Option<(&Step, &str)> {
        let own = self.steps.iter().find_map(|step| Some((step, step.plan.refused.as_deref()?)));
        own.or_else(|| self.relations.iter().find_map(Self::refused))
    }

    /// The number of requests as a formula, those for relations included: `2 × 1 Query per page + 1 GetItem`.
    pub fn requests(&self) -> String {
        let mut terms = Vec::new();
        self.collect_requests(&mut terms);
        let same = terms.chunk_by(|a, b| a == b).filter_map(|same| match same {
            [] => None,
            [one] => Some((*one).to_owned()),
            [one, ..] => Some(format!("{} × {one}", same.len())),
        });
        let terms: Vec<String> = same.collect();
        if terms.is_empty() { "none".to_owned() } else { terms.join(" + ") }
    }

    fn collect_requests<'e>(&'e self, terms: &mut Vec<&'e str>) {
        for step in &self.steps {
            terms.extend(
                step.plan.accesses.iter().map(|access| access.requests.as_str()).filter(|term| !term.is_empty()),
            );
            terms.extend(step.plan.writes.as_deref());
        }
        self.relations.iter().for_each(|relation| relation.collect_requests(terms));
    }
}

/// One step of an [`Explanation`]: records of one model.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// The model's name.
    pub model: &'static str,
    /// How its records are found.
    pub plan: Plan,
    /// How many of them are passed over.
    pub skip: usize,
    /// How many of them are wanted, at most.
    pub take: Option<usize>,
}

impl Step {
    pub(crate) const fn new(model: &'static str, plan: Plan, skip: usize, take: Option<usize>) -> Self {
        Self { model, plan, skip, take }
    }
}

/// How a driver finds the records of a query. A driver makes one of `Plan::default()`.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// The ways to the records. Several are a union; if there are none, no record can match and nothing is sent.
    pub accesses: Vec<Access>,
    /// How they get into the order of the query.
    pub sorting: Sorting,
    /// The requests that change or delete the n records that were found, as a formula.
    pub writes: Option<String>,
    /// What else there is to know, such as an index that would avoid a scan.
    pub notes: Vec<String>,
    /// Why a policy of the driver refuses it, and what permits it.
    pub refused: Option<String>,
}

/// One way to records.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Access {
    /// What is read.
    pub method: Method,
    /// Which part of it, for an index: `user_id = "u1"`.
    pub key_condition: Option<String>,
    /// What the store filters out after reading, and still bills.
    pub filter: Option<String>,
    /// What is filtered in this process.
    pub evaluated_here: Option<String>,
    /// The number of requests as a formula; empty for none.
    pub requests: String,
}

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// Records by their id.
    Ids,
    /// Lock items of a unique constraint, then the records that they name.
    Locks {
        /// The constraint's fields.
        fields: Vec<&'static str>,
    },
    /// A part of an index.
    Index {
        /// Its name.
        name: String,
        /// Whether it is read backwards.
        descending: bool,
    },
    /// The whole table.
    Scan {
        /// In how many segments, side by side.
        segments: usize,
    },
    /// The memory of this process.
    Memory,
}

impl Method {
    /// Whether the whole table is read.
    pub const fn is_scan(&self) -> bool {
        matches!(self, Self::Scan { .. })
    }
}

/// How records get into the order of the query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sorting {
    /// No order was asked for.
    #[default]
    Any,
    /// They are read in this order, so that reading can stop early.
    Store,
    /// Each of several accesses is in order; they are merged.
    Merged,
    /// The store gives them by the first field of the order that makes a difference. Those that are equal in it are
    /// sorted in this process, so that reading can stop after them.
    Begun,
    /// Some of several accesses give their records in order, and are read only as far as needed. All records of the
    /// others are read, and sorted in this process.
    Partly,
    /// All of them are read and sorted in this process.
    Here {
        /// How many of the first are kept: those that are skipped and those that are wanted. `None` is all.
        kept: Option<usize>,
    },
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.of, self.requests())?;
        self.write_below(f, "")
    }
}

impl Explanation {
    fn write_below(&self, f: &mut fmt::Formatter<'_>, indent: &str) -> fmt::Result {
        for step in &self.steps {
            step.write(f, indent)?;
        }
        for (place, relation) in self.relations.iter().enumerate() {
            let last = place + 1 == self.relations.len();
            let (branch, below) = if last { ("└─", "   ") } else { ("├─", "│  ") };
            writeln!(f, "{indent}{branch} relation {}: {}", relation.of, relation.requests())?;
            relation.write_below(f, &format!("{indent}{below}"))?;
        }
        Ok(())
    }
}

/// How many ways to the records of one step are shown; a list on an index is one for each of its values.
const SHOWN: usize = 8;

impl Step {
    fn write(&self, f: &mut fmt::Formatter<'_>, indent: &str) -> fmt::Result {
        let Self { model, plan, skip, take } = self;
        if plan.accesses.is_empty() {
            writeln!(f, "{indent}  {model}: nothing can match, so nothing is sent")?;
        }
        for access in plan.accesses.iter().take(SHOWN) {
            access.write(f, indent, model)?;
        }
        if let Some(more @ 1..) = plan.accesses.len().checked_sub(SHOWN) {
            writeln!(f, "{indent}  {model}: and in {more} more ways")?;
        }
        if plan.sorting != Sorting::Any {
            writeln!(f, "{indent}    order: {}", plan.sorting)?;
        }
        match (skip, take) {
            (0, None) => {}
            (0, Some(take)) => writeln!(f, "{indent}    limit: {take}")?,
            (skip, None) => {
                writeln!(f, "{indent}    limit: none, without the first {skip}, which are read all the same")?
            }
            (skip, Some(take)) => {
                writeln!(f, "{indent}    limit: {take}, without the first {skip}, which are read all the same")?;
            }
        }
        if let Some(writes) = &plan.writes {
            writeln!(f, "{indent}    then: {writes}")?;
        }
        plan.notes.iter().chain(&plan.refused).try_for_each(|note| writeln!(f, "{indent}    note: {note}"))
    }
}

impl Access {
    /// A way that takes these requests, as a formula; empty for none.
    pub fn new(method: Method, requests: impl Into<String>) -> Self {
        Self { method, key_condition: None, filter: None, evaluated_here: None, requests: requests.into() }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, indent: &str, model: &str) -> fmt::Result {
        let requests = if self.requests.is_empty() { "nothing is read" } else { &self.requests };
        writeln!(f, "{indent}  {model}: {}: {requests}", self.method)?;
        for (what, text) in [
            ("key condition", &self.key_condition),
            ("filter, after reading", &self.filter),
            ("evaluated here", &self.evaluated_here),
        ] {
            if let Some(text) = text {
                writeln!(f, "{indent}    {what}: {text}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Method {
    /// As in an [`Explanation`]: `on the index user_id-index, backwards`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ids => f.write_str("by id"),
            Self::Locks { fields } => write!(f, "by the lock of ({}), then by id", fields.join(", ")),
            Self::Index { name, descending } => {
                write!(f, "on the index {name}{}", if *descending { ", backwards" } else { "" })
            }
            Self::Scan { segments: 1 } => f.write_str("scans the whole table"),
            Self::Scan { segments } => write!(f, "scans the whole table in {segments} segments"),
            Self::Memory => f.write_str("in the memory of this process"),
        }
    }
}

impl fmt::Display for Sorting {
    /// As in an [`Explanation`]: `as it is read`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Store => f.write_str("as it is read"),
            Self::Merged => f.write_str("merged from the accesses, each of which is in order"),
            Self::Begun => f.write_str(
                "begun as it is read; what is equal in the field of the index is read to its end and put in order here",
            ),
            Self::Partly => {
                f.write_str("merged from the accesses; all records of those accesses that are not in order are read")
            }
            Self::Here { kept: None } => f.write_str("made here, from all records"),
            Self::Here { kept: Some(kept) } => {
                write!(f, "made here, from all records, of which the first {kept} are kept")
            }
        }
    }
}
