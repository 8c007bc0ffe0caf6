//! The maps of requests: items, and what expressions name.
//!
//! Two `HashMap`s of the same entries have their entries in different orders, and the SDK sends them in the order they have.
//! What is sent again under the token of a transaction should be the same, byte for byte: by reports of users of other SDKs
//! (aws-sdk-go-v2 3131, aws-sdk 413) an engine may answer `IdempotentParameterMismatchException` otherwise, though the write
//! was made. So all these maps hash alike: made in the same way, they are in the same order.

use std::collections::HashMap;
use std::hash::RandomState;
use std::sync::LazyLock;

static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// An empty one.
pub(crate) fn with_capacity<V>(entries: usize) -> HashMap<String, V> {
    HashMap::with_capacity_and_hasher(entries, HASHER.clone())
}

/// One of these entries.
pub(crate) fn of<V>(entries: impl ExactSizeIterator<Item = (String, V)>) -> HashMap<String, V> {
    let mut map = with_capacity(entries.len());
    map.extend(entries);
    map
}
