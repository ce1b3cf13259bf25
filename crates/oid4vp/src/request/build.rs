//! The verifier's side: making a signed request object. OpenID4VP 1.0 §5

use jose::{JwsHeader, PublicJwk, SignError, Signer, UnixTime, sign_compact, x5c};
use serde_json::{Value, json};
use url::Url;

use super::metadata::own_metadata;
use super::{REQUEST_TYP, STATIC_WALLET_AUDIENCE, VerifierInfo};
use crate::{ClientId, DcqlQuery, Nonce, State};

/// A request about to be signed.
#[derive(Debug)]
pub struct NewRequest<'a> {
    /// Who asks.
    pub client_id: &'a ClientId,
    /// Where the response goes; one address for each session.
    pub response_uri: &'a Url,
    /// Fresh for each session.
    pub nonce: &'a Nonce,
    /// Comes back with the response.
    pub state: &'a State,
    /// What is asked for.
    pub query: &'a DcqlQuery,
    /// The session's own key with its `kid`: with it the mode is
    /// `direct_post.jwt`, without it `direct_post`.
    pub encryption_key: Option<&'a PublicJwk>,
    /// The business's bundle and purpose, and what else others attest.
    pub verifier_info: &'a [VerifierInfo],
    /// Echoed from the wallet's POST. OpenID4VP 1.0 §5.10
    pub wallet_nonce: Option<&'a str>,
    /// When the request was made.
    pub issued_at: UnixTime,
    /// When it ends.
    pub expires_at: UnixTime,
}

/// The key that signs requests, and how the header names it. OpenID4VP 1.0 §5.9.3
pub enum RequestSigner<'a> {
    /// `x5c` with these DER certificates, leaf first, without a trust anchor.
    Certificate {
        /// The chain in DER.
        chain: &'a [Vec<u8>],
        /// The leaf's key.
        signer: &'a dyn Signer,
    },
    /// `kid` as a DID URL.
    Did {
        /// The DID URL of the key.
        kid: &'a str,
        /// The key.
        signer: &'a dyn Signer,
    },
}

impl NewRequest<'_> {
    /// Signs the request object.
    pub fn sign(&self, signer: &RequestSigner<'_>) -> Result<String, SignError> {
        let payload = self.claims().to_string();
        match signer {
            RequestSigner::Certificate { chain, signer } => {
                let header = JwsHeader::new(signer.algorithm())
                    .with_typ(REQUEST_TYP)
                    .with_x5c(x5c::to_value(*chain));
                sign_compact(&header, payload.as_bytes(), *signer)
            }
            RequestSigner::Did { kid, signer } => {
                let header = JwsHeader::new(signer.algorithm()).with_typ(REQUEST_TYP).with_kid(*kid);
                sign_compact(&header, payload.as_bytes(), *signer)
            }
        }
    }

    fn claims(&self) -> Value {
        let mode = if self.encryption_key.is_some() {
            "direct_post.jwt"
        } else {
            "direct_post"
        };
        let mut claims = json!({
            "client_id": self.client_id.to_string(),
            "aud": STATIC_WALLET_AUDIENCE,
            "response_type": "vp_token",
            "response_mode": mode,
            "response_uri": self.response_uri.as_str(),
            "nonce": self.nonce.as_str(),
            "state": self.state.as_str(),
            "dcql_query": self.query.to_value(),
            "client_metadata": own_metadata(self.encryption_key),
            "iat": self.issued_at,
            "exp": self.expires_at,
        });
        if !self.verifier_info.is_empty() {
            claims["verifier_info"] = self.verifier_info.iter().map(VerifierInfo::to_value).collect();
        }
        if let Some(wallet_nonce) = self.wallet_nonce {
            claims["wallet_nonce"] = json!(wallet_nonce);
        }
        claims
    }
}
