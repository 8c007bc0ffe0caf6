//! The conformance suite of `orm`: what every driver does, on every engine.
//!
//! `models`, `kinds` and `strangers` are the models it works on, `seed` has records of them, `engine` says how an `Orm`
//! comes about, and `suite` has the cases by topic; `tests/conformance.rs` runs them on all engines.
//!
//! The other files in `tests/` are about one driver or one promise each. For them `requests` counts what reaches DynamoDB,
//! `faults` lets requests fail, and `soak` has random programs under faults, which `bin/soak.rs` runs for longer. `beside`
//! has what `benches/` measures: ours, and the same by hand.

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

/// The pages of `docs/` whose examples are compiled here, because they need the DynamoDB driver or the suite. Those of
/// `docs/models.md` and `docs/queries.md` are compiled in `tests/ui`.
#[cfg(doctest)]
pub mod pages {
    #[doc = include_str!("../../docs/costs.md")]
    pub mod costs {}
    #[doc = include_str!("../../docs/drivers.md")]
    pub mod drivers {}
    #[doc = include_str!("../../docs/production.md")]
    pub mod production {}
    #[doc = include_str!("../../docs/storage.md")]
    pub mod storage {}
    #[doc = include_str!("../../docs/testing-your-program.md")]
    pub mod testing_your_program {}
}
