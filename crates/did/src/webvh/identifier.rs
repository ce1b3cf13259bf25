//! `did:webvh:<scid>:<domain[%3Aport]>[:path]`. did:webvh 1.0, "Method-Specific Identifier".

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::host::{Authority, HostError, path};
use crate::multihash::Sha256Multihash;
use crate::syntax::{Did, DidSyntaxError};
use crate::web::file_url;

/// A did:webvh DID whose every part has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebvhDid {
    did: Did,
    scid: Sha256Multihash,
    authority: Authority,
    path: Vec<String>,
}

impl WebvhDid {
    /// The same as a plain DID.
    #[must_use]
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// The self-certifying identifier: the hash of the first entry.
    #[must_use]
    pub fn scid(&self) -> &Sha256Multihash {
        &self.scid
    }

    /// The domain name after IDNA.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.authority.host
    }

    /// The port, where the DID names one.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.authority.port
    }

    /// Where the log is: `https://…/did.jsonl`. did:webvh 1.0, "The DID to HTTPS Transformation".
    ///
    /// # Errors
    /// [`HostError::Domain`] where no URL can be made of the parts.
    pub fn log_url(&self) -> Result<Url, HostError> {
        file_url(&self.authority, &self.path, "did.jsonl")
    }

    /// Where the witness proofs are: beside the log, `did-witness.json`.
    ///
    /// # Errors
    /// [`HostError::Domain`] where no URL can be made of the parts.
    pub fn witness_url(&self) -> Result<Url, HostError> {
        file_url(&self.authority, &self.path, "did-witness.json")
    }
}

impl FromStr for WebvhDid {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.parse::<Did>()?)
    }
}

impl TryFrom<Did> for WebvhDid {
    type Error = IdentifierError;

    fn try_from(did: Did) -> Result<Self, Self::Error> {
        if did.method() != "webvh" {
            return Err(IdentifierError::Method);
        }
        let mut parts = did.method_specific_id().split(':');
        let scid = parts.next().unwrap_or_default();
        let scid = scid.parse().map_err(|_| IdentifierError::Scid)?;
        let authority = Authority::parse(parts.next().ok_or(IdentifierError::NoDomain)?)?;
        let path = path(parts)?;
        Ok(Self {
            scid,
            authority,
            path,
            did,
        })
    }
}

impl fmt::Display for WebvhDid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.did.fmt(f)
    }
}

/// Why a text is no did:webvh DID. Reported to resolver clients as `invalidDid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentifierError {
    /// Not a DID at all, or a DID URL. DID Core 1.0 §3.
    #[error(transparent)]
    Syntax(#[from] DidSyntaxError),
    /// A DID of another method.
    #[error("not a did:webvh")]
    Method,
    /// The SCID is not a SHA-256 multihash in base58btc.
    #[error("the SCID is malformed")]
    Scid,
    /// Nothing follows the SCID.
    #[error("the DID names no domain")]
    NoDomain,
    /// The domain, port or path is refused.
    #[error(transparent)]
    Host(#[from] HostError),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    const SCID: &str = "Qmc57yQsqz5NYVyMwT1zWTAXBAX6cNHfiAzqcABAJTkLnY";

    #[test_case("example.com" => "https://example.com/.well-known/did.jsonl"; "domain")]
    #[test_case("issuer.example.com" => "https://issuer.example.com/.well-known/did.jsonl"; "subdomain")]
    #[test_case("example.com:dids:issuer" => "https://example.com/dids/issuer/did.jsonl"; "path")]
    #[test_case("example.com%3A3000:dids:issuer" => "https://example.com:3000/dids/issuer/did.jsonl"; "path and port")]
    #[test_case("jp%E7%B4%8D%E8%B1%86.%E4%BE%8B.jp:%E7%94%A8%E6%88%B7" => "https://xn--jp-cd2fp15c.xn--fsq.jp/%E7%94%A8%E6%88%B7/did.jsonl"; "international")]
    fn url(rest: &str) -> String {
        let did: WebvhDid = format!("did:webvh:{SCID}:{rest}").parse().unwrap();
        did.log_url().unwrap().into()
    }

    #[test]
    fn the_witness_file_lies_beside_the_log() {
        let did: WebvhDid = format!("did:webvh:{SCID}:example.com:a").parse().unwrap();
        assert_eq!(
            did.witness_url().unwrap().as_str(),
            "https://example.com/a/did-witness.json"
        );
    }

    #[test_case("did:web:example.com" => IdentifierError::Method; "another method")]
    #[test_case("did:webvh:{SCID}:example.com" => IdentifierError::Syntax(DidSyntaxError::MethodSpecificId); "placeholder")]
    #[test_case("did:webvh:Qm0000000000000000000000000000000000000000000000:example.com" => IdentifierError::Scid; "scid not base58")]
    #[test_case("did:webvh:Qmc57yQsqz5NYVyMwT1zWTAXBAX6cNHfiAzqcABAJTkLn:example.com" => IdentifierError::Scid; "scid too short")]
    #[test_case("did:webvh:Qmc57yQsqz5NYVyMwT1zWTAXBAX6cNHfiAzqcABAJTkLnY" => IdentifierError::NoDomain; "no domain")]
    #[test_case("did:webvh:Qmc57yQsqz5NYVyMwT1zWTAXBAX6cNHfiAzqcABAJTkLnY:10.0.0.1" => IdentifierError::Host(HostError::IpAddress); "address")]
    #[test_case("did:webvh:Qmc57yQsqz5NYVyMwT1zWTAXBAX6cNHfiAzqcABAJTkLnY:example.com::a" => IdentifierError::Host(HostError::PathSegment); "empty segment")]
    #[test_case("did:webvh:Qmc57yQsqz5NYVyMwT1zWTAXBAX6cNHfiAzqcABAJTkLnY:127.0.0.1#x" => IdentifierError::Syntax(DidSyntaxError::DidUrl); "fragment")]
    fn refused(text: &str) -> IdentifierError {
        text.parse::<WebvhDid>().unwrap_err()
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_makes_a_url(rest in "[a-z0-9%:.\\-A-F]{0,40}") {
            if let Ok(did) = format!("did:webvh:{SCID}:{rest}").parse::<WebvhDid>() {
                let url = did.log_url().unwrap();
                prop_assert_eq!(url.host_str(), Some(did.host()));
            }
        }
    }
}
