//! What was sent under the tokens of transactions.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Remembers the first request under each token. Engines refuse another one, by some reports also one that differs in the
/// order of its entries only.
#[derive(Debug, Default)]
pub(super) struct Tokens(HashMap<String, u64>);

impl Tokens {
    /// Whether the request is the first under its token, or the same as that one.
    pub(super) fn accept(&mut self, body: &[u8]) -> bool {
        let request: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(token) = request["ClientRequestToken"].as_str() else { return true };
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        match self.0.entry(token.to_owned()) {
            Entry::Occupied(first) => *first.get() == hasher.finish(),
            Entry::Vacant(first) => {
                first.insert(hasher.finish());
                true
            }
        }
    }
}
