//! Key proofs of type `jwt`: the wallet shows that it holds the key a credential will be bound to.
//! OpenID4VCI 1.0 Appendix F.1 and F.4
//!
//! ```json
//! { "typ": "openid4vci-proof+jwt", "alg": "ES256", "jwk": { "kty": "EC", "crv": "P-256", "x": "…", "y": "…" } }
//! { "aud": "https://credential-issuer.example.com", "iat": 1701960444, "nonce": "LarRGSbmUPYtRYO6BQ4yn8" }
//! ```

use jose::claims::{self, ClaimError};
use jose::{
    Algorithm, JwkError, JwsError, JwsHeader, PublicJwk, SignError, Signer, UnixTime, UnverifiedJws, VerifyingKey,
    sign_compact,
};
use serde_json::json;

use crate::error_code::CredentialErrorCode;
use crate::identifier::Identifier;
use crate::nonce::{FreshNonce, NonceError, ServerNonces};

/// `typ` of a key proof. OpenID4VCI 1.0 Appendix F.1
const TYP: &str = "openid4vci-proof+jwt";

/// Makes a key proof for one key, for an anonymous client. OpenID4VCI 1.0 Appendix F.1
pub fn make_key_proof(
    issuer: &Identifier,
    c_nonce: Option<&str>,
    signer: &dyn Signer,
    now: UnixTime,
) -> Result<String, SignError> {
    let header = JwsHeader::new(signer.algorithm())
        .with_typ(TYP)
        .with_jwk(signer.public_jwk().clone());
    let mut payload = json!({ "aud": issuer.as_str(), "iat": now });
    if let Some(nonce) = c_nonce {
        payload["nonce"] = nonce.into();
    }
    sign_compact(&header, payload.to_string().as_bytes(), signer)
}

/// Who asked for the token that the proofs come with. It decides about `iss`. OpenID4VCI 1.0 Appendix F.1
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofClient<'a> {
    /// Nobody with a name: `iss` must be left out.
    Anonymous,
    /// A client with an id: `iss`, when there, must be it.
    Named(&'a str),
}

/// How the issuer knows that a proof is fresh. OpenID4VCI 1.0 §13.8
#[derive(Clone, Copy)]
pub enum ProofFreshness<'a> {
    /// By its own nonce; the time is then that of the nonce, and a wallet's wrong clock does no harm.
    Nonce(&'a ServerNonces),
    /// By `iat`, at most so many seconds away.
    IssuedWithin(u64),
}

/// What the issuer asks of key proofs.
#[derive(Clone, Copy)]
pub struct ProofPolicy<'a> {
    /// The issuer's identifier, which `aud` must be.
    pub issuer: &'a Identifier,
    /// `proof_signing_alg_values_supported` of the configuration.
    pub algorithms: &'a [Algorithm],
    /// How many proofs one request may carry: `batch_size`.
    pub at_most: usize,
    /// Whose proofs they are.
    pub client: ProofClient<'a>,
    /// How freshness is known.
    pub freshness: ProofFreshness<'a>,
}

/// Keys whose possession has been shown, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedKeyProofs {
    keys: Vec<PublicJwk>,
    nonces: Vec<FreshNonce>,
}

impl VerifiedKeyProofs {
    /// Verifies the proofs of one request. OpenID4VCI 1.0 Appendix F.4
    pub fn verify(proofs: &[String], policy: &ProofPolicy<'_>, now: UnixTime) -> Result<Self, KeyProofError> {
        if proofs.is_empty() {
            return Err(KeyProofError::NoProof);
        }
        if proofs.len() > policy.at_most {
            return Err(KeyProofError::TooManyProofs);
        }
        let mut verified = Self {
            keys: Vec::with_capacity(proofs.len()),
            nonces: Vec::new(),
        };
        for proof in proofs {
            let (key, nonce) = verify_one(proof, policy, now)?;
            if verified.keys.iter().any(|known| known.same_key(&key)) {
                return Err(KeyProofError::KeyTwice);
            }
            verified.keys.push(key);
            if let Some(nonce) = nonce.filter(|nonce| !verified.nonces.contains(nonce)) {
                verified.nonces.push(nonce);
            }
        }
        Ok(verified)
    }

    /// The keys, in the order of the proofs: one credential for each.
    #[must_use]
    pub fn keys(&self) -> &[PublicJwk] {
        &self.keys
    }

    /// The nonces to be marked as used before anything is issued.
    #[must_use]
    pub fn nonces(&self) -> &[FreshNonce] {
        &self.nonces
    }
}

fn verify_one(
    proof: &str,
    policy: &ProofPolicy<'_>,
    now: UnixTime,
) -> Result<(PublicJwk, Option<FreshNonce>), KeyProofError> {
    let jws = UnverifiedJws::parse(proof)?;
    let header = jws.header();
    if !policy.algorithms.contains(&header.alg()) {
        return Err(KeyProofError::Algorithm);
    }
    let key = match (header.jwk(), header.kid(), header.x5c()) {
        (Some(jwk), None, None) => jwk.clone(),
        (None, None, None) => return Err(KeyProofError::NoKey),
        (None, Some(_), None) | (None, None, Some(_)) => return Err(KeyProofError::KeyForm),
        _ => return Err(KeyProofError::SeveralKeys),
    };
    let jws = jws.verify(&VerifyingKey::new(&key)?, TYP)?;
    let payload = jws.claims()?;
    match (claims::string(&payload, "iss")?, policy.client) {
        (None, _) => {}
        (Some(_), ProofClient::Anonymous) => return Err(KeyProofError::IssuerOfAnonymousClient),
        (Some(iss), ProofClient::Named(client_id)) if iss == client_id => {}
        (Some(_), ProofClient::Named(_)) => return Err(KeyProofError::OtherClient),
    }
    if claims::required_string(&payload, "aud")? != policy.issuer.as_str() {
        return Err(KeyProofError::Audience);
    }
    let iat = claims::required_date(&payload, "iat")?;
    let nonce = claims::string(&payload, "nonce")?;
    match policy.freshness {
        ProofFreshness::Nonce(nonces) => {
            let nonce = nonces
                .check(nonce.ok_or(KeyProofError::NonceMissing)?, now)
                .map_err(KeyProofError::Nonce)?;
            Ok((key, Some(nonce)))
        }
        ProofFreshness::IssuedWithin(window) if iat.abs_diff(now) <= window => Ok((key, None)),
        ProofFreshness::IssuedWithin(_) => Err(KeyProofError::IssuedAt),
    }
}

/// Why key proofs are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyProofError {
    /// The array of proofs is empty.
    #[error("no key proof")]
    NoProof,
    /// More proofs than `batch_size`. OpenID4VCI 1.0 §12.2.4
    #[error("more key proofs than the batch size")]
    TooManyProofs,
    /// Not a JWS of the right type whose signature holds; `alg` is `none` or a MAC; the header has a private key.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// An algorithm that is not in the metadata.
    #[error("the algorithm is not supported for key proofs")]
    Algorithm,
    /// None of `jwk`, `kid` and `x5c`.
    #[error("the header names no key")]
    NoKey,
    /// More than one of `jwk`, `kid` and `x5c`.
    #[error("the header names more than one key")]
    SeveralKeys,
    /// `kid` or `x5c`, where the metadata offers `jwk` alone.
    #[error("the key is not given as jwk")]
    KeyForm,
    /// The key cannot verify signatures.
    #[error(transparent)]
    Key(#[from] JwkError),
    /// A claim is missing or of the wrong type.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// `iss` although the client is anonymous.
    #[error("an anonymous client gave itself a name")]
    IssuerOfAnonymousClient,
    /// `iss` is another client.
    #[error("the proof is of another client")]
    OtherClient,
    /// `aud` is not this issuer.
    #[error("the proof is for another issuer")]
    Audience,
    /// No `nonce` although there is a nonce endpoint.
    #[error("the proof has no nonce")]
    NonceMissing,
    /// The nonce is not ours or has run out.
    #[error(transparent)]
    Nonce(NonceError),
    /// The nonce was used before.
    #[error("the nonce was used before")]
    NonceUsed,
    /// `iat` is too far away.
    #[error("the proof is too old or ahead of time")]
    IssuedAt,
    /// Two proofs for one key: each key is bound to at most one credential. OpenID4VCI 1.0 §8.3
    #[error("two proofs for one key")]
    KeyTwice,
}

impl KeyProofError {
    /// The code on the wire. OpenID4VCI 1.0 §8.3.1.2
    #[must_use]
    pub const fn code(&self) -> CredentialErrorCode {
        match self {
            Self::Nonce(_) | Self::NonceUsed => CredentialErrorCode::InvalidNonce,
            _ => CredentialErrorCode::InvalidProof,
        }
    }
}

#[cfg(test)]
mod tests;
