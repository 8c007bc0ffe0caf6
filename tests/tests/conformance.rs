//! The suite on every engine: DynamoDB inside the process, the memory driver, and whatever answers at
//! `ORM_DYNAMODB_ENDPOINT`, if that is set.
//!
//! With `ORM_CONFORMANCE_TABLE` set to a path, the results are written there as a table of engine and case.

use std::process::ExitCode;

use libtest_mimic::Arguments;
use tests::engine::{Endpoint, Engine, InProcess, Memory};
use tests::suite::{Results, cases, trials};

fn main() -> ExitCode {
    let results = Results::default();
    let mut all = trials(&InProcess, &results);
    all.extend(trials(&Memory, &results));
    let mut engines = vec![InProcess.name(), Memory.name()];
    match Endpoint::from_env() {
        Some(endpoint) => {
            all.extend(trials(&endpoint, &results));
            engines.push(endpoint.name());
        }
        None => eprintln!("no ORM_DYNAMODB_ENDPOINT: the suite runs on {}", engines.join(" and ")),
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), all);
    if let Ok(path) = std::env::var("ORM_CONFORMANCE_TABLE")
        && let Err(error) = std::fs::write(&path, table(&engines, &results))
    {
        eprintln!("the table could not be written to {path}: {error}");
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

fn table(engines: &[&'static str], results: &Results) -> String {
    let mut table = String::from(
        "# Conformance\n\n\
         Every case of the suite in `tests/src/suite`, on every engine. Made by `just conformance`.\n\n",
    );
    table.push_str(&format!("| topic | case | {} |\n", engines.join(" | ")));
    table.push_str(&format!("| --- | --- |{}\n", " --- |".repeat(engines.len())));
    for case in cases::<Memory>() {
        let cells = engines.iter().map(|engine| match results.passed(engine, case.topic, case.name) {
            Some(true) => "passed",
            Some(false) => "failed",
            None => "not run: filtered out",
        });
        let cells = cells.collect::<Vec<_>>().join(" | ");
        table.push_str(&format!("| {} | {} | {cells} |\n", case.topic, case.name.replace('_', " ")));
    }
    table
}
