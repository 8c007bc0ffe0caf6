//! The driver that keeps everything in this process: for tests, prototypes, and as the plainest reading of the contract.

mod read;
mod store;
#[cfg(test)]
mod tests;
mod write;

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::capabilities::{Capabilities, Returning, ReturningSupport, UpsertSupport};
use crate::driver::{
    BoxFuture, Context, Count, Create, Delete, DeleteMany, Driver, Find, FindGrouped, FindPart, Groups, Part, Planned,
    Update, UpdateMany, Upsert, Upserted,
};
use crate::error::Error;
use crate::explain::{Access, Method, Plan, Sorting};
use crate::row::{Row, Rows};
use crate::schema::{ModelSchema, Schema, SchemaEvent};
use store::{Table, Tables};

const KIND: &str = "memory";

/// A store in the memory of this process: no server, no files, gone when the last clone is dropped.
///
/// Clones share their data, so that several [`Orm`](crate::Orm)s can work on one store. Every operation is isolated and
/// sees all operations before it. One on many records that fails half way keeps what it has written, and its error says
/// how much. What DynamoDB cannot hold is refused here too ([`Schema::check_portable`],
/// [`ModelSchema::check_portable_value`](crate::schema::ModelSchema::check_portable_value)), so that what works here
/// works there. Only the DynamoDB driver refuses:
/// - records of more than 400 KB, and writes of more than 100 actions (a record and its unique values, before and after) or
///   with an expression of more than 4 KB or 300 operators;
/// - names that DynamoDB does not take for tables, more indexes than its tables can have, more unique constraints than
///   its transactions can keep, two indexes that would have one name;
/// - a stream in an order that no index gives or begins, unless `skip` and `take` are together at most 1,000 records;
/// - [`consistent`](crate::query::FindMany::consistent) with a filter, an order or a relation that an index answers;
/// - reading a whole table, where its policy denies that.
///
/// And the order in which records are found is another one: of those that are equal in the order of a query, and of those
/// that an [`update_many`](crate::query::UpdateMany::exec) gives each other's unique values.
///
/// ```
/// use orm::MemoryDriver;
/// use orm::prelude::*;
///
/// #[derive(Model)]
/// #[orm(table = "notes")]
/// struct Note {
///     #[orm(id)]
///     id: String,
///     text: String,
/// }
///
/// # async fn f() -> Result<(), Error> {
/// let orm = Orm::bootstrap(schema![Note], MemoryDriver::new()).await?;
/// Note::create().text("remember").exec(&orm).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct MemoryDriver {
    tables: Arc<Mutex<Tables>>,
}

impl MemoryDriver {
    /// An empty store, without tables: [`Orm::push_schema`](crate::Orm::push_schema) creates them.
    pub fn new() -> Self {
        Self::default()
    }

    /// No operation leaves a table half changed, so that a panic elsewhere is no reason to give the data up.
    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One operation on the table of a model, once it is awaited. It is one critical section, without awaits.
    fn on_table<'a, T: 'a>(
        &'a self,
        model: &'static ModelSchema,
        operation: impl FnOnce(&mut Table) -> Result<T, Error> + Send + 'a,
    ) -> BoxFuture<'a, T> {
        Box::pin(async move { self.lock().get(model).and_then(operation).map_err(|error| error.with_backend(KIND)) })
    }
}

impl fmt::Debug for MemoryDriver {
    /// The tables and how many records each has; not the data, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MemoryDriver").field(&self.lock().sizes()).finish()
    }
}

impl Driver for MemoryDriver {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            upsert: UpsertSupport::Native,
            returning: ReturningSupport {
                create: Returning::Record,
                update: Returning::Record,
                delete: Returning::Record,
            },
            ..Capabilities::document_store()
        }
    }

    fn client(&self) -> &(dyn Any + Send + Sync) {
        self
    }

    fn check(&self, schema: &Schema) -> Result<(), Error> {
        schema.check_portable().map_err(|error| error.with_backend(KIND))
    }

    fn push_schema<'a>(
        &'a self,
        schema: &'a Schema,
        progress: &'a (dyn Fn(SchemaEvent) + Send + Sync),
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let created = self.lock().create_missing(schema);
            for table in created {
                progress(SchemaEvent::CreatingTable { table: table.to_owned() });
            }
            for model in schema.models() {
                progress(SchemaEvent::Ready { table: model.table().to_owned() });
            }
            Ok(())
        })
    }

    fn explain(&self, _: &Context, query: Planned<'_>) -> Result<Plan, Error> {
        let (model, filter, order) = match query {
            Planned::Find(find) | Planned::Grouped(FindGrouped { find, .. }) => {
                (find.model, &find.filter, &*find.order)
            }
            Planned::Count(count) => (count.model, &count.filter, &[][..]),
            Planned::UpdateMany(update) => (update.model, &update.filter, &[][..]),
            Planned::DeleteMany(delete) => (delete.model, &delete.filter, &[][..]),
        };
        let access = Access { evaluated_here: Some(filter.describe(model)), ..Access::new(Method::Memory, "") };
        let sorting = if order.is_empty() { Sorting::Any } else { Sorting::Here { kept: None } };
        Ok(Plan { accesses: vec![access], sorting, ..Plan::default() })
    }

    fn find_part<'a>(&'a self, _: &'a Context, query: &'a FindPart) -> BoxFuture<'a, Part> {
        self.on_table(query.find.model, |table| table.find_part(query))
    }

    fn find<'a>(&'a self, _: &'a Context, query: &'a Find) -> BoxFuture<'a, Rows> {
        self.on_table(query.model, |table| Ok(table.find(query)))
    }

    fn find_grouped<'a>(&'a self, _: &'a Context, query: &'a FindGrouped) -> BoxFuture<'a, Groups> {
        self.on_table(query.find.model, |table| Ok(table.find_grouped(query)))
    }

    fn count<'a>(&'a self, _: &'a Context, query: &'a Count) -> BoxFuture<'a, u64> {
        self.on_table(query.model, |table| Ok(table.count(query)))
    }

    fn create<'a>(&'a self, _: &'a Context, query: &'a Create) -> BoxFuture<'a, ()> {
        self.on_table(query.model, |table| table.create(query))
    }

    fn update<'a>(&'a self, _: &'a Context, query: &'a Update) -> BoxFuture<'a, Option<Row>> {
        self.on_table(query.model, |table| table.update(query))
    }

    fn update_many<'a>(&'a self, _: &'a Context, query: &'a UpdateMany) -> BoxFuture<'a, u64> {
        self.on_table(query.model, |table| table.update_many(query))
    }

    fn upsert<'a>(&'a self, _: &'a Context, query: &'a Upsert) -> BoxFuture<'a, Upserted> {
        self.on_table(query.model, |table| table.upsert(query))
    }

    fn delete<'a>(&'a self, _: &'a Context, query: &'a Delete) -> BoxFuture<'a, Option<Row>> {
        self.on_table(query.model, |table| Ok(table.delete(query)))
    }

    fn delete_many<'a>(&'a self, _: &'a Context, query: &'a DeleteMany) -> BoxFuture<'a, u64> {
        self.on_table(query.model, |table| Ok(table.delete_many(query)))
    }
}
