//! The attester as one value that every route shares.

use std::sync::Arc;

use axum::Router;
use jose::{Algorithm, PublicJwk, SignError};
use oid4vci::{
    ClientAttestationDraft, KeyAttestationDraft, KeyProofError, NoncePurpose, ProofClient, ProofFreshness, ProofPolicy,
    Proofs, ServerNonces, VerifiedKeyProofs, make_client_attestation, make_key_attestation,
};
use service::description::Description;
use service::{Clock, Counter, Metrics};

use crate::config::Settings;
use crate::description;
use crate::routes;
use crate::signing::Signing;

/// For how many seconds a nonce is good.
const NONCE_SECONDS: u64 = 300;

/// The attester. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

struct Inner {
    settings: Settings,
    signing: Signing,
    nonces: ServerNonces,
    clock: Arc<dyn Clock>,
    wallets: Counter,
    keys: Counter,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner")
            .field("attester", &self.settings.identifier)
            .finish_non_exhaustive()
    }
}

impl App {
    /// An attester with this key. Its nonces end with the process: a wallet then fetches another.
    #[must_use]
    pub fn new(settings: Settings, signing: Signing, clock: Arc<dyn Clock>, metrics: &Metrics) -> Self {
        let secret = service::random::bytes::<32>();
        Self(Arc::new(Inner {
            nonces: ServerNonces::new(&secret, &settings.identifier, NoncePurpose::KeyProof, NONCE_SECONDS),
            settings,
            signing,
            clock,
            wallets: metrics.counter("wallet_attestations", "Attestations of wallets made"),
            keys: metrics.counter("key_attestations", "Attestations of keys made"),
        }))
    }

    /// The routes.
    pub fn router(&self) -> Router {
        routes::router(self.clone())
    }

    /// What they answer.
    #[must_use]
    pub fn description() -> Description {
        description::description()
    }

    pub(crate) fn nonce(&self) -> String {
        self.0.nonces.issue(self.0.clock.now(), &mut service::random::fill)
    }

    pub(crate) fn signing(&self) -> &Signing {
        &self.0.signing
    }

    /// The keys of which possession is shown, to this attester and now.
    pub(crate) fn proven(&self, proofs: Vec<String>, at_most: usize) -> Result<Vec<PublicJwk>, KeyProofError> {
        let policy = ProofPolicy {
            issuer: &self.0.settings.identifier,
            algorithms: &[Algorithm::Es256],
            at_most,
            client: ProofClient::Anonymous,
            freshness: ProofFreshness::Nonce(&self.0.nonces),
            attestation: None,
        };
        let verified = VerifiedKeyProofs::verify(&Proofs::Jwt(proofs), &policy, self.0.clock.now())?;
        // What a wallet may have written beside a key says nothing that is known here.
        Ok(verified.keys().iter().map(bare).collect())
    }

    pub(crate) fn batch_size(&self) -> usize {
        self.0.settings.own.batch_size
    }

    /// Says that a key is of a wallet of this publisher. OpenID4VCI 1.0 Appendix E
    pub(crate) fn attest_wallet(&self, key: &PublicJwk) -> Result<String, SignError> {
        let (own, now) = (&self.0.settings.own, self.0.clock.now());
        let draft = ClientAttestationDraft {
            issuer: self.0.settings.identifier.as_str(),
            client_id: &own.client_id,
            key,
            wallet_name: own.wallet_name.as_deref(),
            wallet_link: own.wallet_link.as_ref().map(url::Url::as_str),
            expires_at: now + own.wallet_seconds,
        };
        let attestation = make_client_attestation(&draft, self.0.signing.header(), self.0.signing.signer(), now)?;
        self.0.wallets.inc();
        Ok(attestation)
    }

    /// Says that these keys are held together, to an issuer that gave this nonce. OpenID4VCI 1.0 Appendix D
    pub(crate) fn attest_keys(&self, keys: &[PublicJwk], nonce: Option<&str>) -> Result<String, SignError> {
        let (own, now) = (&self.0.settings.own, self.0.clock.now());
        let draft = KeyAttestationDraft {
            issuer: self.0.settings.identifier.as_str(),
            keys,
            nonce,
            expires_at: now + own.key_seconds,
        };
        let attestation = make_key_attestation(&draft, self.0.signing.header(), self.0.signing.signer(), now)?;
        self.0.keys.inc();
        Ok(attestation)
    }
}

fn bare(key: &PublicJwk) -> PublicJwk {
    let point = key
        .sec1_compressed()
        .and_then(|point| PublicJwk::from_p256_sec1(&point).ok());
    point.unwrap_or_else(|| key.clone())
}
