//! The engine inside a process, behind a loopback HTTP server: the same endpoint for everybody.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::config::http::HttpRequest;
use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use orm_dynamodb::Embedded;
use tokio::net::TcpListener;

use crate::side::Failure;

/// How many requests of each operation came: `{"GetItem": 2}`.
pub type Counts = BTreeMap<String, u64>;

/// A server on a port of its own.
#[derive(Clone)]
pub struct Server {
    address: SocketAddr,
    counts: Arc<Mutex<Counts>>,
    delay_ms: Arc<AtomicU64>,
}

impl Server {
    /// Serves a new, empty engine until the process ends, on a thread of its own. Answers come after a delay, as over a
    /// network: those to requests side by side at once.
    pub async fn start() -> Result<Self, Failure> {
        let embedded = Embedded::in_memory()?;
        let connector = connector(&embedded).await?;
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let server = Self { address: listener.local_addr()?, counts: Arc::default(), delay_ms: Arc::default() };
        let (counts, delay_ms) = (Arc::clone(&server.counts), Arc::clone(&server.delay_ms));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::spawn(move || {
            // The tables live as long as the engine.
            let _embedded = embedded;
            runtime.block_on(serve(listener, connector, counts, delay_ms))
        });
        Ok(server)
    }

    /// How long each answer takes from now on.
    pub fn delay(&self, delay: Duration) {
        self.delay_ms.store(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests since the last call.
    pub fn take(&self) -> Counts {
        std::mem::take(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn serve(
    listener: std::net::TcpListener,
    connector: SharedHttpConnector,
    counts: Arc<Mutex<Counts>>,
    delay_ms: Arc<AtomicU64>,
) -> Result<(), std::io::Error> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (connector, counts, delay_ms) = (connector.clone(), Arc::clone(&counts), Arc::clone(&delay_ms));
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, &connector, &counts, &delay_ms));
            // A client that hangs up is no failure of the server.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    connector: &SharedHttpConnector,
    counts: &Mutex<Counts>,
    delay_ms: &AtomicU64,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let target = target.to_owned();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    *counts.lock().unwrap_or_else(PoisonError::into_inner).entry(operation).or_default() += 1;
    let body = match request.into_body().collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return Ok(failed(&error)),
    };
    let delay = Duration::from_millis(delay_ms.load(Ordering::Relaxed));
    if !delay.is_zero() {
        // A timer of tokio is as long as up to two whole milliseconds more, which would hide what a client takes itself.
        async_io::Timer::after(delay).await;
    }
    let mut inner = HttpRequest::new(SdkBody::from(body.to_vec()));
    inner.headers_mut().insert("x-amz-target", target);
    Ok(match connector.call(inner).await {
        Ok(answer) => {
            let bytes = Bytes::copy_from_slice(answer.body().bytes().unwrap_or_default());
            let mut response = Response::new(Full::from(bytes));
            *response.status_mut() = hyper::StatusCode::from_u16(answer.status().as_u16()).unwrap_or_default();
            let json = hyper::header::HeaderValue::from_static("application/x-amz-json-1.0");
            response.headers_mut().insert(hyper::header::CONTENT_TYPE, json);
            response
        }
        Err(error) => failed(&error),
    })
}

fn failed(error: &dyn std::fmt::Display) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(error.to_string()));
    *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// Takes the connector that the engine gives the SDK.
#[derive(Clone, Debug)]
struct Taking {
    inner: SharedHttpClient,
    taken: Arc<OnceLock<SharedHttpConnector>>,
}

impl HttpClient for Taking {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let connector = self.inner.http_connector(settings, components);
        self.taken.get_or_init(|| connector.clone());
        SharedHttpConnector::new(Passing(connector))
    }
}

#[derive(Debug)]
struct Passing(SharedHttpConnector);

impl HttpConnector for Passing {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.0.call(request)
    }
}

async fn connector(embedded: &Embedded) -> Result<SharedHttpConnector, Failure> {
    let taking = Taking { inner: embedded.http_client(), taken: Arc::default() };
    let client = aws_sdk_dynamodb::Client::from_conf(embedded.config().http_client(taking.clone()).build());
    client.list_tables().send().await?;
    taking.taken.get().cloned().ok_or_else(|| "the client has not asked for a connector".into())
}
