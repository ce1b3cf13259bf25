//! Keys of an issuer that is known by an HTTPS URL. draft-ietf-oauth-sd-jwt-vc §4.
//!
//! ```text
//! GET /.well-known/jwt-vc-issuer/tenant/1234
//! Host: example.com
//! ```
//! ```json
//! { "issuer": "https://example.com/tenant/1234",
//!   "jwks": { "keys": [{ "kid": "doc-signer-05-25-2022", "kty": "EC", "crv": "P-256", "x": "…", "y": "…" }] } }
//! ```
//!
//! One of the mechanisms that a policy may permit for an issuer, and no other: whether it is used
//! never follows from what a credential says (§2.5). Nothing here fetches; addresses are handed
//! out, and documents in.

use jose::strict_json::{self, StrictJsonError};
use jose::{JwkSet, JwkSetError, OverBudget, Work};
use serde_json::{Map, Value, json};
use url::Url;

use crate::budget;

/// Why JWT VC Issuer Metadata were refused. draft-ietf-oauth-sd-jwt-vc §4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerMetadataError {
    /// `iss` is not an HTTPS URL of scheme, host and, where it has them, port and path. §4.
    #[error("the issuer is not an HTTPS URL without query and fragment")]
    Issuer,
    /// More than [`budget::ISSUER_METADATA`] allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// Not strict JSON.
    #[error(transparent)]
    Json(#[from] StrictJsonError),
    /// JSON, but not an object. §4.2.
    #[error("issuer metadata are not an object")]
    NotAnObject,
    /// `issuer` is not identical to `iss`. §4.3.
    #[error("the metadata are of another issuer")]
    OtherIssuer,
    /// Neither `jwks` nor `jwks_uri`. §4.2.
    #[error("the metadata name no keys")]
    NoKeys,
    /// Both `jwks` and `jwks_uri`. §4.2.
    #[error("the metadata name keys twice")]
    KeysTwice,
    /// `jwks_uri` is not an HTTPS URL. §3, §4.2.
    #[error("jwks_uri is not an HTTPS URL")]
    KeysUri,
    /// `jwks` is not a JWK Set. §4.2.
    #[error(transparent)]
    Keys(#[from] JwkSetError),
}

/// An issuer that is known by an HTTPS URL, kept and compared exactly as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerUrl {
    text: String,
    url: Url,
}

/// Where the keys of an issuer are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerKeys {
    /// In the metadata.
    Here(JwkSet),
    /// In a JWK Set at this address, to be read with [`IssuerKeys::parse_set`].
    At(Url),
}

impl IssuerUrl {
    /// Reads the `iss` that a policy names.
    pub fn parse(iss: &str) -> Result<Self, IssuerMetadataError> {
        match https(iss) {
            Some(url) if url.query().is_none() => Ok(Self {
                text: iss.to_owned(),
                url,
            }),
            _ => Err(IssuerMetadataError::Issuer),
        }
    }

    /// The issuer as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where its metadata are: the well-known path stands between host and path. §4.1.
    #[must_use]
    pub fn metadata_url(&self) -> Url {
        let mut url = self.url.clone();
        let path = url.path().strip_suffix('/').unwrap_or(url.path());
        let path = format!("/.well-known/jwt-vc-issuer{path}");
        url.set_path(&path);
        url
    }

    /// Reads what the address of the metadata answered.
    pub fn read_metadata(&self, document: &[u8]) -> Result<IssuerKeys, IssuerMetadataError> {
        let mut budget = budget::ISSUER_METADATA;
        budget.spend(Work::Bytes, document.len())?;
        let Value::Object(metadata) = strict_json::parse_within(document, &mut budget)? else {
            return Err(IssuerMetadataError::NotAnObject);
        };
        if metadata.get("issuer").and_then(Value::as_str) != Some(&self.text) {
            return Err(IssuerMetadataError::OtherIssuer);
        }
        keys(&metadata)
    }
}

impl IssuerKeys {
    /// Reads what the address of a JWK Set answered.
    pub fn parse_set(document: &[u8]) -> Result<JwkSet, IssuerMetadataError> {
        let mut budget = budget::ISSUER_METADATA;
        Ok(JwkSet::parse(document, &mut budget)?)
    }
}

/// The metadata that an issuer publishes about itself.
#[must_use]
pub fn issuer_metadata(issuer: &str, keys: &JwkSet) -> Value {
    json!({ "issuer": issuer, "jwks": keys.to_value() })
}

fn keys(metadata: &Map<String, Value>) -> Result<IssuerKeys, IssuerMetadataError> {
    match (metadata.get("jwks"), metadata.get("jwks_uri")) {
        (None, None) => Err(IssuerMetadataError::NoKeys),
        (Some(_), Some(_)) => Err(IssuerMetadataError::KeysTwice),
        (Some(set), None) => Ok(IssuerKeys::Here(JwkSet::from_value(set)?)),
        (None, Some(uri)) => {
            let url = uri.as_str().and_then(https);
            url.map(IssuerKeys::At).ok_or(IssuerMetadataError::KeysUri)
        }
    }
}

/// An HTTPS URL with a host, no fragment and no user. What may be fetched of them is for the
/// fetching side to decide (§7, Server-Side Request Forgery).
fn https(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|_| text.starts_with("https://"))?;
    let is_plain = url.host().is_some()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && text
            .chars()
            .all(|character| character.is_ascii_graphic() && character != '\\');
    is_plain.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    const ISS: &str = "https://example.com/tenant/1234";

    fn jwk(kid: &str) -> Value {
        json!({ "kid": kid, "kty": "EC", "crv": "P-256",
            "x": "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
            "y": "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8" })
    }

    fn read(metadata: Value) -> Result<IssuerKeys, IssuerMetadataError> {
        IssuerUrl::parse(ISS)?.read_metadata(metadata.to_string().as_bytes())
    }

    #[test_case("https://example.com" => Ok("https://example.com/.well-known/jwt-vc-issuer".to_owned()); "no path")]
    #[test_case("https://example.com/" => Ok("https://example.com/.well-known/jwt-vc-issuer".to_owned()); "slash")]
    #[test_case(ISS => Ok("https://example.com/.well-known/jwt-vc-issuer/tenant/1234".to_owned()); "path")]
    #[test_case("https://example.com:8443/a/" => Ok("https://example.com:8443/.well-known/jwt-vc-issuer/a".to_owned()); "port, path and slash")]
    #[test_case("http://example.com" => Err(IssuerMetadataError::Issuer); "http")]
    #[test_case("HTTPS://example.com" => Err(IssuerMetadataError::Issuer); "another scheme to a plain comparison")]
    #[test_case("https://example.com?a=1" => Err(IssuerMetadataError::Issuer); "query")]
    #[test_case("https://example.com/#a" => Err(IssuerMetadataError::Issuer); "fragment")]
    #[test_case("https://user@example.com" => Err(IssuerMetadataError::Issuer); "user")]
    #[test_case("https:example.com" => Err(IssuerMetadataError::Issuer); "no host")]
    #[test_case("https://example.com\\@evil.example" => Err(IssuerMetadataError::Issuer); "backslash")]
    #[test_case("did:web:example.com" => Err(IssuerMetadataError::Issuer); "a DID")]
    fn metadata_url(iss: &str) -> Result<String, IssuerMetadataError> {
        IssuerUrl::parse(iss).map(|issuer| issuer.metadata_url().to_string())
    }

    #[test]
    fn keys_stand_in_the_metadata() {
        let metadata = json!({ "issuer": ISS, "jwks": { "keys": [jwk("a"), { "kty": "RSA" }, jwk("b")] }, "other": 1 });
        let Ok(IssuerKeys::Here(set)) = read(metadata) else {
            unreachable!()
        };
        assert_eq!(set.keys().len(), 2, "kinds that are not used are passed over");
        assert_eq!(set.signing_key(Some("b")).unwrap().kid(), Some("b"));
        assert_eq!(set.signing_key(Some("c")), None);
        assert_eq!(set.signing_key(None), None, "of two keys none is meant");
    }

    #[test]
    fn keys_stand_at_an_address() {
        let uri = "https://keys.example.com/my_public_keys.jwks";
        let found = read(json!({ "issuer": ISS, "jwks_uri": uri }));
        assert_eq!(found, Ok(IssuerKeys::At(uri.parse().unwrap())));
        let document = json!({ "keys": [jwk("a")] }).to_string();
        let set = IssuerKeys::parse_set(document.as_bytes()).unwrap();
        assert_eq!(set.signing_key(None).unwrap().kid(), Some("a"), "the only one");
    }

    #[test]
    fn what_is_published_is_read() {
        let set = JwkSet::from_value(&json!({ "keys": [jwk("a")] })).unwrap();
        assert_eq!(read(issuer_metadata(ISS, &set)), Ok(IssuerKeys::Here(set)));
    }

    #[test_case(json!({ "issuer": "https://example.com", "jwks": { "keys": [] } }) => IssuerMetadataError::OtherIssuer; "another issuer")]
    #[test_case(json!({ "issuer": format!("{ISS}/"), "jwks": { "keys": [] } }) => IssuerMetadataError::OtherIssuer; "one slash more")]
    #[test_case(json!({ "jwks": { "keys": [] } }) => IssuerMetadataError::OtherIssuer; "no issuer")]
    #[test_case(json!({ "issuer": ISS }) => IssuerMetadataError::NoKeys; "no keys")]
    #[test_case(json!({ "issuer": ISS, "jwks": { "keys": [] }, "jwks_uri": "https://a.example/k" }) => IssuerMetadataError::KeysTwice; "both")]
    #[test_case(json!({ "issuer": ISS, "jwks_uri": "http://a.example/k" }) => IssuerMetadataError::KeysUri; "keys over http")]
    #[test_case(json!({ "issuer": ISS, "jwks_uri": 1 }) => IssuerMetadataError::KeysUri; "an address of a number")]
    #[test_case(json!({ "issuer": ISS, "jwks": [] }) => IssuerMetadataError::Keys(JwkSetError::Shape); "jwks is a list")]
    #[test_case(json!({ "issuer": ISS, "jwks": { "keys": [1] } }) => IssuerMetadataError::Keys(JwkSetError::Shape); "a key is a number")]
    #[test_case(json!({ "issuer": ISS, "jwks": { "keys": [jwk("a"), jwk("a")] } }) => IssuerMetadataError::Keys(JwkSetError::RepeatedKid); "one kid twice")]
    #[test_case(json!({ "issuer": ISS, "jwks": { "keys": [{ "kty": "oct", "k": "AA" }] } }) => IssuerMetadataError::Keys(JwkSetError::PrivateKey); "a secret")]
    #[test_case(json!([]) => IssuerMetadataError::NotAnObject; "a list")]
    fn refused(metadata: Value) -> IssuerMetadataError {
        read(metadata).unwrap_err()
    }

    #[test]
    fn a_document_without_end_is_left_unread() {
        let long = vec![b' '; budget::ISSUER_METADATA.allowed(Work::Bytes) + 1];
        let refused = IssuerUrl::parse(ISS).unwrap().read_metadata(&long);
        assert_eq!(refused, Err(IssuerMetadataError::OverBudget(OverBudget(Work::Bytes))));
    }
}
