//! What the benches share: a bed of both sides, and figures.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use orm::Orm;
use orm_dynamodb::{DynamoDb, Embedded};

use super::Failure;
use super::data::{Size, fill, schema};
use super::hand::Hand;
use super::operations::{Answer, Operation};
use super::wire::{Exchange, Recorder, canned_client};

/// Both sides on one engine inside the process, with the usual records.
#[derive(Debug)]
pub struct Bed {
    pub orm: Orm,
    pub hand: Hand,
    recorded_orm: Orm,
    recorded_hand: Hand,
    recorder: Recorder,
}

/// The same request sent by both sides has the number of its side, so that neither finds what the other left.
pub const OURS: usize = 0;
pub const BY_HAND: usize = 1;

/// What was recorded of one operation, by side.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Recorded {
    pub ours: Vec<Exchange>,
    pub hand: Vec<Exchange>,
}

impl Bed {
    /// # Errors
    /// What the engine answers.
    pub async fn new() -> Result<Self, Failure> {
        let embedded = Embedded::in_memory()?;
        let recorder = Recorder::new(embedded.http_client());
        let recorded = Client::from_conf(embedded.config().http_client(recorder.clone()).build());
        let client = embedded.client();
        let orm = Orm::bootstrap(schema(), &client).await?;
        fill(&orm, Size::USUAL).await?;
        Ok(Self {
            orm,
            hand: Hand::new(client),
            recorded_orm: Orm::from_runtime(schema(), &recorded)?,
            recorded_hand: Hand::new(recorded),
            recorder,
        })
    }

    /// Carries out an operation once by each side, and answers what went over the wire.
    ///
    /// # Errors
    /// What either side answers.
    pub async fn record(&self, operation: &Operation) -> Result<Recorded, Failure> {
        self.prepare(operation, OURS).await?;
        self.prepare(operation, BY_HAND).await?;
        self.recorder.take();
        (operation.ours)(&self.recorded_orm, OURS).await?;
        let ours = self.recorder.take();
        (operation.hand)(&self.recorded_hand, BY_HAND).await?;
        Ok(Recorded { ours, hand: self.recorder.take() })
    }

    /// # Errors
    /// What the engine answers.
    pub async fn prepare(&self, operation: &Operation, n: usize) -> Result<(), Failure> {
        if let Some(prepare) = operation.prepare {
            prepare(&self.orm, n).await?;
        }
        Ok(())
    }
}

/// Both sides, answered with what was recorded.
#[derive(Debug)]
pub struct Replay {
    pub orm: Orm,
    pub hand: Hand,
}

impl Replay {
    /// # Errors
    /// When a client cannot be set up.
    pub fn new(recorded: &Recorded) -> Result<Self, Failure> {
        let orm = Orm::new(schema(), DynamoDb::new(canned_client(&recorded.ours)?))?;
        Ok(Self { orm, hand: Hand::new(canned_client(&recorded.hand)?) })
    }

    /// # Errors
    /// What our side answers.
    pub async fn ours(&self, operation: &Operation) -> Result<Answer, Failure> {
        (operation.ours)(&self.orm, OURS).await
    }

    /// # Errors
    /// What the other side answers.
    pub async fn by_hand(&self, operation: &Operation) -> Result<Answer, Failure> {
        (operation.hand)(&self.hand, BY_HAND).await
    }
}

/// How long and how often something is measured.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// For how long, preparations and all.
    pub limit: Duration,
    /// How often at least, even if it takes longer.
    pub fewest: usize,
    /// How often at most, even if there is time left.
    pub most: usize,
}

impl Effort {
    /// The rounds, counted from 0. The time begins with the call.
    pub fn rounds(self) -> impl Iterator<Item = usize> {
        let start = Instant::now();
        (0..).take_while(move |&round| round < self.fewest || (start.elapsed() < self.limit && round < self.most))
    }
}

/// How long something took.
pub async fn timed<T, E>(work: impl Future<Output = Result<T, E>>) -> Result<Duration, E> {
    let start = Instant::now();
    let result = work.await?;
    let took = start.elapsed();
    drop(std::hint::black_box(result));
    Ok(took)
}

/// The one in the middle.
pub fn median(durations: &mut [Duration]) -> Duration {
    percentile(durations, 50)
}

/// The one that so many of a hundred are below.
pub fn percentile(durations: &mut [Duration], percent: usize) -> Duration {
    durations.sort_unstable();
    durations.get(durations.len() * percent / 100).copied().unwrap_or_default()
}

/// In microseconds, with three digits that count.
pub fn micros(duration: Duration) -> String {
    let micros = duration.as_secs_f64() * 1e6;
    match micros {
        ..10.0 => format!("{micros:.2}"),
        ..100.0 => format!("{micros:.1}"),
        _ => format!("{micros:.0}"),
    }
}

/// How many times the one is of the other.
pub fn ratio(ours: Duration, other: Duration) -> String {
    format!("{:.2}", ours.as_secs_f64() / other.as_secs_f64())
}

/// 1234567 as `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
