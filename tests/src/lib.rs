//! The conformance suite of `orm`: what every driver does, on every engine.
//!
//! `models`, `kinds` and `strangers` are the models it works on, `seed` has records of them, `engine` says how an `Orm`
//! comes about, `suite` has the cases by topic, and `requests` counts what reaches DynamoDB. The files in `tests/` run
//! the suite on one engine each. `beside` has what is measured: ours, and the same by hand.

pub mod beside;
pub mod engine;
pub mod faults;
pub mod kinds;
pub mod models;
pub mod requests;
pub mod seed;
pub mod soak;
pub mod strangers;
pub mod suite;

/// `docs/drivers.md`, whose skeleton of a driver is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../docs/drivers.md")]
pub mod drivers {}
