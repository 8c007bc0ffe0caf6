//! What is noted of a request while the SDK sends it, once or several times by itself: an interceptor, which is part of
//! the driver's client. One of each request's own would cost the request a configuration of its own, about as much as a
//! tenth of everything else that the client does for it.

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents, SharedInterceptor};
use aws_sdk_dynamodb::error::BoxError;
use futures_util::future::BoxFuture;
use orm::Meter;

use crate::in_doubt::Attempts;

thread_local! {
    /// What is noted of the request that this thread is polling: the SDK calls interceptors from the request's future.
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

/// What is noted of one request.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    /// Of a write: which attempts may have been applied.
    pub(crate) attempts: Option<Attempts>,
    /// What was really sent, if that is counted.
    pub(crate) probe: Option<Probe>,
    /// Whether the SDK may not send it again by itself.
    pub(crate) without_sdk_retries: bool,
}

impl Watch {
    /// The request, watched.
    pub(crate) fn over<T>(self, request: BoxFuture<'static, T>) -> Watched<T> {
        let is_needed = self.attempts.is_some() || self.probe.is_some() || self.without_sdk_retries;
        Watched { watch: is_needed.then_some(self), request }
    }
}

/// A request with what is noted of it.
pub(crate) struct Watched<T> {
    watch: Option<Watch>,
    request: BoxFuture<'static, T>,
}

impl<T> Future for Watched<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Self { watch, request } = &mut *self;
        let _swapped = Swapped::with(watch);
        request.as_mut().poll(context)
    }
}

/// A request's watch while its thread works on it; in its place is that of what the thread was working on before, and
/// goes back afterwards, whatever happens.
struct Swapped<'w>(&'w mut Option<Watch>);

impl<'w> Swapped<'w> {
    fn with(watch: &'w mut Option<Watch>) -> Self {
        WATCH.with_borrow_mut(|current| std::mem::swap(current, watch));
        Self(watch)
    }
}

impl Drop for Swapped<'_> {
    fn drop(&mut self) {
        WATCH.with_borrow_mut(|current| std::mem::swap(current, self.0));
    }
}

/// Counts what is really sent: the SDK repeats requests by itself.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    operation: &'static str,
    meter: Meter,
    sent_before: Arc<AtomicBool>,
}

impl Probe {
    pub(crate) fn new(operation: &'static str, meter: Meter) -> Self {
        Self { operation, meter, sent_before: Arc::default() }
    }
}

/// The same client, of which requests can be watched.
pub(crate) fn watchable(client: &Client) -> Client {
    let mut config = client.config().to_builder();
    // Permanent: whether it has been disabled is not looked up again for each of its hooks.
    config.push_interceptor(SharedInterceptor::permanent(Watcher));
    Client::from_conf(config.build())
}

#[derive(Debug)]
struct Watcher;

impl Intercept for Watcher {
    fn name(&self) -> &'static str {
        "orm-dynamodb"
    }

    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if WATCH.with_borrow(|watch| watch.as_ref().is_some_and(|watch| watch.without_sdk_retries)) {
            config.interceptor_state().store_put(RetryConfig::disabled());
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        WATCH.with_borrow(|watch| {
            let Some(Watch { attempts, probe, .. }) = watch else { return };
            if let Some(attempts) = attempts {
                attempts.begin();
            }
            if let Some(Probe { operation, meter, sent_before }) = probe {
                meter.count_request(operation, sent_before.swap(true, Ordering::Relaxed));
            }
        });
        Ok(())
    }

    /// Not called for an attempt that took too long.
    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().is_some_and(|response| response.status().is_client_error()) {
            WATCH.with_borrow(|watch| {
                if let Some(attempts) = watch.as_ref().and_then(|watch| watch.attempts.as_ref()) {
                    attempts.end_refused();
                }
            });
        }
        Ok(())
    }
}
