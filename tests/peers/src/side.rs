//! A library in a process of its own, which takes turns: for each line `{"name": .., "n": ..}` it runs that operation once
//! and answers a line, `{"ms": ..}` or `{"error": ".."}`. Before the first, when its records are there, it says `ready`.
//!
//! Toasty's workspace includes this file: it holds the SDK at another version.

use std::io::Write;
use std::pin::Pin;
use std::time::Instant;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_async::rt::sleep::TokioSleep;
use serde::{Deserialize, Serialize};

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What one operation does, for a number that no run before it had.
pub type Run = Box<dyn Fn(usize) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>> + Send + Sync>;

#[derive(Debug, Deserialize, Serialize)]
pub struct Turn {
    pub name: String,
    pub n: usize,
}

/// What became of a turn.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Answer {
    Done { ms: f64 },
    Failed { error: String },
}

/// An SDK client of the server at an address.
pub fn client(url: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .endpoint_url(url)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(TokioSleep::new())
        .build();
    Client::from_conf(config)
}

/// What has to be there, or nothing would be measured.
pub fn expect(is_so: bool) -> Result<(), Failure> {
    if is_so { Ok(()) } else { Err("it answered something else than was asked for".into()) }
}

/// Takes turns until there are no more.
pub async fn take_turns(operations: &[(&str, Run)]) -> Result<(), Failure> {
    say("ready")?;
    for line in std::io::stdin().lines() {
        let Turn { name, n } = serde_json::from_str(&line?)?;
        let (_, run) = operations.iter().find(|(known, _)| *known == name).ok_or("an operation that is not known")?;
        let start = Instant::now();
        let answer = match once(run, n).await {
            Ok(()) => Answer::Done { ms: start.elapsed().as_secs_f64() * 1e3 },
            Err(error) => Answer::Failed { error },
        };
        say(&serde_json::to_string(&answer)?)?;
    }
    Ok(())
}

fn say(line: &str) -> Result<(), std::io::Error> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
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
