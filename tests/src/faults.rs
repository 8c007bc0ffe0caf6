//! An HTTP client for the SDK that lets chosen requests fail, around the embedded engine.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;

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
}

/// Decides for each request, by its operation and body, whether something happens to it.
pub type Plan = dyn FnMut(&str, &[u8]) -> Option<Fault> + Send;

/// An HTTP client whose requests go to another one, but for those that the plan lets fail.
#[derive(Clone)]
pub struct FaultyClient {
    inner: SharedHttpClient,
    plan: Arc<Mutex<Box<Plan>>>,
}

impl FaultyClient {
    /// A client around another one.
    pub fn new(inner: SharedHttpClient, plan: impl FnMut(&str, &[u8]) -> Option<Fault> + Send + 'static) -> Self {
        Self { inner, plan: Arc::new(Mutex::new(Box::new(plan))) }
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
            plan: Arc::clone(&self.plan),
        })
    }
}

struct FaultyConnector {
    inner: SharedHttpConnector,
    plan: Arc<Mutex<Box<Plan>>>,
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
        let fault = (self.plan.lock().unwrap_or_else(PoisonError::into_inner))(&operation, &body);
        match fault {
            None => self.inner.call(request),
            Some(Fault::Dropped) => HttpConnectorFuture::ready(Err(ConnectorError::io("injected: dropped".into()))),
            Some(Fault::AnswerLost) => {
                let answer = self.inner.call(request);
                HttpConnectorFuture::new(async move {
                    answer.await?;
                    Err(ConnectorError::io("injected: the answer is lost".into()))
                })
            }
            Some(Fault::Delayed(delay)) => {
                let answer = self.inner.call(request);
                HttpConnectorFuture::new(async move {
                    tokio::time::sleep(delay).await;
                    answer.await
                })
            }
            Some(Fault::Answer(status, body)) => HttpConnectorFuture::ready(
                StatusCode::try_from(status)
                    .map(|status| HttpResponse::new(status, body.into()))
                    .map_err(|error| ConnectorError::other(error.into(), None)),
            ),
        }
    }
}
