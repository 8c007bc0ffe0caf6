//! A fault that happens to one request, at a moment of the test's choice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::config::SharedHttpClient;
use tokio::sync::Notify;

use super::{Fault, FaultyClient};

/// Lets the fault happen to the next request.
#[derive(Clone, Debug, Default)]
pub struct Next {
    armed: Arc<AtomicBool>,
    struck: Arc<Notify>,
}

impl Next {
    /// A client around another one, on which it happens to one of these operations.
    pub fn client(&self, inner: SharedHttpClient, operations: &'static [&'static str], fault: Fault) -> FaultyClient {
        let next = self.clone();
        FaultyClient::new(inner, move |sent, _| {
            let strikes = operations.contains(&sent) && next.armed.swap(false, Ordering::Relaxed);
            strikes.then(|| {
                next.struck.notify_one();
                fault.clone()
            })
        })
    }

    /// From now on.
    pub fn strike(&self) {
        self.armed.store(true, Ordering::Relaxed);
    }

    /// Whether it has happened.
    pub fn has_struck(&self) -> bool {
        !self.armed.load(Ordering::Relaxed)
    }

    /// The fault happens to a request of the first one, and then all of the second one happens.
    ///
    /// # Panics
    /// When there is no such request.
    pub async fn race<A, B>(&self, held: impl Future<Output = A>, other: impl Future<Output = B>) -> (A, B) {
        self.strike();
        tokio::join!(held, async {
            let struck = tokio::time::timeout(Duration::from_secs(60), self.struck.notified()).await;
            assert!(struck.is_ok(), "no request was held back");
            other.await
        })
    }
}
