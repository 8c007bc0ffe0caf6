//! The SDK's HTTP client and connector, answered by the engine.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use dynoxide::Database;

use super::{dispatch, errors};

/// Hands the engine's one connector to every request, whatever its settings: there is no connection to time out.
#[derive(Debug)]
pub(super) struct InProcessClient(SharedHttpConnector);

impl InProcessClient {
    pub(super) fn new(database: Database) -> Self {
        Self(SharedHttpConnector::new(InProcessConnector(Arc::new(Engine { database, answered: AtomicU64::new(0) }))))
    }
}

impl HttpClient for InProcessClient {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        self.0.clone()
    }
}

struct InProcessConnector(Arc<Engine>);

struct Engine {
    database: Database,
    answered: AtomicU64,
}

impl fmt::Debug for InProcessConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcessConnector")
    }
}

impl HttpConnector for InProcessConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let engine = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            yield_once().await;
            engine.respond(&request)
        })
    }
}

impl Engine {
    fn respond(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let (status, json) = self.status_and_json(request);
        let status = StatusCode::try_from(status).map_err(|err| ConnectorError::other(err.into(), None))?;
        let id = self.answered.fetch_add(1, Ordering::Relaxed);
        let mut response = HttpResponse::new(status, json.into());
        let headers = response.headers_mut();
        headers.insert("content-type", "application/x-amz-json-1.0");
        headers.insert("x-amzn-requestid", format!("EMBEDDED{id:016X}"));
        Ok(response)
    }

    fn status_and_json(&self, request: &HttpRequest) -> (u16, Vec<u8>) {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let Some(operation) = dispatch::operation(target) else {
            return (400, errors::UNKNOWN_OPERATION.into());
        };
        // The SDK's requests are whole in memory; only a body that streams has no bytes yet.
        let Some(body) = request.body().bytes() else {
            return (400, errors::UNREADABLE_BODY.into());
        };
        match dispatch::dispatch(&self.database, operation, body) {
            Some(Ok(json)) => (200, json),
            Some(Err(err)) => (err.status_code(), err.to_json().into_bytes()),
            None => (400, errors::UNKNOWN_OPERATION.into()),
        }
    }
}

/// Lets the executor run its other tasks, as it would while a request is on its way.
async fn yield_once() {
    let mut yielded = false;
    poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
