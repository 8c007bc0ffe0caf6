//! How many instructions the client's own work takes, by `orm` and by hand: counted by valgrind's callgrind, which is
//! repeatable whatever else the machine does. `cargo bench -p tests --bench instructions`, and a part of the name for
//! some of them. It needs valgrind.
//!
//! Each operation is run a few times and a few times more, on a client that is answered with what was recorded; the
//! difference is that of the further runs, without what starting takes.
//!
//! `PROFILE=<folder>` keeps callgrind's files there, for `callgrind_annotate`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tests::beside::Failure;
use tests::beside::measure::{Bed, Recorded, Replay, grouped};
use tests::beside::operations::{Class, Operation, operations};

/// How often an operation is run, and how often more.
const fn runs(class: Class) -> (usize, usize) {
    match class {
        Class::Single => (5, 100),
        Class::Many => (3, 30),
        Class::Relations | Class::Bulk => (1, 6),
    }
}

/// The bound of each kind, in times of what is written by hand.
const fn bound(class: Class) -> f64 {
    match class {
        Class::Single => 1.10,
        Class::Many | Class::Relations | Class::Bulk => 1.25,
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

fn file(folder: &Path, place: usize) -> PathBuf {
    folder.join(format!("{place}.json"))
}

/// What callgrind runs.
fn run(recorded: &Path, place: usize, side: &str, times: usize) -> Result<(), Failure> {
    let recorded: Recorded = serde_json::from_slice(&std::fs::read(recorded)?)?;
    let operations = operations();
    let operation = operations.get(place).ok_or("there is no such operation")?;
    runtime()?.block_on(async {
        let replay = Replay::new(&recorded)?;
        for _ in 0..times {
            let answer = match side {
                "ours" => replay.ours(operation).await?,
                _ => replay.by_hand(operation).await?,
            };
            drop(std::hint::black_box(answer));
        }
        Ok(())
    })
}

fn counted(folder: &Path, place: usize, side: &str, times: usize) -> Result<u64, Failure> {
    let out = match std::env::var_os("PROFILE") {
        Some(profiles) => Path::new(&profiles).join(format!("{place}-{side}-{times}.callgrind")),
        None => "/dev/null".into(),
    };
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(std::env::current_exe()?)
        .args(["run", &file(folder, place).display().to_string(), &place.to_string(), side, &times.to_string()])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let total = text.lines().find_map(|line| line.split("Collected :").nth(1));
    let total = total.and_then(|total| total.trim().parse().ok());
    total.filter(|_| output.status.success()).ok_or_else(|| text.into_owned().into())
}

/// The instructions of one run.
fn instructions(folder: &Path, place: usize, side: &str, class: Class) -> Result<u64, Failure> {
    let (few, more) = runs(class);
    let without = counted(folder, place, side, few)?;
    let with = counted(folder, place, side, few + more)?;
    Ok(with.saturating_sub(without) / more as u64)
}

/// The line of an operation.
fn measured(folder: &Path, place: usize, operation: &Operation) -> Result<String, Failure> {
    // One side beside the other: counts do not depend on what else runs.
    let (ours, hand) = std::thread::scope(|scope| {
        let ours =
            scope.spawn(|| instructions(folder, place, "ours", operation.class).map_err(|error| error.to_string()));
        let hand = instructions(folder, place, "hand", operation.class);
        (ours.join().unwrap_or_else(|_| Err("counting panicked".to_owned())), hand)
    });
    let (ours, hand) = (ours?, hand?);
    let (ratio, bound) = (ours as f64 / hand as f64, bound(operation.class));
    let within = if ratio <= bound { "" } else { ", above" };
    Ok(format!("| {} | {} | {} | {ratio:.3} | {bound:.2}{within} |", operation.name, grouped(ours), grouped(hand)))
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let [command, recorded, place, side, times] = arguments.as_slice()
        && command == "run"
    {
        return run(Path::new(recorded), place.parse()?, side, times.parse()?);
    }
    let wanted = arguments.first().cloned().unwrap_or_default();
    let folder = std::env::temp_dir().join(format!("orm-instructions-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let all = operations();
    let chosen: Vec<(usize, &Operation)> =
        all.iter().enumerate().filter(|(_, operation)| operation.name.contains(&wanted)).collect();
    runtime()?.block_on(async {
        let bed = Bed::new().await?;
        for (place, operation) in &chosen {
            std::fs::write(file(&folder, *place), serde_json::to_vec(&bed.record(operation).await?)?)?;
        }
        Ok::<_, Failure>(())
    })?;
    println!("| operation | ours | by hand | ratio | bound |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for (place, operation) in chosen {
        println!("{}", measured(&folder, place, operation)?);
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
