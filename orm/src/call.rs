//! One query on its way to the driver: what holds for all of its requests, its span and its cost.

use tracing::Span;
use tracing::instrument::Instrument as _;

use crate::cost::Meter;
use crate::driver::{Context, Count, DeleteMany, Driver, Find, FindGrouped, Options, Planned, UpdateMany};
use crate::error::{Error, ErrorCode};
use crate::explain::{Plan, Step};
use crate::load;
use crate::model::Model;
use crate::orm_handle::Orm;
use crate::projection::Projection;
use crate::reader::{self, Loaded};
use crate::row::{Row, Rows};
use crate::schema::ModelSchema;
use crate::select::{Prepared, Selection};

/// One query on its way.
#[derive(Debug)]
pub(crate) struct Call {
    orm: Orm,
    context: Context,
    span: Span,
    /// What has been reported already, if anything is.
    reported: Option<Meter>,
}

impl Call {
    /// The span has the operation and the model, and when the query is over its cost; never a value of a field.
    pub(crate) fn new(orm: &Orm, operation: &'static str, model: &'static ModelSchema, options: Options) -> Self {
        let span = tracing::info_span!(
            "orm.query",
            operation,
            model = model.name(),
            driver = orm.driver().kind(),
            requests = tracing::field::Empty,
            retries = tracing::field::Empty,
            read_units = tracing::field::Empty,
            write_units = tracing::field::Empty,
            items_examined = tracing::field::Empty,
            items_returned = tracing::field::Empty,
            error = tracing::field::Empty,
        );
        let meter = match orm.meter() {
            Some(_) => Some(Meter::new()),
            None if !span.is_disabled() => Some(Meter::of_requests()),
            None => None,
        };
        let reported = meter.as_ref().map(|_| Meter::of_requests());
        Self { orm: orm.clone(), context: Context::with(options, meter), span, reported }
    }

    /// Carries the query out, within its span.
    pub(crate) async fn run<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let result = work.instrument(self.span.clone()).await;
        if let Err(error) = &result {
            self.span.record("error", tracing::field::debug(error.code()));
        }
        result
    }

    /// A part of the query, which has the time that an operation may take to itself. Its cost is the query's.
    pub(crate) fn part(&self) -> Self {
        let Self { orm, context, span, .. } = self;
        Self { orm: orm.clone(), context: context.part(), span: span.clone(), reported: None }
    }

    pub(crate) fn driver(&self) -> &dyn Driver {
        self.orm.raw_driver()
    }

    pub(crate) const fn context(&self) -> &Context {
        &self.context
    }

    /// # Errors
    /// `MissingSchema` when the model is not part of the schema.
    pub(crate) fn require(&self, model: &'static ModelSchema) -> Result<(), Error> {
        self.orm.schema().require(model)
    }

    /// How the driver would find the records of a query: one step of an explanation.
    ///
    /// # Errors
    /// `MissingSchema`, or what makes the query impossible.
    pub(crate) fn explain(&self, query: Planned<'_>) -> Result<Step, Error> {
        let (model, skip, take) = match query {
            Planned::Find(find) | Planned::Grouped(FindGrouped { find, .. }) => (find.model, find.skip, find.take),
            Planned::Count(Count { model, .. })
            | Planned::UpdateMany(UpdateMany { model, .. })
            | Planned::DeleteMany(DeleteMany { model, .. }) => (*model, 0, None),
        };
        self.require(model)?;
        // Nothing is read.
        let plan = if take == Some(0) { Plan::default() } else { self.driver().explain(&self.context, query)? };
        Ok(Step::new(model.name(), plan, skip, take))
    }

    /// Finds out before a write whether what it is to answer can be read afterwards.
    ///
    /// # Errors
    /// `MissingSchema`, or `InvalidQuery` where the driver refuses to load a relation.
    pub(crate) fn check_answer(&self, projection: &Projection) -> Result<(), Error> {
        for relation in load::explain(self, projection)? {
            if let Some((step, why)) = relation.refused() {
                let said: Vec<&str> = step.plan.notes.iter().map(AsRef::as_ref).chain([why]).collect();
                return Err(Error::invalid_query(format!(
                    "nothing was written, because the relation `{}` to `{}` could not be loaded for the answer: {}",
                    relation.of,
                    step.model,
                    said.join("; ")
                ))
                .with_model(projection.model())
                .with_backend(self.driver().kind()));
            }
        }
        Ok(())
    }

    /// What a write answers, as the selection has it: these records, of which it `wrote` all, or which it only found.
    ///
    /// # Errors
    /// They say that the write was made, if it was.
    pub(crate) async fn answer<M: Model, S: Selection<M>>(
        &self,
        rows: Rows,
        prepared: &Prepared<S>,
        wrote: bool,
    ) -> Result<Vec<S::Output>, Error> {
        let records = rows.len() as u64;
        let loaded = self.with_relations(rows, &prepared.projection).await;
        let answer = loaded.and_then(|loaded| reader::all(loaded.decode::<M, S>(prepared)));
        answer.map_err(|error| if wrote { error.after_write(records) } else { error })
    }

    /// The same of one record.
    pub(crate) async fn answer_one<M: Model, S: Selection<M>>(
        &self,
        row: Row,
        prepared: &Prepared<S>,
        wrote: bool,
    ) -> Result<S::Output, Error> {
        self.answer::<M, S>(row.into(), prepared, wrote).await.and_then(the_one)
    }

    /// The records of a query with their relations.
    pub(crate) async fn find(&self, find: Find, projection: &Projection) -> Result<Loaded, Error> {
        self.require(find.model)?;
        let rows = match find.take {
            Some(0) => Rows::default(),
            _ => self.driver().find(&self.context, &find).await?,
        };
        self.with_relations(rows, projection).await
    }

    /// The same records with their relations.
    pub(crate) async fn with_relations(&self, rows: Rows, projection: &Projection) -> Result<Loaded, Error> {
        let relations = match projection.relations() {
            [] => Vec::new(),
            _ => load::relations(self, &rows, &vec![1; rows.len()], projection).await?,
        };
        Ok(Loaded { rows, relations })
    }
}

/// The result of one record.
pub(crate) fn the_one<T>(results: Vec<T>) -> Result<T, Error> {
    let one = results.into_iter().next();
    let message = "the driver has no result for the one record that was written: this is a fault of the driver";
    one.ok_or_else(|| Error::new(ErrorCode::Backend, message))
}

impl Call {
    /// Says to the meter of the Orm what the query has cost so far.
    pub(crate) fn report(&self) {
        let (Some(meter), Some(reported)) = (self.context.meter(), &self.reported) else { return };
        let news = meter.take();
        if let Some(total) = self.orm.meter() {
            total.add(&news);
        }
        reported.add(&news);
    }

    /// Says in its span what the query has cost. Once: a subscriber may write a field each time that it is recorded.
    fn record(&self) {
        let (Some(meter), Some(reported)) = (self.context.meter(), &self.reported) else { return };
        let cost = reported.cost();
        self.span.record("requests", cost.total_requests());
        self.span.record("retries", cost.retries);
        if meter.wants_capacity() || cost.read_units + cost.write_units > 0.0 {
            self.span.record("read_units", cost.read_units);
            self.span.record("write_units", cost.write_units);
        }
        self.span.record("items_examined", cost.items_examined);
        self.span.record("items_returned", cost.items_returned);
    }
}

/// Also of a query that was given up half way, what it cost is known.
impl Drop for Call {
    fn drop(&mut self) {
        self.report();
        self.record();
    }
}
