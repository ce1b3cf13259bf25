//! What is asked of wallets about themselves and their keys, and who may answer for them. OpenID4VCI 1.0 Appendix D, E

use std::path::{Path, PathBuf};

use jose::strict_json::Limits;
use jose::x5c::{ChainError, TrustAnchors};
use jose::{Algorithm, JwkSet, JwkSetError, PublicJwk};
use oid4vci::metadata::KeyAttestationsRequired;
use oid4vci::{AttesterError, KeyAttestationPolicy, TrustedAttesters};
use serde::Deserialize;

/// The algorithms of attestations of wallets, and of the keys that they attest.
pub(crate) const ALGORITHMS: &[Algorithm] = &[Algorithm::Es256];

/// Whether something is asked of wallets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Demand {
    /// It is not looked at.
    None,
    /// What is sent must hold.
    Optional,
    /// It must be sent, and hold.
    Required,
}

/// The settings about attestations.
#[derive(Debug, Clone, Deserialize)]
pub struct AttestationSettings {
    /// Attestations of wallets, at the token endpoint.
    pub wallets: Demand,
    /// Whether a wallet's proof of possession has to be over a challenge that is given here.
    pub challenges: bool,
    /// Attestations of keys, at the credential endpoint.
    pub keys: Demand,
    /// Levels of the key storage, of which one must be attested; empty: any.
    pub key_storage: Vec<String>,
    /// Levels of the user authentication, of which one must be attested; empty: any.
    pub user_authentication: Vec<String>,
    /// A JSON Web Key Set with keys of trusted attesters, each with a `kid`.
    pub trusted_keys: Option<PathBuf>,
    /// A PEM file with trust anchors of attesters.
    pub trusted_anchors: Option<PathBuf>,
}

impl AttestationSettings {
    /// Whether anything is asked that nobody could answer.
    #[must_use]
    pub fn trusts_nobody(&self) -> bool {
        let asks = self.wallets != Demand::None || self.keys != Demand::None;
        asks && self.trusted_keys.is_none() && self.trusted_anchors.is_none()
    }

    /// The requirement as it is published, where keys have to be attested. OpenID4VCI 1.0 §12.2.4
    #[must_use]
    pub fn key_attestations_required(&self) -> Option<KeyAttestationsRequired> {
        let levels = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
        (self.keys == Demand::Required).then(|| KeyAttestationsRequired {
            key_storage: levels(&self.key_storage),
            user_authentication: levels(&self.user_authentication),
        })
    }
}

/// The settings with the attesters they name, read.
#[derive(Debug)]
pub struct Attestations {
    settings: AttestationSettings,
    attesters: TrustedAttesters,
}

/// Why the trusted attesters cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttestationsError {
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Not a JSON Web Key Set.
    #[error("{path} is not a JSON Web Key Set")]
    NotAKeySet {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: JwkSetError,
    },
    /// A trust anchor cannot be used.
    #[error(transparent)]
    Anchor(#[from] ChainError),
    /// The keys do not go together.
    #[error(transparent)]
    Attesters(#[from] AttesterError),
}

impl Attestations {
    /// Reads the trusted attesters.
    pub fn open(settings: &AttestationSettings) -> Result<Self, AttestationsError> {
        let keys = settings.trusted_keys.as_deref().map_or(Ok(Vec::new()), read_keys)?;
        let anchors = match &settings.trusted_anchors {
            Some(path) => TrustAnchors::from_pem([read(path)?])?,
            None => TrustAnchors::default(),
        };
        Ok(Self {
            settings: settings.clone(),
            attesters: TrustedAttesters::new(keys, anchors)?,
        })
    }

    /// Whether wallets have to say what they are.
    pub(crate) fn of_wallets(&self) -> Demand {
        self.settings.wallets
    }

    /// Whether proofs of possession have to be over a challenge of ours.
    pub(crate) fn gives_challenges(&self) -> bool {
        self.settings.challenges
    }

    /// Whose word counts.
    pub(crate) fn attesters(&self) -> &TrustedAttesters {
        &self.attesters
    }

    /// What is asked of keys.
    pub(crate) fn of_keys(&self) -> Option<KeyAttestationPolicy<'_>> {
        (self.settings.keys != Demand::None).then(|| KeyAttestationPolicy {
            attesters: &self.attesters,
            required: self.settings.keys == Demand::Required,
            key_storage: &self.settings.key_storage,
            user_authentication: &self.settings.user_authentication,
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, AttestationsError> {
    std::fs::read(path).map_err(|source| AttestationsError::Read {
        path: path.to_owned(),
        source,
    })
}

fn read_keys(path: &Path) -> Result<Vec<PublicJwk>, AttestationsError> {
    let set = JwkSet::parse(&read(path)?, &mut Limits::METADATA.budget());
    let set = set.map_err(|source| AttestationsError::NotAKeySet {
        path: path.to_owned(),
        source,
    })?;
    Ok(set.keys().to_vec())
}
