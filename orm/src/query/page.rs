//! Reads in pages.

use super::find::explain;
use super::{Criteria, consistent, exec_with_cost, query_value, scanning};
use crate::driver::{Find, FindPart};
use crate::error::Error;
use crate::explain::Explanation;
use crate::model::Model;
use crate::orm_handle::Orm;
use crate::page::{Cursor, IntoCursor, Page};
use crate::reader;
use crate::select::{All, As, Prepared, Select, Selection};

/// One page of the records for which a filter holds. Made by [`FindMany::page`](super::FindMany::page).
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct FindPage<M, S = All<M>> {
    criteria: Criteria<M>,
    selection: S,
    size: usize,
    after: Option<Cursor>,
}

query_value!(FindPage<M, S> { criteria, selection, size, after });

impl<M: Model, S: Selection<M>> FindPage<M, S> {
    pub(super) fn new(mut criteria: Criteria<M>, selection: S, size: usize) -> Self {
        // A page is one part of the table, and no larger than it has to be.
        criteria.options.set_segments(1);
        Self { criteria, selection, size, after: None }
    }

    /// The page that begins at this cursor: [`Page::next`] of the same query.
    pub fn after(mut self, cursor: impl IntoCursor) -> Self {
        self.after = Some(cursor.into_cursor());
        self
    }

    /// Returns this selection of each record instead of all fields.
    pub fn select<T: Selection<M, Checked = Chosen>, Chosen>(self, selection: T) -> FindPage<M, Chosen> {
        FindPage { criteria: self.criteria, size: self.size, after: self.after, selection: selection.checked() }
    }

    /// Returns each record as a `T`, a struct with `#[derive(Select)]` and `#[orm(model = M)]`.
    pub fn select_as<T: Select<M>>(self) -> FindPage<M, As<T, T::Itself>> {
        self.select(As::new())
    }

    consistent!(criteria.options);
    scanning!(criteria.options);

    /// Reads it. The page is full unless it is the last one, whatever is filtered out.
    ///
    /// # Errors
    /// `InvalidCursor` for a cursor that is none, was changed or is of another query; `InvalidQuery` for a page of no records,
    /// or one together with `skip` or `take`; see [`ErrorCode`](crate::ErrorCode) for others.
    pub async fn exec(self, orm: &Orm) -> Result<Page<S::Output>, Error> {
        let call = self.criteria.call(orm, "page");
        call.run(async {
            let prepared = Prepared::new(self.selection)?;
            let find = find(self.criteria, self.size, prepared.projection.fields())?;
            call.require(find.model)?;
            let after = self.after.map(|cursor| cursor.open(&find, orm.cursor_secret())).transpose()?;
            let query = FindPart { find, after, size: Some(self.size), segment: None };
            let part = call.driver().find_part(call.context(), &query).await?;
            let next = part.next.map(|position| Cursor::new(&position, &query.find, orm.cursor_secret()));
            let loaded = call.with_relations(part.rows, &prepared.projection).await?;
            let items = reader::all(loaded.decode::<M, S>(&prepared))?;
            Ok(Page::new(items, next))
        })
        .await
    }

    exec_with_cost!(Page<S::Output>);

    /// How it would be read, without sending anything.
    ///
    /// # Errors
    /// What makes the query impossible.
    pub fn explain(self, orm: &Orm) -> Result<Explanation, Error> {
        let call = self.criteria.call(orm, "explain");
        let prepared = Prepared::new(self.selection)?;
        let find = find(self.criteria, self.size, prepared.projection.fields())?;
        call.require(find.model)?;
        self.after.map(|cursor| cursor.open(&find, orm.cursor_secret())).transpose()?;
        explain(&call, "page", &Find { take: Some(self.size), ..find }, &prepared)
    }
}

/// The query of a page of so many records, but for where the page begins.
fn find<M: Model>(criteria: Criteria<M>, size: usize, fields: &[usize]) -> Result<Find, Error> {
    let find = criteria.find(fields)?;
    let refuse = |why: &str| Err(Error::invalid_query(why).with_model(find.model));
    if size == 0 {
        return refuse("a page of no records would never end: `page(n)` needs at least 1");
    }
    if find.skip > 0 || find.take.is_some() {
        return refuse(
            "`skip` and `take` do not go with `page`: the cursor says where a page begins, and `page(n)` how long it is",
        );
    }
    Ok(find)
}
