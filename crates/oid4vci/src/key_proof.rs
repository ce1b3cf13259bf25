//! Key proofs: the wallet shows that it holds the keys that credentials will be bound to, or somebody trusted says so.
//! OpenID4VCI 1.0 Appendix F
//!
//! ```json
//! { "typ": "openid4vci-proof+jwt", "alg": "ES256", "jwk": { "kty": "EC", "crv": "P-256", "x": "…", "y": "…" } }
//! { "aud": "https://credential-issuer.example.com", "iat": 1701960444, "nonce": "LarRGSbmUPYtRYO6BQ4yn8" }
//! ```

mod error;

use jose::claims;
use jose::{Algorithm, JwsHeader, PublicJwk, SignError, Signer, UnixTime, UnverifiedJws, VerifyingKey, sign_compact};
use serde_json::json;

pub use error::KeyProofError;

use crate::credential_request::Proofs;
use crate::identifier::Identifier;
use crate::key_attestation::{Expected, KeyAttestationPolicy, VerifiedKeyAttestation};
use crate::nonce::{FreshNonce, ServerNonces};

/// `typ` of a key proof. OpenID4VCI 1.0 Appendix F.1
const TYP: &str = "openid4vci-proof+jwt";

/// How far the clock of another party may be ahead, in seconds.
pub(crate) const AHEAD: u64 = 60;
/// Where a key attestation stands in the header of a proof. OpenID4VCI 1.0 Appendix F.1
const KEY_ATTESTATION: &str = "key_attestation";

/// Makes a key proof for one key, for an anonymous client. OpenID4VCI 1.0 Appendix F.1
pub fn make_key_proof(
    issuer: &Identifier,
    c_nonce: Option<&str>,
    signer: &dyn Signer,
    now: UnixTime,
) -> Result<String, SignError> {
    make(issuer, c_nonce, None, signer, now)
}

/// Makes a key proof with one of the keys that an attestation vouches for. OpenID4VCI 1.0 Appendix F.1
pub fn make_attested_key_proof(
    issuer: &Identifier,
    c_nonce: Option<&str>,
    attestation: &str,
    signer: &dyn Signer,
    now: UnixTime,
) -> Result<String, SignError> {
    make(issuer, c_nonce, Some(attestation), signer, now)
}

fn make(
    issuer: &Identifier,
    c_nonce: Option<&str>,
    attestation: Option<&str>,
    signer: &dyn Signer,
    now: UnixTime,
) -> Result<String, SignError> {
    let mut header = JwsHeader::new(signer.algorithm())
        .with_typ(TYP)
        .with_jwk(signer.public_jwk().clone());
    if let Some(attestation) = attestation {
        header = header.with_other(KEY_ATTESTATION, attestation.into());
    }
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
    /// Key attestations; `None` where they are not evaluated.
    pub attestation: Option<KeyAttestationPolicy<'a>>,
}

/// Keys whose possession has been shown, or for which somebody trusted vouches, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedKeyProofs {
    keys: Vec<PublicJwk>,
    nonces: Vec<FreshNonce>,
}

impl VerifiedKeyProofs {
    /// Verifies the proofs of one request. OpenID4VCI 1.0 Appendix F.4
    pub fn verify(proofs: &Proofs, policy: &ProofPolicy<'_>, now: UnixTime) -> Result<Self, KeyProofError> {
        match proofs {
            Proofs::Jwt(proofs) => Self::verify_jwt(proofs, policy, now),
            Proofs::Attestation(attestation) => {
                let mut verified = Self::none();
                let attested = policy.attestation(attestation, false, now)?;
                verified.add_attested(&attested, policy)?;
                Ok(verified)
            }
        }
    }

    fn verify_jwt(proofs: &[String], policy: &ProofPolicy<'_>, now: UnixTime) -> Result<Self, KeyProofError> {
        if proofs.is_empty() {
            return Err(KeyProofError::NoProof);
        }
        if proofs.len() > policy.at_most {
            return Err(KeyProofError::TooManyProofs);
        }
        let mut verified = Self::none();
        let mut proven: Vec<PublicJwk> = Vec::with_capacity(proofs.len());
        for proof in proofs {
            let proof = verify_one(proof, policy, now)?;
            if proven.iter().any(|known| known.same_key(&proof.key)) {
                return Err(KeyProofError::KeyTwice);
            }
            verified.add_nonce(proof.nonce);
            match &proof.attested {
                // OpenID4VCI 1.0 Appendix F.1: a credential for each attested key.
                Some(attested) => verified.add_attested(attested, policy)?,
                None => verified.add_key(&proof.key, policy)?,
            }
            proven.push(proof.key);
        }
        Ok(verified)
    }

    const fn none() -> Self {
        Self {
            keys: Vec::new(),
            nonces: Vec::new(),
        }
    }

    fn add_attested(
        &mut self,
        attested: &VerifiedKeyAttestation,
        policy: &ProofPolicy<'_>,
    ) -> Result<(), KeyProofError> {
        self.add_nonce(attested.nonce);
        attested.keys.iter().try_for_each(|key| self.add_key(key, policy))
    }

    /// One attestation may come with several proofs: its keys count once.
    fn add_key(&mut self, key: &PublicJwk, policy: &ProofPolicy<'_>) -> Result<(), KeyProofError> {
        if self.keys.iter().any(|known| known.same_key(key)) {
            return Ok(());
        }
        if self.keys.len() >= policy.at_most {
            return Err(KeyProofError::TooManyProofs);
        }
        self.keys.push(key.clone());
        Ok(())
    }

    fn add_nonce(&mut self, nonce: Option<FreshNonce>) {
        if let Some(nonce) = nonce.filter(|nonce| !self.nonces.contains(nonce)) {
            self.nonces.push(nonce);
        }
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

/// One proof that holds.
struct ProvenKey {
    key: PublicJwk,
    nonce: Option<FreshNonce>,
    attested: Option<VerifiedKeyAttestation>,
}

impl ProofPolicy<'_> {
    fn attestation(
        &self,
        compact: &str,
        must_expire: bool,
        now: UnixTime,
    ) -> Result<VerifiedKeyAttestation, KeyProofError> {
        let expected = Expected {
            policy: self.attestation.ok_or(KeyProofError::AttestationNotSupported)?,
            algorithms: self.algorithms,
            freshness: self.freshness,
            must_expire,
            at_most: self.at_most,
        };
        Ok(expected.verify(compact, now)?)
    }

    /// The attestation of a proof, where attestations are evaluated: it must vouch for the proof's key.
    fn attestation_of(
        &self,
        header: &JwsHeader,
        key: &PublicJwk,
        now: UnixTime,
    ) -> Result<Option<VerifiedKeyAttestation>, KeyProofError> {
        let Some(policy) = &self.attestation else {
            return Ok(None);
        };
        let attested = match header.other().get(KEY_ATTESTATION) {
            None if policy.required => return Err(KeyProofError::AttestationMissing),
            None => return Ok(None),
            Some(value) => value.as_str().ok_or(KeyProofError::AttestationNotText)?,
        };
        let attested = self.attestation(attested, true, now)?;
        if !attested.keys.iter().any(|known| known.same_key(key)) {
            return Err(KeyProofError::KeyNotAttested);
        }
        Ok(Some(attested))
    }

    fn nonce(&self, nonce: Option<&str>, iat: UnixTime, now: UnixTime) -> Result<Option<FreshNonce>, KeyProofError> {
        match self.freshness {
            ProofFreshness::Nonce(nonces) => nonces
                .check(nonce.ok_or(KeyProofError::NonceMissing)?, now)
                .map(Some)
                .map_err(KeyProofError::Nonce),
            ProofFreshness::IssuedWithin(window) if iat.abs_diff(now) <= window => Ok(None),
            ProofFreshness::IssuedWithin(_) => Err(KeyProofError::IssuedAt),
        }
    }
}

fn verify_one(proof: &str, policy: &ProofPolicy<'_>, now: UnixTime) -> Result<ProvenKey, KeyProofError> {
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
    Ok(ProvenKey {
        nonce: policy.nonce(claims::string(&payload, "nonce")?, iat, now)?,
        attested: policy.attestation_of(jws.header(), &key, now)?,
        key,
    })
}

#[cfg(test)]
mod tests;
