//! A driver behind a pointer is one: which it is can be decided when the program runs.

use std::any::Any;
use std::sync::Arc;

use super::{
    BoxFuture, Context, Count, Create, Delete, DeleteMany, Driver, Find, FindGrouped, FindPart, Groups, Part, Planned,
    Update, UpdateMany, Upsert, Upserted,
};
use crate::capabilities::Capabilities;
use crate::error::Error;
use crate::explain::Plan;
use crate::row::{Row, Rows};
use crate::schema::{Schema, SchemaEvent};

macro_rules! queries {
    ($($name:ident($query:ty) -> $answer:ty;)*) => {$(
        fn $name<'a>(&'a self, context: &'a Context, query: &'a $query) -> BoxFuture<'a, $answer> {
            (**self).$name(context, query)
        }
    )*};
}

macro_rules! behind {
    ($($pointer:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl Driver for $pointer {
            fn kind(&self) -> &'static str {
                (**self).kind()
            }

            fn capabilities(&self) -> Capabilities {
                (**self).capabilities()
            }

            fn client(&self) -> &(dyn Any + Send + Sync) {
                (**self).client()
            }

            fn check(&self, schema: &Schema) -> Result<(), Error> {
                (**self).check(schema)
            }

            fn push_schema<'a>(
                &'a self,
                schema: &'a Schema,
                progress: &'a (dyn Fn(SchemaEvent) + Send + Sync),
            ) -> BoxFuture<'a, ()> {
                (**self).push_schema(schema, progress)
            }

            fn explain(&self, context: &Context, query: Planned<'_>) -> Result<Plan, Error> {
                (**self).explain(context, query)
            }

            queries! {
                find(Find) -> Rows;
                find_part(FindPart) -> Part;
                find_grouped(FindGrouped) -> Groups;
                count(Count) -> u64;
                create(Create) -> ();
                update(Update) -> Option<Row>;
                update_many(UpdateMany) -> u64;
                upsert(Upsert) -> Upserted;
                delete(Delete) -> Option<Row>;
                delete_many(DeleteMany) -> u64;
            }
        }
    )*};
}

behind!(Box<dyn Driver>, Arc<dyn Driver>);

/// The driver itself, if it is of this type: also behind pointers.
pub(crate) fn downcast<D: Driver>(driver: &dyn Driver) -> Option<&D> {
    let any = driver as &dyn Any;
    if let Some(driver) = any.downcast_ref() {
        return Some(driver);
    }
    let boxed = any.downcast_ref::<Box<dyn Driver>>().map(|boxed| &**boxed);
    let shared = any.downcast_ref::<Arc<dyn Driver>>().map(|shared| &**shared);
    downcast(boxed.or(shared)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryDriver;
    use crate::prelude::*;

    #[test]
    fn a_driver_that_is_chosen_at_run_time_is_found_behind_its_pointers() -> Result<(), Error> {
        let chosen: Box<dyn Driver> = Box::new(MemoryDriver::new());
        let shared: Arc<dyn Driver> = Arc::new(chosen);
        let orm = Orm::from_runtime(schema![], shared)?;
        assert_eq!(orm.driver().kind(), "memory");
        assert!(orm.driver().downcast::<MemoryDriver>().is_some());
        assert!(orm.driver().downcast::<Arc<dyn Driver>>().is_some());
        let plain = Orm::new(schema![], MemoryDriver::new())?;
        assert!(plain.driver().downcast::<Box<dyn Driver>>().is_none());
        Ok(())
    }
}
