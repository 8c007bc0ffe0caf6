//! An HTTP client for the SDK that lets requests fail, around the embedded engine: chosen ones, by a closure, or any, by
//! a [`SeededPlan`] that a failure can be replayed from.

mod kind;
mod next;
mod partial;
mod plan;
mod tokens;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;

pub use self::kind::{FaultKind, Fired};
pub use self::next::Next;
pub use self::plan::SeededPlan;
use self::tokens::Tokens;

/// What happens to one request.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// It does not arrive.
    Dropped,
    /// It is applied, but its answer is lost.
    AnswerLost,
    /// It is answered with this status and body, and not applied.
    Answer(u16, String),
    /// It arrives so much later, if anybody still waits for its answer then.
    Delayed(Duration),
    /// The connection breaks, and it arrives all the same, so much later.
    ArrivesLate(Duration),
    /// It is applied, and answered so much later.
    AnswerDelayed(Duration),
    /// It is applied, but its answer ends after this part of its bytes, from 0.0 to 1.0.
    Truncated(f64),
    /// Of a batch only the first so many keys or writes are worked on; the others come back unprocessed.
    Unprocessed(usize),
    /// Of a query or scan only the first so many items are looked at, as if they had 1 MB.
    ShortPage(u64),
}

impl Fault {
    /// The answer of an engine that does not know the operation.
    pub fn unknown_operation() -> Self {
        Self::Answer(400, r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#.to_owned())
    }

    /// DynamoDB's answer with this exception.
    pub fn exception(status: u16, name: &str) -> Self {
        Self::Answer(status, format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{name}","message":"injected"}}"#))
    }

    /// DynamoDB's answer that a transaction was cancelled: one reason per action, `None` for those without a part in it.
    pub fn cancelled<'r>(reasons: impl IntoIterator<Item = &'r str>) -> Self {
        let reasons: Vec<_> = reasons.into_iter().map(|code| serde_json::json!({ "Code": code })).collect();
        let body = serde_json::json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "message": "Transaction cancelled, please refer cancellation reasons for specific reasons [injected]",
            "CancellationReasons": reasons,
        });
        Self::Answer(400, body.to_string())
    }
}

/// What happens to one request, and how long it is under way.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Treatment {
    pub(crate) before: Duration,
    pub(crate) fault: Option<Fault>,
    pub(crate) after: Duration,
}

/// Decides for each request, by its operation and body, what happens to it.
type Decide = dyn FnMut(&str, &[u8]) -> Treatment + Send;

/// An HTTP client whose requests go to another one, but for those that the plan lets fail, and for a transaction under
/// the token of another one.
#[derive(Clone)]
pub struct FaultyClient {
    inner: SharedHttpClient,
    decide: Arc<Mutex<Box<Decide>>>,
    tokens: Arc<Mutex<Tokens>>,
}

impl FaultyClient {
    /// A client around another one. The plan decides for each request, by its operation and body, whether something
    /// happens to it.
    pub fn new(inner: SharedHttpClient, mut plan: impl FnMut(&str, &[u8]) -> Option<Fault> + Send + 'static) -> Self {
        Self::deciding(inner, move |operation, body| Treatment { fault: plan(operation, body), ..Treatment::default() })
    }

    /// A client around another one, but for the requests of one operation: `answer` gets what each of them asks for.
    pub fn answering(
        inner: SharedHttpClient,
        operation: &'static str,
        mut answer: impl FnMut(serde_json::Value) -> Option<Fault> + Send + 'static,
    ) -> Self {
        Self::new(inner, move |sent, body| {
            let asked = (sent == operation).then(|| serde_json::from_slice(body).ok()).flatten()?;
            answer(asked)
        })
    }

    /// A client around another one whose faults and delays come from a seed.
    pub fn seeded(inner: SharedHttpClient, plan: &SeededPlan) -> Self {
        let plan = plan.clone();
        Self::deciding(inner, move |operation, body| plan.decide(operation, body))
    }

    fn deciding(inner: SharedHttpClient, decide: impl FnMut(&str, &[u8]) -> Treatment + Send + 'static) -> Self {
        Self { inner, decide: Arc::new(Mutex::new(Box::new(decide))), tokens: Arc::default() }
    }
}

impl std::fmt::Debug for FaultyClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FaultyClient")
    }
}

impl HttpClient for FaultyClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(FaultyConnector {
            inner: self.inner.http_connector(settings, components),
            decide: Arc::clone(&self.decide),
            tokens: Arc::clone(&self.tokens),
        })
    }
}

struct FaultyConnector {
    inner: SharedHttpConnector,
    decide: Arc<Mutex<Box<Decide>>>,
    tokens: Arc<Mutex<Tokens>>,
}

impl std::fmt::Debug for FaultyConnector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FaultyConnector")
    }
}

impl HttpConnector for FaultyConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = request.body().bytes().unwrap_or_default().to_vec();
        let Treatment { before, mut fault, after } =
            (self.decide.lock().unwrap_or_else(PoisonError::into_inner))(&operation, &body);
        let is_another_one = || !self.tokens.lock().unwrap_or_else(PoisonError::into_inner).accept(&body);
        if operation == "TransactWriteItems" && is_another_one() {
            fault = Some(Fault::exception(400, "IdempotentParameterMismatchException"));
        }
        let inner = self.inner.clone();
        HttpConnectorFuture::new(async move {
            pause(before).await;
            let answer = carry_out(&inner, request, fault).await;
            pause(after).await;
            answer
        })
    }
}

async fn pause(length: Duration) {
    if !length.is_zero() {
        tokio::time::sleep(length).await;
    }
}

async fn carry_out(
    inner: &SharedHttpConnector,
    request: HttpRequest,
    fault: Option<Fault>,
) -> Result<HttpResponse, ConnectorError> {
    match fault {
        None => inner.call(request).await,
        Some(Fault::Dropped) => Err(ConnectorError::io("injected: dropped".into())),
        Some(Fault::AnswerLost) => {
            inner.call(request).await?;
            Err(ConnectorError::io("injected: the answer is lost".into()))
        }
        Some(Fault::Delayed(delay)) => {
            pause(delay).await;
            inner.call(request).await
        }
        Some(Fault::ArrivesLate(delay)) => {
            let inner = inner.clone();
            tokio::spawn(async move {
                pause(delay).await;
                inner.call(request).await
            });
            Err(ConnectorError::io("injected: the connection broke".into()))
        }
        Some(Fault::AnswerDelayed(delay)) => {
            let answer = inner.call(request).await;
            pause(delay).await;
            answer
        }
        Some(Fault::Truncated(part)) => {
            let whole = inner.call(request).await?;
            let bytes = whole.body().bytes().unwrap_or_default();
            // Never nothing at all, which the SDK takes for an empty answer; HTTP would notice by the length.
            let kept = ((bytes.len() as f64 * part) as usize).clamp(1, bytes.len().saturating_sub(1).max(1));
            let cut = bytes.iter().take(kept).copied().collect::<Vec<u8>>();
            let mut answer = HttpResponse::new(whole.status(), cut.into());
            *answer.headers_mut() = whole.headers().clone();
            Ok(answer)
        }
        Some(Fault::Unprocessed(kept)) => partial::call(inner, request, kept).await,
        Some(Fault::ShortPage(most)) => partial::short_page(inner, request, most).await,
        Some(Fault::Answer(status, body)) => StatusCode::try_from(status)
            .map(|status| HttpResponse::new(status, body.into()))
            .map_err(|error| ConnectorError::other(error.into(), None)),
    }
}
