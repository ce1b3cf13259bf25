//! The wallet's way from received bytes to a request it may act on:
//! [`UnverifiedRequest`] → [`AuthenticatedRequest`] → [`PresentationRequest`].
//!
//! Trust decisions come in from outside as [`VerifierEvidence`]: a certificate
//! whose chain was verified, or a key from a verified ledger record.

use jose::claims::numeric_date;
use jose::strict_json::{self, Limits};
use jose::x5c::VerifiedCertificate;
use jose::{PublicJwk, UnixTime, UnverifiedJws, VerifyingKey};
use serde_json::{Map, Value};
use url::Url;

use super::object::{response_uri, string};
use super::{PresentationRequest, REQUEST_TYP, RequestError, RequestUri, VerifierInfo};
use crate::{ClientId, ErrorCode, ErrorResponse};

/// A request object as it was fetched.
#[derive(Debug)]
pub struct UnverifiedRequest {
    jws: UnverifiedJws,
    client_id: ClientId,
    claims: Map<String, Value>,
}

/// Who the verifier is, decided by the caller. OpenID4VP 1.0 §5.9.3
#[derive(Debug, Clone, Copy)]
pub enum VerifierEvidence<'a> {
    /// The leaf of the request's `x5c`, its chain or anchored hash verified.
    Certificate(&'a VerifiedCertificate),
    /// A key of the verifier's newest DID document.
    DidKey {
        /// The DID that the document is of.
        did: &'a str,
        /// The DID URL of the key.
        kid: &'a str,
        /// The key.
        key: &'a PublicJwk,
    },
}

/// A request whose sender is the one that its `client_id` names.
#[derive(Debug)]
pub struct AuthenticatedRequest {
    client_id: ClientId,
    claims: Map<String, Value>,
}

impl UnverifiedRequest {
    /// Reads a fetched request object. `client_id` must be that of the link,
    /// byte for byte, and the wallet's nonce must have come back.
    /// OpenID4VP 1.0 §5.10.1
    pub fn parse(compact: &str, link: &RequestUri, wallet_nonce: Option<&str>) -> Result<Self, RequestError> {
        let (jws, claims) = read(compact)?;
        let client_id = string(&claims, "client_id")?;
        if client_id != link.client_id() {
            return Err(RequestError::ClientIdMismatch);
        }
        let client_id = client_id.parse()?;
        if wallet_nonce.is_some() && claims.get("wallet_nonce").and_then(Value::as_str) != wallet_nonce {
            return Err(RequestError::WalletNonceMismatch);
        }
        Ok(Self { jws, client_id, claims })
    }

    /// Reads a request object that somebody kept, to say what it asked. By which link it came is not
    /// known any more, and nobody answers it.
    pub fn parse_kept(compact: &str) -> Result<Self, RequestError> {
        let (jws, claims) = read(compact)?;
        let client_id = string(&claims, "client_id")?.parse()?;
        Ok(Self { jws, client_id, claims })
    }

    /// Who the request says it is from.
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The certificate chain as it was sent; to be verified by the caller.
    pub fn dangerous_x5c(&self) -> Option<&Value> {
        self.jws.header().x5c()
    }

    /// The key that the request says it is signed with.
    pub fn dangerous_kid(&self) -> Option<&str> {
        self.jws.header().kid()
    }

    /// The ledger bundle as it was sent; to be verified by the caller, who may
    /// find the verifier's key in it.
    pub fn dangerous_bundle(&self) -> Option<Vec<u8>> {
        let infos = VerifierInfo::parse_all(self.claims.get("verifier_info")?).ok()?;
        infos.into_iter().find_map(|info| match info {
            VerifierInfo::Bundle(bytes) => Some(bytes),
            _ => None,
        })
    }

    /// Checks that the evidence is the one that `client_id` names, and that
    /// its key signed the request as `oauth-authz-req+jwt`. OpenID4VP 1.0 §5.9.3
    pub fn authenticate(self, evidence: VerifierEvidence<'_>) -> Result<AuthenticatedRequest, RequestError> {
        let key = match (&self.client_id, evidence) {
            (ClientId::X509Hash(hash), VerifierEvidence::Certificate(certificate)) => {
                if *certificate.sha256() != hash.0 {
                    return Err(RequestError::CertificateHashMismatch);
                }
                certificate.verifying_key().clone()
            }
            (ClientId::X509SanDns(name), VerifierEvidence::Certificate(certificate)) => {
                if !certificate
                    .dns_names()
                    .iter()
                    .any(|dns| dns.eq_ignore_ascii_case(name.as_str()))
                {
                    return Err(RequestError::DnsNameMismatch);
                }
                certificate.verifying_key().clone()
            }
            (ClientId::DecentralizedIdentifier(id), VerifierEvidence::DidKey { did, kid, key }) => {
                let named = self.jws.header().kid() == Some(kid)
                    && kid
                        .split_once('#')
                        .is_some_and(|(of, fragment)| of == did && !fragment.is_empty());
                if did != id.as_str() || !named {
                    return Err(RequestError::KidNotOfDid);
                }
                VerifyingKey::new(key).map_err(|_| RequestError::KidNotOfDid)?
            }
            _ => return Err(RequestError::WrongEvidence),
        };
        self.jws.verify(&key, REQUEST_TYP)?;
        Ok(AuthenticatedRequest {
            client_id: self.client_id,
            claims: self.claims,
        })
    }
}

fn read(compact: &str) -> Result<(UnverifiedJws, Map<String, Value>), RequestError> {
    let jws = UnverifiedJws::parse(compact)?;
    match strict_json::parse(jws.dangerous_unverified_payload(), &Limits::METADATA)? {
        Value::Object(claims) => Ok((jws, claims)),
        _ => Err(RequestError::WrongType("request object")),
    }
}

impl AuthenticatedRequest {
    /// Who sent the request.
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// When the request was made, as its sender says. RFC 7519 §4.1.6
    pub fn issued_at(&self) -> Option<UnixTime> {
        numeric_date(&self.claims, "iat").ok().flatten()
    }

    /// Checks every parameter.
    pub fn check(&self, now: UnixTime) -> Result<PresentationRequest, RequestError> {
        PresentationRequest::read(self.client_id.clone(), &self.claims, now)
    }

    /// The error response to a request that does not hold, and where it goes;
    /// `None` when the request names no usable address. OpenID4VP 1.0 §8.5
    pub fn error_response(&self, code: ErrorCode) -> Option<(Url, ErrorResponse)> {
        let target = response_uri(&self.claims).ok()?;
        let state = self.claims.get("state").and_then(Value::as_str);
        Some((target, ErrorResponse::new(code, state)))
    }
}
