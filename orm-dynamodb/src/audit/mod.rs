//! Whether a table is whole: each record has the locks of its unique values, each lock has its record, and no two
//! records share a unique value.
//!
//! The driver maintains this by itself, but it cannot control what others do to a table: items changed by hand or by
//! TTL, an import, a program that writes half of the format, a constraint that is younger than its records, and on
//! engines without transactions a writer that crashed between two steps.
//!
//! ```
//! # use orm::prelude::*;
//! # #[derive(Model)] #[orm(table = "users")] struct User { #[orm(id)] id: String, #[orm(unique)] email: String }
//! # async fn f(orm: Orm) -> Result<(), Error> {
//! use orm_dynamodb::audit::Auditor;
//!
//! let auditor = Auditor::of(&orm)?.segments(8);
//! let report = auditor.audit::<User>().await?;
//! println!("{report}");
//! for repair in auditor.repair(&report).await? {
//!     println!("{repair}");
//! }
//! # Ok(()) }
//! ```

mod examine;
mod repair;
mod report;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::stream::{self, StreamExt, TryStreamExt};
use orm::driver::Segment;
use orm::schema::{ModelSchema, Schema};
use orm::{Error, ErrorCode, Model, Orm};

use self::examine::Examined;
pub use self::repair::{Outcome, Repair};
pub use self::report::{Finding, Report};
use crate::driver::DynamoDb;
use crate::expression::Expressions;
use crate::operation::Operation;
use crate::table::{Item, Reading, Table};

/// How many segments of a table are read side by side, if not said otherwise.
const DEFAULT_SEGMENTS: usize = 4;
/// The most that it makes sense to ask for, as for queries.
const MAX_SEGMENTS: usize = 1_000;
/// How many segments are under way at once, however many there are.
const SEGMENTS_AT_ONCE: usize = 16;

/// How far an audit is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Progress {
    /// The name of the model whose table is audited.
    pub model: &'static str,
    /// How many items have been examined.
    pub items: u64,
    /// How many items the table has, as DynamoDB last counted them: about every six hours. `None` if it does not say.
    pub expected: Option<u64>,
    /// How many findings there are so far.
    pub findings: u64,
}

type OnProgress<'a> = Box<dyn Fn(&Progress) + Send + Sync + 'a>;

/// Audits the tables of models, and repairs what is unambiguous.
///
/// An audit reads: a parallel Scan of the whole table, strongly consistent, and for each page the locks of its records
/// and the records of its locks in BatchGetItems. Besides the read units of the Scan, that takes one for each lock and
/// each record that has locks, or more where they are larger than 4 KB. What looks wrong is read again before it is
/// reported, because others may have written between two reads; an audit can run beside live traffic.
///
/// In memory it holds one page of each segment that is being read (at most 16 pages of 1 MB each, and what belongs to
/// them), and the findings: nothing grows with the size of a table that is whole.
pub struct Auditor<'a> {
    driver: &'a DynamoDb,
    segments: usize,
    on_progress: Option<OnProgress<'a>>,
}

impl fmt::Debug for Auditor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auditor").field("segments", &self.segments).finish_non_exhaustive()
    }
}

impl<'a> Auditor<'a> {
    /// An auditor of a driver's tables, with its table names, id locks and retries. Its timeout and its scan policy do
    /// not apply to audits.
    pub fn new(driver: &'a DynamoDb) -> Self {
        Self { driver, segments: DEFAULT_SEGMENTS, on_progress: None }
    }

    /// An auditor of the tables of an Orm.
    ///
    /// # Errors
    /// `Unsupported` when its driver is not a [`DynamoDb`].
    pub fn of(orm: &'a Orm) -> Result<Self, Error> {
        let driver = orm.driver();
        driver.downcast().map(Self::new).ok_or_else(|| {
            let message =
                format!("an auditor reads the tables of the driver `DynamoDb`, and this Orm's is `{}`", driver.kind());
            Error::new(ErrorCode::Unsupported, message).with_backend(driver.kind())
        })
    }

    /// Into how many segments the table is split; they are read side by side, 16 at once. The default is 4. More are
    /// faster and take more of the table's read capacity at a time. 0 counts as 1, and 1,000 is the most.
    #[must_use]
    pub fn segments(mut self, segments: usize) -> Self {
        self.segments = segments.clamp(1, MAX_SEGMENTS);
        self
    }

    /// Calls this function after each page.
    #[must_use]
    pub fn on_progress(mut self, on_progress: impl Fn(&Progress) + Send + Sync + 'a) -> Self {
        self.on_progress = Some(Box::new(on_progress));
        self
    }

    /// Audits the table of the model `M`.
    ///
    /// # Errors
    /// Those of reads: `MissingTable`, `Throttled`, `Connection` and so on. What is wrong with the items is no error but
    /// a [`Finding`].
    pub async fn audit<M: Model>(&self) -> Result<Report, Error> {
        self.audit_model(M::schema()).await
    }

    /// Audits the tables of all models of a schema, one after the other.
    ///
    /// # Errors
    /// As [`audit`](Self::audit).
    pub async fn audit_schema(&self, schema: &Schema) -> Result<Vec<Report>, Error> {
        let mut reports = Vec::with_capacity(schema.models().len());
        for model in schema.models() {
            reports.push(self.audit_model(model).await?);
        }
        Ok(reports)
    }

    /// Audits the table of a model that is known as data only.
    ///
    /// # Errors
    /// As [`audit`](Self::audit).
    pub async fn audit_model(&self, model: &'static ModelSchema) -> Result<Report, Error> {
        let name = self.driver.config().table(model);
        let operation = Operation::default();
        let table = self.driver.table(model, &name, &operation);
        let expected = table.describe().await?.and_then(|table| table.item_count);
        let expected = expected.and_then(|count| u64::try_from(count).ok());
        let (items, findings) = (AtomicU64::new(0), AtomicU64::new(0));
        // Made before they are streamed: a closure over references would not be general enough for the compiler.
        let segments: Vec<_> =
            (0..self.segments).map(|segment| self.segment(&table, segment, expected, (&items, &findings))).collect();
        let parts: Vec<Examined> = stream::iter(segments).buffer_unordered(SEGMENTS_AT_ONCE).try_collect().await?;
        Ok(Report::new(model, &name, parts))
    }

    async fn segment(
        &self,
        table: &Table<'_>,
        index: usize,
        expected: Option<u64>,
        (items, findings): (&AtomicU64, &AtomicU64),
    ) -> Result<Examined, Error> {
        let expressions = Expressions::new(table.model);
        let mut examined = Examined::default();
        let mut start: Option<Item> = None;
        loop {
            let reading = Reading {
                expressions: &expressions,
                projection: None,
                filter: None,
                count_only: false,
                consistent: true,
                segment: Some(Segment { index, total: self.segments }),
                limit: None,
                start,
            };
            let page = table.scan(reading).await?;
            let (count, before) = (page.items.len() as u64, examined.findings.len());
            examined.page(table, page.items).await?;
            let found = (examined.findings.len() - before) as u64;
            let progress = Progress {
                model: table.model.name(),
                items: items.fetch_add(count, Ordering::Relaxed) + count,
                expected,
                findings: findings.fetch_add(found, Ordering::Relaxed) + found,
            };
            if let Some(on_progress) = &self.on_progress {
                on_progress(&progress);
            }
            start = page.next;
            if start.is_none() {
                return Ok(examined);
            }
        }
    }

    /// Repairs the unambiguous findings of a report, each by itself, and says why the rest was left as it is.
    ///
    /// A missing lock is taken for the only record that has the value. A lock whose record does not hold its value is
    /// removed. Everything is first read again, and then written on the condition that it is still what was read, in
    /// one transaction if the engine has transactions. So a record that was created or changed meanwhile is not
    /// touched, and neither is the lock of a writer at work.
    ///
    /// # Errors
    /// Those of writes. What was repaired before stays repaired; a second audit shows it.
    pub async fn repair(&self, report: &Report) -> Result<Vec<Repair>, Error> {
        let model = report.model_schema();
        let name = self.driver.config().table(model);
        let operation = Operation::default();
        let table = self.driver.table(model, &name, &operation);
        let mut repairs = Vec::with_capacity(report.findings().len());
        for finding in report.findings() {
            repairs.push(repair::repair(&table, finding).await?);
        }
        Ok(repairs)
    }
}
