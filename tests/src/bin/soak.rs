//! Random programs under faults, for as long as is said: `soak 10m`, `soak 1000000`, `soak 1h 7 4`.
//!
//! Arguments: how long (`90s`, `10m`, `2h`) or how many operations; the first seed (1 if not given); how many threads (as
//! many as there are cores). World n of the run has the seed n, so that one that breaks is seen again with
//! `soak 1 <seed> 1`.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tests::soak::{Stats, world};

/// When to stop.
#[derive(Clone, Copy, Debug)]
enum Limit {
    Time(Duration),
    Operations(u64),
}

impl Limit {
    fn parse(text: &str) -> Option<Self> {
        let units = [("s", 1), ("m", 60), ("h", 3600)];
        for (unit, seconds) in units {
            if let Some(number) = text.strip_suffix(unit) {
                return Some(Self::Time(Duration::from_secs(number.parse::<u64>().ok()? * seconds)));
            }
        }
        text.replace('_', "").parse().ok().map(Self::Operations)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |place: usize, default: &str| arguments.get(place).cloned().unwrap_or_else(|| default.to_owned());
    let cores = std::thread::available_parallelism().map_or(1, usize::from).to_string();
    let (Some(limit), Ok(first), Ok(threads)) =
        (Limit::parse(&argument(0, "1m")), argument(1, "1").parse::<u64>(), argument(2, &cores).parse::<usize>())
    else {
        eprintln!("usage: soak [10m|1000000] [first seed] [threads]");
        return ExitCode::from(2);
    };
    println!("soak {} from seed {first} on {threads} threads", argument(0, "1m"));
    let (started, next, stop) = (Instant::now(), AtomicU64::new(first), AtomicBool::new(false));
    let total = Mutex::new(Stats::default());
    let broken = Mutex::new(Vec::new());
    let enough = |stats: &Stats| match limit {
        Limit::Time(time) => started.elapsed() >= time,
        Limit::Operations(operations) => stats.operations >= operations,
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    match world(seed) {
                        Ok(stats) => {
                            let mut total = total.lock().expect("no thread panics here");
                            total.add(&stats);
                            if total.worlds.is_multiple_of(500) {
                                println!(
                                    "{:>6} s  {:>9} operations in {} worlds, {} faults",
                                    started.elapsed().as_secs(),
                                    total.operations,
                                    total.worlds,
                                    total.fired.total()
                                );
                            }
                            if enough(&total) {
                                stop.store(true, Ordering::Relaxed);
                            }
                        }
                        Err(what) => {
                            println!("BROKEN: {what}\n  again: soak 1 {} 1", what.seed);
                            broken.lock().expect("no thread panics here").push(what.seed);
                            stop.fetch_or(broken.lock().expect("as above").len() >= 20, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
    });
    let (total, broken) = (total.into_inner().expect("as above"), broken.into_inner().expect("as above"));
    println!("\n{total}");
    println!("seeds {first} to {}, {} s", next.into_inner() - 1, started.elapsed().as_secs());
    if broken.is_empty() {
        println!("every invariant held");
        return ExitCode::SUCCESS;
    }
    println!("{} worlds are broken: {broken:?}", broken.len());
    ExitCode::FAILURE
}
