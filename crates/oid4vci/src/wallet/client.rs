//! The wallet says what it is, where a server wants to know. OpenID4VCI 1.0 Appendix E

use jose::claims;
use jose::strict_json::{self, Limits, StrictJsonError};
use jose::{PublicJwk, RandomSource, SignError, Signer, UnixTime};
use serde_json::Value;
use url::Url;

use super::attester::{AttestationReadError, OwnAttester};
use super::http::{HttpRequest, HttpResponse, HttpResponseError};
use crate::client_attestation::{CLIENT_ATTESTATION, CLIENT_ATTESTATION_POP, TYP, make_client_attestation_pop};
use crate::identifier::Identifier;

/// What an attestation may say: which kind of wallet it is and which key, and for how long that holds.
const SAID: [&str; 8] = ["iss", "sub", "iat", "nbf", "exp", "cnf", "wallet_name", "wallet_link"];

/// A wallet attestation, as the wallet's own attester gave it, for one key.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientAttestation {
    compact: String,
    client_id: String,
}

impl ClientAttestation {
    /// Reads an attestation of this key. HAIP 1.0 §4.4.1, OpenID4VCI 1.0 §15.4.4
    pub fn parse(compact: &str, key: &PublicJwk, attester: &OwnAttester<'_>) -> Result<Self, AttestationReadError> {
        let claims = attester.claims(compact, TYP, &SAID)?;
        let confirmation = claims.get("cnf").and_then(Value::as_object);
        let confirmation = confirmation.ok_or(AttestationReadError::NoKey)?;
        let attested = attester.key(confirmation.get("jwk").ok_or(AttestationReadError::NoKey)?)?;
        if confirmation.len() > 1 {
            return Err(AttestationReadError::SaysMore);
        }
        if !attested.same_key(key) {
            return Err(AttestationReadError::OtherKeys);
        }
        Ok(Self {
            client_id: claims::required_string(&claims, "sub")?.to_owned(),
            compact: compact.to_owned(),
        })
    }

    /// The client id: that of all wallets of this kind.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Adds attestation and proof of possession to a request to an authorization server, be it a token request or a
    /// pushed authorization request. draft-ietf-oauth-attestation-based-client-auth §8.4
    pub fn add_to(
        &self,
        request: &mut HttpRequest,
        server: &Identifier,
        challenge: Option<&str>,
        key: &dyn Signer,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<(), SignError> {
        let pop = make_client_attestation_pop(server, challenge, key, now, random)?;
        request
            .headers
            .retain(|(name, _)| ![CLIENT_ATTESTATION, CLIENT_ATTESTATION_POP].contains(name));
        request.headers.push((CLIENT_ATTESTATION, self.compact.clone()));
        request.headers.push((CLIENT_ATTESTATION_POP, pop));
        Ok(())
    }
}

impl std::fmt::Debug for ClientAttestation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientAttestation")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Asks a server for the challenge that the proof of possession has to carry.
/// draft-ietf-oauth-attestation-based-client-auth §7.1
#[must_use]
pub fn fetch_challenge(endpoint: &Url) -> HttpRequest {
    HttpRequest {
        method: "POST",
        url: endpoint.clone(),
        headers: vec![("accept", "application/json".to_owned())],
        body: Vec::new(),
    }
}

/// Reads the challenge.
pub fn read_challenge(response: &HttpResponse<'_>) -> Result<String, ChallengeError> {
    let body = strict_json::parse(response.json()?, &Limits::MESSAGE)?;
    let challenge = body.get("attestation_challenge").and_then(Value::as_str);
    challenge.map(str::to_owned).ok_or(ChallengeError::Missing)
}

/// Why there is no challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChallengeError {
    /// The server gave no JSON.
    #[error(transparent)]
    Http(#[from] HttpResponseError),
    /// Not strict JSON.
    #[error(transparent)]
    Json(#[from] StrictJsonError),
    /// No `attestation_challenge`.
    #[error("no attestation_challenge")]
    Missing,
}
