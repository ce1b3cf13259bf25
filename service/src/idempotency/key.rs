//! The key of a request, and what is made from it.

use http::{HeaderMap, HeaderName, Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::problem::Problem;

/// Fewest and most characters of an `Idempotency-Key`: a UUID has 36.
const LENGTH: std::ops::RangeInclusive<usize> = 16..=64;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// An `Idempotency-Key` in its scope: one operator, one route.
pub(super) struct Key {
    id: [u8; 32],
    seal: Zeroizing<[u8; 32]>,
}

impl Key {
    /// Whether a request brings a key, good or not.
    pub(super) fn is_in(headers: &HeaderMap) -> bool {
        headers.contains_key(IDEMPOTENCY_KEY)
    }

    /// Reads the header: a string of RFC 9651 §3.3.3. The quotes are often
    /// forgotten, and nothing depends on them.
    pub(super) fn of(headers: &HeaderMap, operator: &str, method: &Method, path: &str) -> Result<Self, Problem> {
        let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(missing());
        };
        let text = value.to_str().map_err(|_| missing())?;
        let key = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .unwrap_or(text);
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !LENGTH.contains(&key.len()) || !key.bytes().all(allowed) {
            return Err(missing());
        }
        let scope = [operator, method.as_str(), path, key];
        Ok(Self {
            id: digest("id", &scope),
            seal: Zeroizing::new(digest("seal", &scope)),
        })
    }

    /// Under what the answer is found; says nothing about the key.
    pub(super) fn id(&self) -> [u8; 32] {
        self.id
    }

    /// What the answer is sealed with.
    pub(super) fn seal(&self) -> &[u8; 32] {
        &self.seal
    }
}

/// Its shape, without the quotes.
pub(super) fn described() -> Value {
    json!({"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "minLength": LENGTH.start(), "maxLength": LENGTH.end()})
}

fn missing() -> Problem {
    let title = "This request needs one Idempotency-Key of 16 to 64 letters, digits, - or _.";
    Problem::new(StatusCode::BAD_REQUEST, "idempotency_key_missing", title)
}

fn digest(purpose: &str, scope: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new().chain_update(purpose);
    for part in scope {
        // Lengths go in, so that no two scopes are the same bytes.
        hash = hash.chain_update((part.len() as u64).to_be_bytes()).chain_update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::Key;
    use http::{HeaderMap, HeaderValue, Method};
    use test_case::test_case;

    fn key(text: &str, operator: &str, path: &str) -> Result<[u8; 32], &'static str> {
        let mut headers = HeaderMap::new();
        headers.insert("idempotency-key", HeaderValue::from_str(text).unwrap());
        let key = Key::of(&headers, operator, &Method::POST, path);
        key.map(|key| key.id()).map_err(|problem| problem.code())
    }

    #[test]
    fn quotes_make_no_difference_and_the_scope_does() {
        let one = key("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "a", "/x").unwrap();
        assert_eq!(key("8e03978e-40d5-43dd-bc93-6894a57f9324", "a", "/x"), Ok(one));
        assert_ne!(key("8e03978e-40d5-43dd-bc93-6894a57f9324", "b", "/x"), Ok(one));
        assert_ne!(key("8e03978e-40d5-43dd-bc93-6894a57f9324", "a", "/y"), Ok(one));
    }

    #[test_case(""; "empty")]
    #[test_case("short")]
    #[test_case("\"8e03978e-40d5-43dd-bc93-6894a57f9324"; "half a quote")]
    #[test_case("8e03978e 40d5 43dd bc93 6894a57f9324"; "spaces")]
    fn refused(text: &str) {
        assert_eq!(key(text, "a", "/x"), Err("idempotency_key_missing"));
    }
}
