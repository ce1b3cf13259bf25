//! Wallet attestations: a publisher of wallets says that a key is of one of its wallets, and the wallet that it holds
//! the key. OpenID4VCI 1.0 Appendix E, draft-ietf-oauth-attestation-based-client-auth
//!
//! ```json
//! { "typ": "oauth-client-attestation+jwt", "alg": "ES256", "kid": "11" }
//! { "sub": "https://wallet.example.org", "exp": 1300819380, "cnf": { "jwk": { "kty": "EC", … } } }
//! { "typ": "oauth-client-attestation-pop+jwt", "alg": "ES256" }
//! { "aud": "https://as.example.com", "jti": "d25d00ab-…", "iat": 1300815780 }
//! ```

mod error;

use jose::claims;
use jose::{
    Algorithm, JwsHeader, PublicJwk, RandomSource, SignError, Signer, UnixTime, UnverifiedJws, VerifyingKey, base64url,
    sign_compact,
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

pub use error::ClientAttestationError;

use crate::attester::TrustedAttesters;
use crate::identifier::Identifier;
use crate::key_proof::AHEAD;
use crate::nonce::ServerNonces;

/// The header with the attestation. draft-ietf-oauth-attestation-based-client-auth §5
pub const CLIENT_ATTESTATION: &str = "oauth-client-attestation";
/// The header with the proof of possession. draft-ietf-oauth-attestation-based-client-auth §6.1
pub const CLIENT_ATTESTATION_POP: &str = "oauth-client-attestation-pop";
/// The header of an answer with a challenge for the next request. draft-ietf-oauth-attestation-based-client-auth §7.2
pub const CLIENT_ATTESTATION_CHALLENGE: &str = "oauth-client-attestation-challenge";
/// How a server says that it takes them. draft-ietf-oauth-attestation-based-client-auth §10
pub const ATTEST_JWT_CLIENT_AUTH: &str = "attest_jwt_client_auth";
/// The same with the DPoP proof as the proof of possession.
pub const ATTEST_JWT_CLIENT_AUTH_DPOP: &str = "attest_jwt_client_auth_dpop";

pub(crate) const TYP: &str = "oauth-client-attestation+jwt";
const POP_TYP: &str = "oauth-client-attestation-pop+jwt";
/// How old a proof of possession may be, in seconds.
const MAX_AGE: u64 = 300;
/// Longest `jti` taken.
const JTI_LIMIT: usize = 128;

/// What a wallet attestation says. OpenID4VCI 1.0 Appendix E
#[derive(Clone, Copy)]
pub struct ClientAttestationDraft<'a> {
    /// The attester.
    pub issuer: &'a str,
    /// The client id, shared by all wallets of one kind. OpenID4VCI 1.0 §15.4.4
    pub client_id: &'a str,
    /// The key of this wallet, for this server alone.
    pub key: &'a PublicJwk,
    /// The wallet's name.
    pub wallet_name: Option<&'a str>,
    /// Where more is said about it.
    pub wallet_link: Option<&'a str>,
    /// From when on it is worth nothing.
    pub expires_at: UnixTime,
}

/// Makes a wallet attestation. `header` names the attester's key.
pub fn make_client_attestation(
    draft: &ClientAttestationDraft<'_>,
    header: JwsHeader,
    signer: &dyn Signer,
    now: UnixTime,
) -> Result<String, SignError> {
    let mut payload = json!({
        "iss": draft.issuer,
        "sub": draft.client_id,
        "iat": now,
        "exp": draft.expires_at,
        "cnf": { "jwk": draft.key.to_value() },
    });
    for (name, text) in [("wallet_name", draft.wallet_name), ("wallet_link", draft.wallet_link)] {
        if let Some(text) = text {
            payload[name] = text.into();
        }
    }
    sign_compact(&header.with_typ(TYP), payload.to_string().as_bytes(), signer)
}

/// Makes the proof of possession for one server.
pub fn make_client_attestation_pop(
    server: &Identifier,
    challenge: Option<&str>,
    signer: &dyn Signer,
    now: UnixTime,
    random: &mut dyn RandomSource,
) -> Result<String, SignError> {
    let mut jti = [0_u8; 16];
    random.fill(&mut jti);
    let mut payload = json!({ "aud": server.as_str(), "jti": base64url::encode(jti), "iat": now });
    if let Some(challenge) = challenge {
        payload["challenge"] = challenge.into();
    }
    let header = JwsHeader::new(signer.algorithm()).with_typ(POP_TYP);
    sign_compact(&header, payload.to_string().as_bytes(), signer)
}

/// What an authorization server knows of the request that an attestation came with.
#[derive(Clone, Copy)]
pub struct ClientExpectation<'a> {
    /// Whose attestations count.
    pub attesters: &'a TrustedAttesters,
    /// The algorithms of attestations and of attested keys: `client_attestation_signing_alg_values_supported` and
    /// `client_attestation_pop_signing_alg_values_supported`.
    pub algorithms: &'a [Algorithm],
    /// The server's identifier.
    pub server: &'a Identifier,
    /// `client_id` of the request, if it has one.
    pub client_id: Option<&'a str>,
    /// The key of the request's DPoP proof, checked, if there is one.
    pub dpop_jkt: Option<[u8; 32]>,
    /// The time.
    pub now: UnixTime,
}

/// A wallet attestation that nobody has checked.
#[derive(Clone, Debug)]
pub struct UnverifiedClientAttestation {
    attestation: UnverifiedJws,
    pop: Option<UnverifiedJws>,
}

/// A client that a trusted attester vouches for and that holds the attested key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedClient {
    client_id: String,
    jkt: [u8; 32],
    possession: Option<Possession>,
}

/// What a proof of possession says beside whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Possession {
    replay: ([u8; 32], UnixTime),
    challenge: Option<String>,
}

impl VerifiedClient {
    /// The client id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The thumbprint of the attested key: which of the wallets with this client id it is. What is given to one of them
    /// is good for this key alone. draft-ietf-oauth-attestation-based-client-auth, "Refresh token binding"
    #[must_use]
    pub const fn jkt(&self) -> [u8; 32] {
        self.jkt
    }

    /// What the store remembers of the proof of possession, and until when; one seen before is a replay. Nothing where
    /// the DPoP proof is it, which is remembered anyway. draft-ietf-oauth-attestation-based-client-auth §12.1
    #[must_use]
    pub fn replay_key(&self) -> Option<([u8; 32], UnixTime)> {
        self.possession.as_ref().map(|possession| possession.replay)
    }

    /// Whether the proof of possession is over a challenge of this server's that has not run out. Where the DPoP proof
    /// is the proof of possession, its own nonce says how fresh it is.
    /// draft-ietf-oauth-attestation-based-client-auth §7
    ///
    /// # Errors
    /// [`ClientAttestationError::Challenge`]
    pub fn check_challenge(&self, challenges: &ServerNonces, now: UnixTime) -> Result<(), ClientAttestationError> {
        let Some(possession) = &self.possession else {
            return Ok(());
        };
        let challenge = possession.challenge.as_deref().unwrap_or_default();
        match challenges.check(challenge, now) {
            Ok(_) => Ok(()),
            Err(_) => Err(ClientAttestationError::Challenge),
        }
    }
}

impl UnverifiedClientAttestation {
    /// Reads both headers; `None` where there is no attestation at all.
    pub fn parse<'a>(
        attestations: impl Iterator<Item = &'a str>,
        pops: impl Iterator<Item = &'a str>,
    ) -> Result<Option<Self>, ClientAttestationError> {
        match (one(attestations)?, one(pops)?) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(ClientAttestationError::PopAlone),
            (Some(attestation), pop) => Ok(Some(Self {
                attestation: UnverifiedJws::parse(attestation).map_err(ClientAttestationError::Attestation)?,
                pop: pop
                    .map(UnverifiedJws::parse)
                    .transpose()
                    .map_err(ClientAttestationError::Pop)?,
            })),
        }
    }

    /// Checks who attests, what, and that whoever sent it holds the key.
    pub fn verify(self, expected: &ClientExpectation<'_>) -> Result<VerifiedClient, ClientAttestationError> {
        let now = expected.now;
        if !expected.algorithms.contains(&self.attestation.header().alg()) {
            return Err(ClientAttestationError::Algorithm);
        }
        let attester = expected.attesters.key(self.attestation.header(), now)?;
        let attestation = self
            .attestation
            .verify(&attester, TYP)
            .map_err(ClientAttestationError::Attestation)?;
        let claims = attestation.claims().map_err(ClientAttestationError::Attestation)?;
        check_time(&claims, now)?;
        // Whether it was revoked cannot be found out here, and unknown is not yes.
        if claims.contains_key("status") {
            return Err(ClientAttestationError::Status);
        }
        let client_id = claims::required_string(&claims, "sub")?;
        if expected.client_id.is_some_and(|named| named != client_id) {
            return Err(ClientAttestationError::OtherClient);
        }
        let key = claims.get("cnf").and_then(|cnf| cnf.get("jwk"));
        let key = PublicJwk::parse(key.ok_or(ClientAttestationError::NoKey)?)?;
        if !expected.algorithms.contains(&key.algorithm()) {
            return Err(ClientAttestationError::Algorithm);
        }
        let possession = match (self.pop, expected.dpop_jkt) {
            (Some(pop), _) => Some(verify_pop(pop, &key, expected)?),
            (None, Some(jkt)) if jkt == key.thumbprint() => None,
            (None, Some(_)) => return Err(ClientAttestationError::DpopKeyNotAttested),
            (None, None) => return Err(ClientAttestationError::PopMissing),
        };
        Ok(VerifiedClient {
            client_id: client_id.to_owned(),
            jkt: key.thumbprint(),
            possession,
        })
    }
}

fn one<'a>(mut headers: impl Iterator<Item = &'a str>) -> Result<Option<&'a str>, ClientAttestationError> {
    let first = headers.next();
    if headers.next().is_some() {
        return Err(ClientAttestationError::SeveralHeaders);
    }
    Ok(first)
}

fn check_time(claims: &Map<String, Value>, now: UnixTime) -> Result<(), ClientAttestationError> {
    if claims::required_date(claims, "exp")? <= now {
        return Err(ClientAttestationError::Expired);
    }
    for name in ["iat", "nbf"] {
        if claims::numeric_date(claims, name)?.is_some_and(|date| date > now.saturating_add(AHEAD)) {
            return Err(ClientAttestationError::NotYetValid);
        }
    }
    Ok(())
}

/// draft-ietf-oauth-attestation-based-client-auth §8.2
fn verify_pop(
    pop: UnverifiedJws,
    key: &PublicJwk,
    expected: &ClientExpectation<'_>,
) -> Result<Possession, ClientAttestationError> {
    let pop = pop
        .verify(&VerifyingKey::new(key)?, POP_TYP)
        .map_err(ClientAttestationError::Pop)?;
    let claims = pop.claims().map_err(ClientAttestationError::Pop)?;
    if claims::required_string(&claims, "aud")? != expected.server.as_str() {
        return Err(ClientAttestationError::Audience);
    }
    let iat = claims::required_date(&claims, "iat")?;
    if iat.saturating_add(MAX_AGE) < expected.now || iat > expected.now.saturating_add(AHEAD) {
        return Err(ClientAttestationError::IssuedAt);
    }
    let jti = claims::required_string(&claims, "jti")?;
    if jti.is_empty() || jti.len() > JTI_LIMIT {
        return Err(ClientAttestationError::Jti);
    }
    let challenge = match claims.get("challenge") {
        None => None,
        Some(Value::String(challenge)) => Some(challenge.clone()),
        Some(_) => return Err(ClientAttestationError::Challenge),
    };
    let mut hash = Sha256::new();
    hash.update(key.thumbprint());
    hash.update(jti.as_bytes());
    Ok(Possession {
        replay: (hash.finalize().into(), iat.saturating_add(MAX_AGE + 1)),
        challenge,
    })
}

#[cfg(test)]
mod tests;
