//! What goes over the wire: recorded from an engine, and given back without one, so that what remains is the client's
//! own work.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use orm_dynamodb::Embedded;
use serde::{Deserialize, Serialize};

/// One request and its answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Exchange {
    /// `GetItem`, `Query` and so on.
    pub operation: String,
    pub request: String,
    pub status: u16,
    pub answer: String,
}

/// Notes every request to another client and its answer. Clones note together.
#[derive(Clone, Debug)]
pub struct Recorder {
    inner: SharedHttpClient,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

impl Recorder {
    pub fn new(inner: SharedHttpClient) -> Self {
        Self { inner, exchanges: Arc::default() }
    }

    /// What was noted since the last call.
    pub fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.exchanges.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Debug)]
struct RecordingConnector {
    inner: SharedHttpConnector,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

impl HttpClient for Recorder {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(RecordingConnector { inner, exchanges: Arc::clone(&self.exchanges) })
    }
}

impl HttpConnector for RecordingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let sent = text(request.body().bytes());
        let exchanges = Arc::clone(&self.exchanges);
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let response = answer.await?;
            let (status, answer) = (response.status().as_u16(), text(response.body().bytes()));
            let exchange = Exchange { operation, request: sent, status, answer };
            exchanges.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
            Ok(response)
        })
    }
}

fn text(bytes: Option<&[u8]>) -> String {
    String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
}

/// Answers requests with what was recorded, in that order, over and over.
#[derive(Clone, Debug)]
pub struct Canned(Arc<Answers>);

#[derive(Debug)]
struct Answers {
    answers: Vec<(u16, &'static str)>,
    next: AtomicUsize,
}

impl Canned {
    /// The text of the answers is never freed: an answer is a view of it, as cheap as an answer can be.
    pub fn new(exchanges: &[Exchange]) -> Self {
        let answers = exchanges
            .iter()
            .map(|exchange| {
                let text: &'static str = Box::leak(exchange.answer.clone().into_boxed_str());
                (exchange.status, text)
            })
            .collect();
        Self(Arc::new(Answers { answers, next: AtomicUsize::new(0) }))
    }
}

/// A client that is answered with what was recorded. It is set up as that of the engine is.
///
/// # Errors
/// When the engine, which is not used, cannot be set up.
pub fn canned_client(exchanges: &[Exchange]) -> Result<Client, orm::Error> {
    let config = Embedded::in_memory()?.config().http_client(Canned::new(exchanges));
    Ok(Client::from_conf(config.build()))
}

impl HttpClient for Canned {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Canned {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.0.answer())
    }
}

impl Answers {
    fn answer(&self) -> Result<HttpResponse, ConnectorError> {
        let place = self.next.fetch_add(1, Ordering::Relaxed) % self.answers.len().max(1);
        let (status, text) = self.answers.get(place).copied().unwrap_or((500, ""));
        let status = StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
        let mut response = HttpResponse::new(status, text.into());
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        Ok(response)
    }
}
