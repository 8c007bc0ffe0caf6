//! The suite on every engine: DynamoDB inside the process, the memory driver, and whatever answers at
//! `ORM_DYNAMODB_ENDPOINT`, if that is set.
//!
//! With `ORM_CONFORMANCE_TABLE` set to a path, the results are written there as a table of engine and case.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Arguments, Failed, Trial};
use tests::engine::{Endpoint, Engine, InProcess, Memory};
use tests::suite::{Case, cases};

/// What became of each case on each engine.
type Results = Arc<Mutex<BTreeMap<(&'static str, &'static str), String>>>;

fn main() -> ExitCode {
    let results = Results::default();
    let mut trials = trials_of(&InProcess, &results);
    trials.extend(trials_of(&Memory, &results));
    let mut engines = vec![InProcess.name(), Memory.name()];
    match Endpoint::from_env() {
        Some(endpoint) => {
            trials.extend(trials_of(&endpoint, &results));
            engines.push(endpoint.name());
        }
        None => eprintln!("no ORM_DYNAMODB_ENDPOINT: the suite runs on {}", engines.join(" and ")),
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    if let Ok(path) = std::env::var("ORM_CONFORMANCE_TABLE") {
        let results = results.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = std::fs::write(&path, table(&engines, &results)) {
            eprintln!("the table could not be written to {path}: {error}");
            return ExitCode::FAILURE;
        }
    }
    conclusion.exit_code()
}

fn trials_of<E: Engine + Clone + 'static>(engine: &E, results: &Results) -> Vec<Trial> {
    cases::<E>().into_iter().map(|case| trial(engine.clone(), case, Arc::clone(results))).collect()
}

fn trial<E: Engine + 'static>(engine: E, case: Case<E>, results: Results) -> Trial {
    let name = format!("{}::{}::{}", engine.name(), case.topic, case.name);
    let note = move |engine: &E, case: &Case<E>, result: String| {
        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
        results.insert((engine.name(), case.name), result);
    };
    if let Some(reason) = engine.lacks(case.name) {
        note(&engine, &case, format!("not run: {reason}"));
        return Trial::test(name, || Ok(())).with_ignored_flag(true).with_kind(reason);
    }
    Trial::test(name, move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        note(&engine, &case, "failed".to_owned());
        runtime.block_on(case.run(&engine)).map_err(|error| Failed::from(error.to_string()))?;
        note(&engine, &case, "passed".to_owned());
        Ok(())
    })
}

fn table(engines: &[&'static str], results: &BTreeMap<(&'static str, &'static str), String>) -> String {
    let mut table = String::from(
        "# Conformance\n\n\
         Every case of the suite in `tests/src/suite`, on every engine. Made by `just conformance`.\n\n",
    );
    table.push_str(&format!("| topic | case | {} |\n", engines.join(" | ")));
    table.push_str(&format!("| --- | --- |{}\n", " --- |".repeat(engines.len())));
    for case in cases::<Memory>() {
        let results: Vec<&str> = engines
            .iter()
            .map(|engine| results.get(&(*engine, case.name)).map_or("not run: filtered out", String::as_str))
            .collect();
        table.push_str(&format!("| {} | {} | {} |\n", case.topic, case.name.replace('_', " "), results.join(" | ")));
    }
    table
}
