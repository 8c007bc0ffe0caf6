//! One workload on one kind of endpoint, three times: with this library, with Toasty and with the TypeScript package
//! `@farming-labs/orm-dynamodb`. Prints one table: the median time and the requests of each operation.
//!
//! Each is a process with a server of its own, with the same records: 1,000 users, each with a profile, 100 of them with
//! 10 sessions and 10 organizations each. Ours and Toasty take turns, so that a slow moment of the machine is both's. The
//! package comes after them: what it scans would leave nothing in the processor's caches.

mod ours;
mod process;
mod server;
mod side;

use std::time::Duration;

use orm::Orm;
use process::Process;
use server::{Counts, Server};
use side::{Answer, Failure, client};
use tests::beside::data::{Size, fill, schema};

/// The lines of the table.
const OPERATIONS: [&str; 13] = [
    "create",
    "find by id",
    "find by email",
    "update by email",
    "change an email",
    "sessions of a user",
    "count sessions of a user",
    "a user with sessions",
    "100 users with profiles",
    "100 users with sessions",
    "100 users with organizations",
    "create 100",
    "delete by email",
];

/// What a request to a service near by takes.
const NETWORK: Duration = Duration::from_millis(3);
/// How long each library runs an operation, unless it has not run the fewest times then, or has run the most before.
const LIMIT_MS: f64 = 3_000.0;
const FEWEST: usize = 3;
const MOST: usize = 150;

/// What became of one operation of one library.
#[derive(Default)]
struct Outcome {
    /// In milliseconds. The first one opened the connections.
    times: Vec<f64>,
    requests: Counts,
    error: Option<String>,
}

impl Outcome {
    fn wants_more(&self) -> bool {
        let spent: f64 = self.times.iter().sum();
        self.error.is_none() && (self.times.len() <= FEWEST || self.times.len() <= MOST && spent < LIMIT_MS)
    }

    fn take(&mut self, process: &mut Process, name: &str, n: usize) -> Result<(), Failure> {
        process.server.take();
        match process.take(name, n)? {
            Answer::Done { ms } => self.times.push(ms),
            Answer::Failed { error } => self.error = Some(error),
        }
        self.requests = process.server.take();
        Ok(())
    }

    fn median(&self) -> f64 {
        let mut times = self.times.get(1..).unwrap_or_default().to_vec();
        times.sort_unstable_by(f64::total_cmp);
        times.get(times.len() / 2).copied().unwrap_or_default()
    }

    fn cell(&self, ours: Option<&Self>) -> String {
        if let Some(error) = &self.error {
            return error.clone();
        }
        let kinds: Vec<String> = self.requests.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let times = match ours {
            Some(ours) if ours.error.is_none() => times(self.median() / ours.median()),
            _ => String::new(),
        };
        format!("{:.2} ms{times}: {}", self.median(), kinds.join(" + "))
    }
}

fn times(ratio: f64) -> String {
    if ratio < 2.0 { format!(" ({ratio:.2} x)") } else { format!(" ({ratio:.1} x)") }
}

/// One operation, with all of these libraries in turns.
fn measure<const N: usize>(processes: &mut [Process; N], name: &str) -> Result<[Outcome; N], Failure> {
    let mut outcomes = std::array::from_fn(|_| Outcome::default());
    for n in 0.. {
        if !outcomes.iter().any(Outcome::wants_more) {
            break;
        }
        for (outcome, process) in outcomes.iter_mut().zip(processes.iter_mut()) {
            if outcome.wants_more() {
                outcome.take(process, name, n)?;
            }
        }
    }
    Ok(outcomes)
}

/// A server with the records that ours and the package both read: they have one format.
async fn filled() -> Result<Server, Failure> {
    let server = Server::start().await?;
    let orm = Orm::bootstrap(schema(), client(&server.url())).await?;
    fill(&orm, Size::USUAL).await?;
    Ok(server)
}

/// The table of one round.
async fn round(delay: Duration) -> Result<(), Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let toasty = concat!(env!("CARGO_MANIFEST_DIR"), "/toasty/Cargo.toml");
    let toasty = ["run", "--quiet", "--release", "--manifest-path", toasty, "--"];
    let reference = concat!(env!("CARGO_MANIFEST_DIR"), "/reference.mjs");
    let mut rust = [
        Process::start(filled().await?, std::env::current_exe()?, &["ours"])?,
        Process::start(Server::start().await?, cargo, &toasty)?,
    ];
    let mut package = [Process::start(filled().await?, "node", &[reference])?];
    for process in rust.iter().chain(&package) {
        process.server.delay(delay);
    }
    println!("| operation | ours | Toasty 0.11 | @farming-labs/orm-dynamodb 0.0.62 |");
    println!("| --- | --- | --- | --- |");
    for name in OPERATIONS {
        let [ours, toasty] = measure(&mut rust, name)?;
        let [package] = measure(&mut package, name)?;
        let cells = [ours.cell(None), toasty.cell(Some(&ours)), package.cell(Some(&ours))];
        println!("| {name} | {} |", cells.join(" | "));
    }
    Ok(())
}

/// Our side of the comparison.
async fn ours(url: &str) -> Result<(), Failure> {
    let orm = Orm::from_runtime(schema(), client(url))?;
    side::take_turns(&ours::operations(&orm)).await
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, side, url] = arguments.as_slice()
        && side == "ours"
    {
        return ours(url).await;
    }
    println!("On loopback:\n");
    round(Duration::ZERO).await?;
    println!("\nWith {} ms before each answer, as over a network:\n", NETWORK.as_millis());
    round(NETWORK).await
}
