//! The pages of a query on an index or of a scan, one after the other.

use orm::driver::Segment;
use orm::{Comparison, Error};

use super::columns::Columns;
use crate::expression::{Conjunction, Expressions};
use crate::plan::{Access, Branch, IndexAccess, Range};
use crate::table::{Item, ItemPage, Reading, Table};

/// The pages of a branch that is no lookup by key.
pub(super) struct Pages<'a> {
    table: &'a Table<'a>,
    branch: &'a Branch,
    index: Option<(&'a IndexAccess, String)>,
    expressions: Expressions,
    filter: Option<String>,
    projection: Option<String>,
    count_only: bool,
    segment: Option<Segment>,
    start: Option<Item>,
    done: bool,
    limited_before: bool,
}

impl<'a> Pages<'a> {
    /// What these columns need of the records; without columns they are only counted.
    pub(super) fn new(
        table: &'a Table<'a>,
        columns: Option<&Columns>,
        branch: &'a Branch,
        segment: Option<Segment>,
        start: Option<Item>,
    ) -> Self {
        let mut expressions = Expressions::new(table.model);
        let mut filter = Conjunction::default();
        let index = match &branch.access {
            Access::Index(access) => Some((access, key_condition(access, &mut expressions))),
            _ => {
                expressions.is_record(filter.and());
                None
            }
        };
        match &*branch.filter {
            // The only condition stands without parentheses.
            [one] if filter.parts() == 0 => expressions.condition(one, filter.and()),
            several => several.iter().for_each(|condition| expressions.operand(condition, filter.and())),
        }
        let projection = columns.and_then(|columns| columns.projection(&mut expressions));
        Self {
            table,
            branch,
            index,
            expressions,
            filter: (filter.parts() > 0).then(|| filter.into_text()),
            projection,
            count_only: columns.is_none(),
            segment,
            start,
            done: false,
            limited_before: false,
        }
    }

    /// The next page, of which no more than `wanted` records that pass will be used; `None` after the last.
    pub(super) async fn next(&mut self, wanted: Option<usize>) -> Result<Option<ItemPage>, Error> {
        if self.done {
            return Ok(None);
        }
        let limit = wanted.and_then(|wanted| self.limit(wanted));
        let reading = Reading {
            expressions: &self.expressions,
            projection: self.projection.as_deref(),
            filter: self.filter.as_deref(),
            count_only: self.count_only,
            consistent: self.table.operation.context.is_consistent(),
            segment: self.segment,
            limit,
            start: self.start.take(),
        };
        let mut page = match &self.index {
            Some((access, key_condition)) => self.table.query(access, key_condition, reading).await?,
            None => self.table.scan(reading).await?,
        };
        self.start = page.next.take();
        self.done = self.start.is_none();
        Ok(Some(page))
    }

    /// Where the page after the last one begins.
    pub(super) const fn position(&self) -> Option<&Item> {
        self.start.as_ref()
    }

    /// How many items to look at for so many wanted records. DynamoDB counts before it filters, so that with a filter
    /// it is a guess, made once: when it was too low, the next page is a whole one.
    fn limit(&mut self, wanted: usize) -> Option<usize> {
        if self.index.is_some() && self.branch.is_exact() {
            return Some(wanted);
        }
        if std::mem::replace(&mut self.limited_before, true) {
            return None;
        }
        // Among the items of a scan are the locks.
        let locks = self.table.config.locks(self.table.model);
        if self.branch.is_exact() && locks == 0 {
            return Some(wanted);
        }
        let items_per_record = if self.index.is_some() { 1 } else { 1 + locks };
        let guess = if self.branch.is_exact() { wanted.saturating_mul(2) } else { wanted.saturating_mul(16) };
        Some(guess.saturating_mul(items_per_record).saturating_add(SPARE_ITEMS))
    }
}

/// Looked at besides, because they hardly cost anything and may save a request.
const SPARE_ITEMS: usize = 100;

fn key_condition(access: &IndexAccess, expressions: &mut Expressions) -> String {
    let mut all = Conjunction::default();
    expressions.compare(access.index.hash(), Comparison::Eq, &access.hash, all.and());
    if let Some(field) = access.index.range() {
        match &access.range {
            Range::All => {}
            Range::Compare(comparison, value) => expressions.compare(field, *comparison, value, all.and()),
            Range::Between(low, high) => expressions.between(field, low, high, all.and()),
            Range::StartsWith(prefix) => expressions.starts_with(field, prefix, all.and()),
        }
    }
    all.into_text()
}
