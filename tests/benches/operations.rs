//! Each operation of the budget by `orm` and by hand, in turns: on the engine inside this process, and on a client that
//! is answered with what was recorded, so that only the client's own work remains.
//! `cargo bench -p tests --bench operations`, and a part of the name for some of them.
//!
//! A ratio is only as good as what both of its numbers were measured under, so the two sides take turns, call by call;
//! that is why this is no criterion or divan, which measure one thing after the other. How often both allocate is counted
//! by another bench, because counting takes time.

use std::time::Duration;

use tests::beside::Failure;
use tests::beside::measure::{Bed, Effort, Replay, micros, percentile, ratio, timed};
use tests::beside::operations::{Operation, operations};

/// How long and how often each operation is measured on each kind of client, both sides together.
const EFFORT: Effort = Effort { limit: Duration::from_millis(1_500), fewest: 15, most: 3_000 };

/// The medians of both sides, and between which times eight of ten calls of the other side lie: its noise.
struct Times {
    ours: Duration,
    hand: Duration,
    noise: (Duration, Duration),
}

impl Times {
    fn of(ours: &mut [Duration], hand: &mut [Duration]) -> Self {
        Self {
            ours: percentile(ours, 50),
            hand: percentile(hand, 50),
            noise: (percentile(hand, 10), percentile(hand, 90)),
        }
    }
}

async fn on_the_engine(bed: &Bed, operation: &Operation, first: usize) -> Result<Times, Failure> {
    let (mut ours, mut hand) = (Vec::new(), Vec::new());
    for round in EFFORT.rounds() {
        let n = first + 2 * round;
        bed.prepare(operation, n).await?;
        bed.prepare(operation, n + 1).await?;
        // What comes first finds the caches and the records as the preparation left them: each side in turn.
        if round % 2 == 0 {
            ours.push(timed((operation.ours)(&bed.orm, n)).await?);
            hand.push(timed((operation.hand)(&bed.hand, n + 1)).await?);
        } else {
            hand.push(timed((operation.hand)(&bed.hand, n)).await?);
            ours.push(timed((operation.ours)(&bed.orm, n + 1)).await?);
        }
    }
    Ok(Times::of(&mut ours, &mut hand))
}

async fn by_itself(replay: &Replay, operation: &Operation) -> Result<Times, Failure> {
    let (mut ours, mut hand) = (Vec::new(), Vec::new());
    for _ in EFFORT.rounds() {
        ours.push(timed(replay.ours(operation)).await?);
        hand.push(timed(replay.by_hand(operation)).await?);
    }
    Ok(Times::of(&mut ours, &mut hand))
}

fn main() -> Result<(), Failure> {
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let bed = Bed::new().await?;
        println!(
            "| operation | engine, µs | by hand | ratio | by hand, 8 of 10 | client alone, µs | by hand | ratio |"
        );
        println!("| --- | ---: | ---: | ---: | :---: | ---: | ---: | ---: |");
        for operation in operations().iter().filter(|operation| operation.name.contains(&wanted)) {
            let replay = Replay::new(&bed.record(operation).await?)?;
            let Times { ours, hand, noise } = on_the_engine(&bed, operation, 2).await?;
            let Times { ours: our_client, hand: hand_client, .. } = by_itself(&replay, operation).await?;
            println!(
                "| {} | {} | {} | {} | {} to {} | {} | {} | {} |",
                operation.name,
                micros(ours),
                micros(hand),
                ratio(ours, hand),
                micros(noise.0),
                micros(noise.1),
                micros(our_client),
                micros(hand_client),
                ratio(our_client, hand_client),
            );
        }
        Ok(())
    })
}
