//! The settings of a driver.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use orm::Model;
use orm::schema::ModelSchema;

use crate::retry::Retries;
use crate::scan_policy::ScanPolicy;

#[derive(Clone, Debug, Default)]
pub(crate) struct Config {
    pub(crate) table_prefix: String,
    /// By the name of the model.
    pub(crate) tables: HashMap<&'static str, String>,
    pub(crate) scan_policy: ScanPolicy,
    pub(crate) id_locks: bool,
    pub(crate) report_capacity: bool,
    pub(crate) retries: Retries,
    pub(crate) timeout: Option<Duration>,
}

impl Config {
    pub(crate) fn table(&self, model: &ModelSchema) -> Cow<'_, str> {
        match self.tables.get(model.name()) {
            Some(name) => Cow::Borrowed(name),
            None if self.table_prefix.is_empty() => Cow::Borrowed(model.table()),
            None => Cow::Owned(format!("{}{}", self.table_prefix, model.table())),
        }
    }

    /// How many locks a record of the model holds at most: one without nulls.
    pub(crate) fn locks(&self, model: &ModelSchema) -> usize {
        model.uniques().len() + usize::from(self.id_locks)
    }

    pub(crate) fn name_table<M: Model>(&mut self, name: String) {
        self.tables.insert(M::schema().name(), name);
    }
}
