//! Ours beside code written by hand with the SDK: the same requests, the same structs, the same clients.
//!
//! `data` fills the tables with what `names` names, `hand` is the code that `orm` is compared with, `operations` pairs the
//! two, `wire` records requests and answers and gives recorded answers back, `canonical` tells whether two requests are the
//! same, `measure` has what the benches share.
//! `tests/same_requests.rs` holds the two to it; `benches/` has what is measured.

pub mod canonical;
pub mod data;
pub mod hand;
pub mod measure;
pub mod names;
pub mod operations;
pub mod wire;

/// Whatever went wrong, on either side.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
