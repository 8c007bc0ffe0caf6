//! One workload on one kind of endpoint, three times: with this library, with Toasty and with the TypeScript package
//! `@farming-labs/orm-dynamodb`. Prints one table: the median time and the requests of each operation.
//!
//! Each has a server of its own, with the same records: 1,000 users, each with a profile, 100 of them with 10 sessions
//! and 10 organizations each.

mod ours;
mod server;
mod toasty_side;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::process::Stdio;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_async::rt::sleep::TokioSleep;
use orm::Orm;
use serde::Deserialize;
use server::{Counts, Server};
use tests::beside::data::{Size, fill, schema};

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What one operation does, for a number that no run before it had.
pub type Run = Box<dyn Fn(usize) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>> + Send + Sync>;

/// The lines of the table.
pub const OPERATIONS: [&str; 13] = [
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

const LIMIT: Duration = Duration::from_secs(6);
/// What a request to a service near by takes.
const NETWORK: Duration = Duration::from_millis(3);
const FEWEST: usize = 3;
const MOST: usize = 150;

/// What became of an operation.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Outcome {
    Done { ms: f64, requests: Counts },
    Failed { error: String },
}

type Outcomes = BTreeMap<String, Outcome>;

/// An SDK client of a server.
pub fn client(server: &Server) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .endpoint_url(server.url())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(TokioSleep::new())
        .build();
    Client::from_conf(config)
}

/// What has to be there, or nothing would be measured.
pub fn expect(is_so: bool) -> Result<(), Failure> {
    if is_so { Ok(()) } else { Err("it answered something else than was asked for".into()) }
}

/// One run, of which a panic is a failure like any other.
async fn once(run: &Run, n: usize) -> Result<(), String> {
    match tokio::spawn(run(n)).await {
        Ok(result) => result.map_err(|error| first_line(&error.to_string())),
        Err(error) if error.is_panic() => {
            let panic = error.into_panic();
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(format!("panics: {}", first_line(&text.unwrap_or_default())))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// What an error says, or the service said in it.
fn first_line(text: &str) -> String {
    let said = text.split_once("message: \"").and_then(|(_, said)| said.split_once("\", ").or(said.split_once("\"")));
    let text = said.map_or(text, |(said, _)| said);
    text.lines().next().unwrap_or_default().chars().take(120).collect()
}

/// One operation of one library.
struct Turns<'a> {
    server: &'a Server,
    run: &'a Run,
    times: Vec<Duration>,
    requests: Counts,
    failure: Option<String>,
}

impl Turns<'_> {
    async fn take(&mut self, n: usize) {
        if self.failure.is_some() {
            return;
        }
        self.server.take();
        let start = Instant::now();
        match once(self.run, n).await {
            Ok(()) => self.times.push(start.elapsed()),
            Err(failure) => self.failure = Some(failure),
        }
        self.requests = self.server.take();
    }

    fn outcome(mut self) -> Outcome {
        if let Some(error) = self.failure {
            return Outcome::Failed { error };
        }
        // The first one opened the connections.
        let times = self.times.get_mut(1..).unwrap_or_default();
        times.sort_unstable();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        Outcome::Done { ms: median.as_secs_f64() * 1e3, requests: self.requests }
    }
}

/// Each operation with all of these libraries in turns, so that a slow moment of the machine is everybody's.
async fn measure<const N: usize>(sides: [(&Server, &[(&'static str, Run)]); N]) -> [Outcomes; N] {
    let mut outcomes = [const { Outcomes::new() }; N];
    for (place, name) in OPERATIONS.into_iter().enumerate() {
        let mut turns = sides.map(|(server, operations)| Turns {
            server,
            run: &operations[place].1,
            times: Vec::new(),
            requests: Counts::new(),
            failure: None,
        });
        let begin = Instant::now();
        for n in 0..=MOST {
            if n > FEWEST && begin.elapsed() > LIMIT {
                break;
            }
            for side in &mut turns {
                side.take(n).await;
            }
        }
        for (outcomes, side) in outcomes.iter_mut().zip(turns) {
            outcomes.insert(name.to_owned(), side.outcome());
        }
    }
    outcomes
}

/// The package from npm, in a process of its own.
async fn reference(server: &Server) -> Result<Outcomes, Failure> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/reference.mjs");
    let output = tokio::task::block_in_place(|| {
        std::process::Command::new("node")
            .args([script, &server.url(), &Size::USUAL.active.to_string()])
            .stderr(Stdio::inherit())
            .output()
    })?;
    let mut outcomes = Outcomes::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        #[derive(Deserialize)]
        struct Line {
            name: String,
            #[serde(flatten)]
            outcome: Outcome,
        }
        let Line { name, outcome } = serde_json::from_str(line)?;
        outcomes.insert(name, outcome);
    }
    Ok(outcomes)
}

/// A server with the records that ours and the package both read: they have one format.
async fn filled() -> Result<(Server, Orm), Failure> {
    let server = Server::start().await?;
    let orm = Orm::bootstrap(schema(), client(&server)).await?;
    fill(&orm, Size::USUAL).await?;
    server.take();
    Ok((server, orm))
}

fn cell(outcome: Option<&Outcome>, ours: Option<&Outcome>) -> String {
    match outcome {
        None => "not run".to_owned(),
        Some(Outcome::Failed { error }) => error.clone(),
        Some(Outcome::Done { ms, requests }) => {
            let kinds: Vec<String> = requests.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            let times = match ours {
                Some(Outcome::Done { ms: our_ms, .. }) => times(ms / our_ms),
                _ => String::new(),
            };
            format!("{ms:.2} ms{times}: {}", kinds.join(" + "))
        }
    }
}

fn times(ratio: f64) -> String {
    if ratio < 2.0 { format!(" ({ratio:.2} x)") } else { format!(" ({ratio:.1} x)") }
}

/// The table of one round.
async fn round(delay: Duration) -> Result<(), Failure> {
    let (server, orm) = filled().await?;
    let operations = ours::operations(&orm);
    let toasty_server = Server::start().await?;
    let toasty_operations = toasty_side::operations(&toasty_server).await?;
    server.delay(delay);
    toasty_server.delay(delay);
    let [ours, toasty] = measure([(&server, &operations), (&toasty_server, &toasty_operations)]).await;
    let (reference_server, _) = filled().await?;
    reference_server.delay(delay);
    let reference = reference(&reference_server).await?;
    println!("| operation | ours | Toasty 0.10 | @farming-labs/orm-dynamodb 0.0.62 |");
    println!("| --- | --- | --- | --- |");
    for name in OPERATIONS {
        let own = ours.get(name);
        let cells = [cell(own, None), cell(toasty.get(name), own), cell(reference.get(name), own)];
        println!("| {name} | {} |", cells.join(" | "));
    }
    Ok(())
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    println!("On loopback:\n");
    round(Duration::ZERO).await?;
    println!("\nWith {} ms before each answer, as over a network:\n", NETWORK.as_millis());
    round(NETWORK).await
}
