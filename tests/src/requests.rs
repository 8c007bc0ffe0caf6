//! Counts the requests that reach DynamoDB, with an interceptor of the SDK.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

/// How many requests of each operation were sent: `{"GetItem": 2}`.
pub type Counts = BTreeMap<String, usize>;

/// An interceptor that counts; clones count together.
#[derive(Clone, Debug, Default)]
pub struct RequestCounter {
    counts: Arc<Mutex<Counts>>,
}

impl RequestCounter {
    /// The counts since the last call.
    pub fn take(&self) -> Counts {
        std::mem::take(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Intercept for RequestCounter {
    fn name(&self) -> &'static str {
        "RequestCounter"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(operation).or_default() += 1;
        Ok(())
    }
}

/// The counts of a line such as `"2 GetItem + 1 UpdateItem"`; `""` for none.
pub fn counts(line: &str) -> Counts {
    line.split('+')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (count, operation) = part.split_once(' ').expect("a count and an operation");
            (operation.to_owned(), count.parse().expect("a count"))
        })
        .collect()
}
