//! The attester of the wallet's publisher: says that a key is of a wallet of its kind, and that keys are held together.
//! OpenID4VCI 1.0 Appendix D and E, HAIP 1.0 §4.4.1 and §4.5.1
//!
//! It is asked where an issuer wants to know, and only then. It learns the keys of one issuance, and when: the key that
//! stays while copies can be got again, and those of the copies. Not who the issuer is, and nothing about the person.

use crate::exchange::{Answer, send};
use crate::wallet::Wallet;
use jose::{Algorithm, PublicJwk, SignError, Signer, UnixTime};
use oid4vci::wallet::{Abilities, AttestationReadError, ClientAttestation, HttpRequest, KeyAttestation, OwnAttester};
use oid4vci::{Identifier, NonceResponse, Transport, UrlError, make_key_proof};
use outbound::{Client, Limits, OutboundError};
use serde_json::{Value, json};

/// The name of this wallet and of all of its kind towards authorization servers. RFC 6749 §2.2, OpenID4VCI 1.0 §15.4.4
pub(crate) const CLIENT_ID: &str = "holdfast-wallet";
/// Of the keys of this wallet, and of the attester's.
const ALGORITHM: Algorithm = Algorithm::Es256;

/// The attester that a wallet was set up with.
pub(crate) struct Attester<'a> {
    client: &'a Client,
    identifier: Identifier,
    transport: Transport,
    now: UnixTime,
}

/// Why the wallet's publisher did not vouch for it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttesterFailure {
    /// The wallet was set up without one.
    #[error("nobody attests this wallet")]
    NotSetUp,
    /// Its address cannot be used under this network policy.
    #[error(transparent)]
    Address(#[from] UrlError),
    /// It does not answer, or may not be asked.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// It gave none.
    #[error("the attester answered with status {0}")]
    Status(u16),
    /// Its answer cannot be read.
    #[error("the attester did not answer as it should")]
    Malformed,
    /// Its attestation is not the one that was asked for, or says more than it has to.
    #[error(transparent)]
    Attestation(#[from] AttestationReadError),
    /// Its attestation is of another kind of wallet.
    #[error("the attestation is of another kind of wallet")]
    OtherClient,
    /// A key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl AttesterFailure {
    /// Stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSetUp => "attestation_needed",
            Self::Address(_) | Self::Outbound(OutboundError::Blocked | OutboundError::Scheme) => "address_not_allowed",
            Self::Outbound(_) => "attester_unreachable",
            Self::Status(_) | Self::Malformed | Self::Attestation(_) | Self::OtherClient => "attester_failed",
            Self::Sign(_) => "key_unavailable",
        }
    }
}

impl Wallet {
    /// What this wallet can do.
    pub(crate) fn abilities(&self) -> Abilities {
        Abilities {
            algorithm: ALGORITHM,
            attests: self.settings.attester_url.is_some(),
        }
    }

    /// The attester.
    pub(crate) fn attester(&self) -> Result<Attester<'_>, AttesterFailure> {
        let url = self.settings.attester_url.as_ref();
        let url = url.ok_or(AttesterFailure::NotSetUp)?;
        let transport = self.settings.network.transport();
        Ok(Attester {
            client: &self.client,
            identifier: Identifier::parse(url.as_str().trim_end_matches('/'), transport)?,
            transport,
            now: self.clock.now(),
        })
    }
}

impl Attester<'_> {
    /// An attestation of this wallet, for one key.
    pub(crate) async fn wallet_attestation(&self, key: &dyn Signer) -> Result<ClientAttestation, AttesterFailure> {
        let mut proofs = self.prove(&[key]).await?;
        let body = json!({ "proof": proofs.pop() });
        let attestation = self.attestation("/api/v1/wallet-attestation", &body).await?;
        let attestation = ClientAttestation::parse(&attestation, key.public_jwk(), &self.expected())?;
        if attestation.client_id() != CLIENT_ID {
            return Err(AttesterFailure::OtherClient);
        }
        Ok(attestation)
    }

    /// An attestation of keys, for the issuer that gave this nonce.
    pub(crate) async fn key_attestation(
        &self,
        keys: &[&dyn Signer],
        c_nonce: Option<&str>,
    ) -> Result<String, AttesterFailure> {
        let proofs = self.prove(keys).await?;
        let body = json!({ "proofs": proofs, "nonce": c_nonce });
        let attestation = self.attestation("/api/v1/key-attestation", &body).await?;
        let keys: Vec<&PublicJwk> = keys.iter().map(|key| key.public_jwk()).collect();
        Ok(KeyAttestation::parse(&attestation, &keys, c_nonce, &self.expected())?.into_compact())
    }

    /// What its attestations are read against.
    fn expected(&self) -> OwnAttester<'_> {
        OwnAttester {
            identifier: &self.identifier,
            algorithms: &[ALGORITHM],
            now: self.now,
        }
    }

    /// Shows the attester that the keys are held, over a nonce of its own.
    async fn prove(&self, keys: &[&dyn Signer]) -> Result<Vec<String>, AttesterFailure> {
        let answer = self.post("/nonce", Vec::new()).await?;
        let nonce = NonceResponse::parse(json_of(&answer)?).map_err(|_| AttesterFailure::Malformed)?;
        let proofs = keys
            .iter()
            .map(|key| make_key_proof(&self.identifier, Some(&nonce.c_nonce), *key, self.now));
        Ok(proofs.collect::<Result<_, _>>()?)
    }

    async fn attestation(&self, path: &str, body: &Value) -> Result<String, AttesterFailure> {
        let answer = self.post(path, body.to_string().into_bytes()).await?;
        let limits = jose::strict_json::Limits::MESSAGE;
        let body = jose::strict_json::parse(json_of(&answer)?, &limits).map_err(|_| AttesterFailure::Malformed)?;
        let attestation = body.get("attestation").and_then(Value::as_str);
        attestation.map(str::to_owned).ok_or(AttesterFailure::Malformed)
    }

    async fn post(&self, path: &str, body: Vec<u8>) -> Result<Answer, AttesterFailure> {
        let json = || "application/json".to_owned();
        let request = HttpRequest {
            method: "POST",
            url: self.transport.endpoint(&format!("{}{path}", self.identifier))?,
            headers: vec![("content-type", json()), ("accept", json())],
            body,
        };
        Ok(send(self.client, request, &Limits::MESSAGE).await?)
    }
}

fn json_of(answer: &Answer) -> Result<&[u8], AttesterFailure> {
    let view = answer.view();
    if view.status != 200 {
        return Err(AttesterFailure::Status(view.status));
    }
    view.json().map_err(|_| AttesterFailure::Malformed)
}
