//! The cases as tests that libtest-mimic runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Failed, Trial};

use super::{Case, cases};
use crate::engine::Engine;

/// Engine, topic and case: the same name can occur in two topics.
type Key = (&'static str, &'static str, &'static str);

/// What became of the cases that were run. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Results(Arc<Mutex<BTreeMap<Key, bool>>>);

impl Results {
    /// Whether a case passed, if it was run on the engine of this name.
    pub fn passed(&self, engine: &'static str, topic: &'static str, name: &'static str) -> Option<bool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(engine, topic, name)).copied()
    }

    fn note(&self, key: Key, passed: bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, passed);
    }
}

/// All cases on this engine, for [`libtest_mimic::run`]; what becomes of them is noted in `results`.
///
/// Each has a runtime of its own, as with `#[tokio::test]`: connections do not outlive the runtime that made them.
pub fn trials<E: Engine + Clone + 'static>(engine: &E, results: &Results) -> Vec<Trial> {
    cases::<E>().into_iter().map(|case| trial(engine.clone(), case, results.clone())).collect()
}

fn trial<E: Engine + 'static>(engine: E, case: Case<E>, results: Results) -> Trial {
    let key = (engine.name(), case.topic, case.name);
    Trial::test(format!("{}::{}::{}", key.0, key.1, key.2), move || {
        // First, because a case may panic.
        results.note(key, false);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(case.run(&engine)).map_err(|error| Failed::from(error.to_string()))?;
        results.note(key, true);
        Ok(())
    })
}
