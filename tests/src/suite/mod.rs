//! The cases, by topic, each a function over an engine. [`suite!`](crate::suite!) makes tests of them.

pub mod reads;
pub mod relations;

/// What a case answers: an error fails it.
pub type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// All cases as tests on one engine, which an expression gives: `tests::suite!(InProcess);`
#[macro_export]
macro_rules! suite {
    ($engine:expr) => {
        $crate::cases! { $engine =>
            reads: finds_by_each_unique_key;
            relations: loads_each_kind_of_relation;
        }
    };
}

/// The tests of some cases: modules of [`suite`](crate::suite) and their functions.
#[macro_export]
macro_rules! cases {
    ($engine:expr => $($topic:ident: $($case:ident),+ $(,)?;)*) => {$(
        mod $topic {
            use super::*;

            $(#[tokio::test]
            async fn $case() -> $crate::suite::Outcome {
                $crate::suite::$topic::$case(&$engine).await
            })+
        }
    )*};
}
