//! did:web: where its document is and whether what came back is its document.
//! did:web method specification. Fetching is the shell's.

use url::Url;

use crate::document::{DidDocument, DocumentError};
use crate::host::{Authority, HostError, path};
use crate::syntax::Did;

/// The HTTPS address of the document: `/.well-known/did.json`, or `/<path>/did.json`.
///
/// # Errors
/// [`WebDidError::Method`] for another method, [`WebDidError::Host`] for a refused place.
pub fn document_url(did: &Did) -> Result<Url, WebDidError> {
    if did.method() != "web" {
        return Err(WebDidError::Method);
    }
    let mut parts = did.method_specific_id().split(':');
    let authority = Authority::parse(parts.next().unwrap_or_default())?;
    Ok(file_url(&authority, &path(parts)?, "did.json")?)
}

/// Accepts `document` as the document of `did`.
///
/// # Errors
/// [`WebDidError::OtherSubject`] where its `id` is another DID.
pub fn check_document(did: &Did, document: &serde_json::Value) -> Result<DidDocument, WebDidError> {
    let document = DidDocument::parse(document)?;
    if document.did() != did {
        return Err(WebDidError::OtherSubject);
    }
    Ok(document)
}

/// Why a did:web is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebDidError {
    /// Not `did:web:…`.
    #[error("not a did:web")]
    Method,
    /// The domain, port or path is refused.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The document is malformed.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The document is about another DID.
    #[error("the document is about another DID")]
    OtherSubject,
}

/// `https://host[:port]/(.well-known|path…)/file`; did:webvh uses the same transformation.
pub(crate) fn file_url(authority: &Authority, path: &[String], file: &str) -> Result<Url, HostError> {
    let port = authority.port.map(|port| format!(":{port}")).unwrap_or_default();
    let folder = if path.is_empty() {
        ".well-known".to_owned()
    } else {
        path.join("/")
    };
    format!("https://{}{port}/{folder}/{file}", authority.host)
        .parse()
        .map_err(|_| HostError::Domain)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test_case("did:web:w3c-ccg.github.io" => Ok("https://w3c-ccg.github.io/.well-known/did.json".into()); "domain")]
    #[test_case("did:web:w3c-ccg.github.io:user:alice" => Ok("https://w3c-ccg.github.io/user/alice/did.json".into()); "path")]
    #[test_case("did:web:example.com%3A3000:user" => Ok("https://example.com:3000/user/did.json".into()); "port")]
    #[test_case("did:web:127.0.0.1%3A8080" => Err(WebDidError::Host(HostError::IpAddress)); "e5 address")]
    #[test_case("did:web:example.com:..:a" => Err(WebDidError::Host(HostError::PathSegment)); "traversal")]
    #[test_case("did:key:z6Mk" => Err(WebDidError::Method); "another method")]
    fn url(did: &str) -> Result<String, WebDidError> {
        document_url(&did.parse().unwrap()).map(String::from)
    }

    #[test_case(json!({"id": "did:web:a.example"}) => Ok(()); "its own")]
    #[test_case(json!({"id": "did:web:b.example"}) => Err(WebDidError::OtherSubject); "another")]
    #[test_case(json!({}) => Err(WebDidError::Document(DocumentError::Id)); "none")]
    fn document(json: serde_json::Value) -> Result<(), WebDidError> {
        check_document(&"did:web:a.example".parse().unwrap(), &json).map(|_| ())
    }
}
