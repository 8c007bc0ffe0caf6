//! What an audit found.

use std::collections::BTreeMap;
use std::fmt;

use orm::schema::ModelSchema;

use super::examine::Examined;

/// Something that is not as it should be. Keys are those of the stored items, `record#<id>` and `unique#..`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Finding {
    /// A record has a unique value but not its lock, so that another record could get the value too.
    RecordWithoutLock {
        /// The key of the record.
        record: String,
        /// The names of the constraint's fields.
        fields: Vec<&'static str>,
        /// The key that the lock would have.
        lock: String,
        /// The key of the record that has the lock instead and does not hold the value; `None` if there is no lock.
        held_by: Option<String>,
    },
    /// A lock names a record that does not exist. Writers who want the value take it over.
    LockWithoutRecord {
        /// The key of the lock.
        lock: String,
        /// The names of the constraint's fields.
        fields: Vec<&'static str>,
        /// The key of the missing record.
        record: String,
    },
    /// A lock names a record that holds another value, or none. Writers who want the value take it over.
    LockOfAnotherValue {
        /// The key of the lock.
        lock: String,
        /// The names of the constraint's fields.
        fields: Vec<&'static str>,
        /// The key of the record.
        record: String,
        /// The key of the lock for the value that the record holds; `None` if a field of the constraint is null.
        holds: Option<String>,
    },
    /// Two or more records have the same unique value.
    SharedValue {
        /// The keys of the records.
        records: Vec<String>,
        /// The names of the constraint's fields.
        fields: Vec<&'static str>,
        /// The key of the value's one lock.
        lock: String,
    },
    /// A record whose key is not that of its id, so that it is not found by it.
    MisplacedRecord {
        /// The key of the record.
        record: String,
        /// The key that its id calls for.
        expected: String,
    },
    /// An item that is no record of this model and no lock of its constraints, or whose values cannot be read.
    Undecodable {
        /// The key of the item.
        key: String,
        /// What is wrong with it.
        why: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RecordWithoutLock { record, fields, lock, held_by: None } => {
                write!(f, "the record {record:?} lacks the lock of its {} ({lock:?})", names(fields))
            }
            Self::RecordWithoutLock { record, fields, lock, held_by: Some(other) } => write!(
                f,
                "the record {record:?} lacks the lock of its {} ({lock:?}), which names {other:?}",
                names(fields)
            ),
            Self::LockWithoutRecord { lock, record, .. } => {
                write!(f, "the lock {lock:?} names the record {record:?}, which does not exist")
            }
            Self::LockOfAnotherValue { lock, record, holds: Some(other), .. } => {
                write!(f, "the lock {lock:?} names the record {record:?}, whose value has the lock {other:?}")
            }
            Self::LockOfAnotherValue { lock, record, holds: None, .. } => {
                write!(f, "the lock {lock:?} names the record {record:?}, which has no such value")
            }
            Self::SharedValue { records, fields, lock } => {
                write!(
                    f,
                    "{} records have the same {} ({lock:?}): {}",
                    records.len(),
                    names(fields),
                    records.join(", ")
                )
            }
            Self::MisplacedRecord { record, expected } => {
                write!(f, "the record {record:?} has the id of {expected:?}, and is not found by it")
            }
            Self::Undecodable { key, why } => write!(f, "the item {key:?} cannot be read: {why}"),
        }
    }
}

fn names(fields: &[&str]) -> String {
    match fields {
        [one] => format!("`{one}`"),
        many => format!("({})", many.join(", ")),
    }
}

/// What an audit of one table counted and found.
#[derive(Clone, Debug)]
pub struct Report {
    model: &'static ModelSchema,
    table: String,
    records: u64,
    locks: u64,
    others: u64,
    under_way: u64,
    findings: Vec<Finding>,
}

impl Report {
    pub(super) fn new(model: &'static ModelSchema, table: &str, parts: Vec<Examined>) -> Self {
        let mut report = Self {
            model,
            table: table.to_owned(),
            records: 0,
            locks: 0,
            others: 0,
            under_way: 0,
            findings: Vec::new(),
        };
        for part in parts {
            report.records += part.records;
            report.locks += part.locks;
            report.others += part.others;
            report.under_way += part.under_way;
            report.findings.extend(part.findings);
        }
        report.findings = joined(report.findings);
        report
    }

    pub(super) fn model_schema(&self) -> &'static ModelSchema {
        self.model
    }

    /// The name of the model.
    pub fn model(&self) -> &'static str {
        self.model.name()
    }

    /// The name of the table.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// How many items were examined.
    pub fn items(&self) -> u64 {
        self.records + self.locks + self.others
    }

    /// How many of them are records.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// How many of them are locks.
    pub fn locks(&self) -> u64 {
        self.locks
    }

    /// How many locks belong to writers without transactions that may still be at work. They are no findings: a lock
    /// that such a writer leaves if it crashed becomes one after 20 s.
    pub fn locks_under_way(&self) -> u64 {
        self.under_way
    }

    /// What is not as it should be, in the order of the kinds and keys.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether everything is as it should be.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` in the table `{}`: {} records, {} locks, {} findings",
            self.model.name(),
            self.table,
            self.records,
            self.locks,
            self.findings.len()
        )?;
        self.findings.iter().try_for_each(|finding| write!(f, "\n  {finding}"))
    }
}

/// Records that lack one and the same lock share its value, and so do those that are found to share it one by one.
fn joined(findings: Vec<Finding>) -> Vec<Finding> {
    let mut sharing: BTreeMap<(String, Vec<&'static str>), Vec<Finding>> = BTreeMap::new();
    let mut rest = Vec::new();
    for finding in findings {
        match &finding {
            Finding::RecordWithoutLock { lock, fields, .. } | Finding::SharedValue { lock, fields, .. } => {
                sharing.entry((lock.clone(), fields.clone())).or_default().push(finding);
            }
            _ => rest.push(finding),
        }
    }
    for ((lock, fields), same) in sharing {
        match <[Finding; 1]>::try_from(same) {
            Ok([one]) => rest.push(one),
            Err(same) => {
                let records = same.into_iter().flat_map(|finding| match finding {
                    Finding::RecordWithoutLock { record, .. } => vec![record],
                    Finding::SharedValue { records, .. } => records,
                    _ => Vec::new(),
                });
                let mut records: Vec<String> = records.collect();
                records.sort_unstable();
                records.dedup();
                rest.push(Finding::SharedValue { records, fields, lock });
            }
        }
    }
    rest.sort_unstable();
    rest
}
