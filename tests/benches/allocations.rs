//! How often the client's own work allocates, by `orm` and by hand: on a client that is answered with what was recorded.
//! `cargo bench -p tests --bench allocations`, and a part of the name for some operations.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tests::beside::Failure;
use tests::beside::measure::{Bed, Replay};
use tests::beside::operations::{Answer, operations};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The allocations of some work, whose result is kept until they are counted.
async fn counted(work: impl Future<Output = Result<Answer, Failure>>) -> Result<usize, Failure> {
    let region = Region::new(ALLOCATOR);
    let answer = work.await?;
    let count = region.change().allocations;
    drop(answer);
    Ok(count)
}

fn main() -> Result<(), Failure> {
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let bed = Bed::new().await?;
        println!("| operation | allocations | by hand | ratio |");
        println!("| --- | ---: | ---: | ---: |");
        for operation in operations().iter().filter(|operation| operation.name.contains(&wanted)) {
            let replay = Replay::new(&bed.record(operation).await?)?;
            // The first time some things are made that stay.
            replay.ours(operation).await?;
            replay.by_hand(operation).await?;
            let (ours, hand) = (counted(replay.ours(operation)).await?, counted(replay.by_hand(operation)).await?);
            println!("| {} | {ours} | {hand} | {:.2} |", operation.name, ours as f64 / hand as f64);
        }
        Ok(())
    })
}
