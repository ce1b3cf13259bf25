//! Which request a receipt is about, and how it says so without telling. docs/receipts.md §3

use std::fmt;

use jose::{RandomSource, base64url};
use oid4vp::PresentationRequest;
use sha2::{Digest, Sha256};

const REQUEST: &[u8] = b"holdfast/request/v1";
const COMMITMENT: &[u8] = b"holdfast/receipt/v1";

/// Names one request: the session of a business that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestHash([u8; 32]);

/// 32 random bytes that only the citizen keeps.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt([u8; 32]);

/// Salt and request in one: says which request a receipt is about to whoever has both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Commitment([u8; 32]);

impl RequestHash {
    /// Over the four members that tell one session from every other. Signatures and what the wallet
    /// added are left out: they differ each time the same request is fetched.
    #[must_use]
    pub fn new(client_id: &str, response_uri: &str, nonce: &str, state: &str) -> Self {
        Self(hash(
            REQUEST,
            &[client_id, response_uri, nonce, state].map(str::as_bytes),
        ))
    }

    /// Of a request as a wallet reads it.
    #[must_use]
    pub fn of(request: &PresentationRequest) -> Self {
        let client_id = request.client_id().to_string();
        let state = request.state().map_or("", |state| state.as_str());
        Self::new(
            &client_id,
            request.response_uri().as_str(),
            request.nonce().as_str(),
            state,
        )
    }

    /// As it was kept.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Salt {
    /// Draws one.
    pub fn generate(random: &mut impl RandomSource) -> Self {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        Self(bytes)
    }

    /// What a receipt says of a request.
    #[must_use]
    pub fn commit(&self, request: &RequestHash) -> Commitment {
        Commitment(hash(COMMITMENT, &[self.0.as_slice(), request.0.as_slice()]))
    }

    pub(crate) fn to_text(&self) -> String {
        base64url::encode(self.0)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        bytes_of(text).map(Self)
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Salt(…)")
    }
}

impl Commitment {
    pub(crate) fn to_text(self) -> String {
        base64url::encode(self.0)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        bytes_of(text).map(Self)
    }
}

/// 32 bytes, written in the one way there is.
pub(crate) fn bytes_of(text: &str) -> Option<[u8; 32]> {
    base64url::decode(text).ok()?.try_into().ok()
}

/// Context and parts, each with its length before it.
fn hash(context: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in std::iter::once(&context).chain(parts) {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(
            RequestHash::new("ab", "c", "d", "e"),
            RequestHash::new("a", "bc", "d", "e")
        );
        assert_ne!(RequestHash::new("a", "b", "c", ""), RequestHash::new("a", "b", "", "c"));
    }

    #[test]
    fn another_salt_is_another_commitment() {
        let request = RequestHash::new("a", "b", "c", "d");
        assert_ne!(Salt([1; 32]).commit(&request), Salt([2; 32]).commit(&request));
        assert_eq!(format!("{:?}", Salt([1; 32])), "Salt(…)");
    }
}
