//! The keys in use, parsed once.

use did::Relationship;
use did::identity::{IdentityError, Organisation};
use jose::{JwkError, JwkSet, JwsHeader, PublicJwk, Signer, SigningKey, base64url, x5c};
use serde_json::Value;

use super::files::issuer_name;
use crate::config::{Settings, Trust};

/// Everything that is needed to sign as this issuer.
pub struct Signing {
    /// `iss`: the DID, or the public address.
    pub issuer: String,
    /// The DID URL of the credential key; none where the ledger plays no part.
    pub kid: Option<String>,
    /// The certificate chain as an `x5c` value.
    pub x5c: Value,
    /// Signs credentials and status lists.
    pub key: SigningKey,
    /// The keys under which credentials are valid: the current one, and those before it that were
    /// not taken out. Each is named as [`Signing::key_id`] names it.
    pub published: JwkSet,
    /// The DID.
    pub did: String,
    /// The log, line by line.
    pub log: Vec<String>,
    /// Whether the last line ended the DID.
    pub is_deactivated: bool,
    /// The DID URL of the key that writes to the ledger.
    pub ledger_kid: String,
    /// Signs what is written to the ledger.
    pub ledger_key: SigningKey,
}

/// Why the identity cannot sign.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// A key is missing.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// A key cannot sign.
    #[error(transparent)]
    Key(#[from] JwkError),
}

impl Signing {
    /// Parses the keys of an identity.
    pub fn new(organisation: &Organisation, chain: &[Vec<u8>], settings: &Settings) -> Result<Self, SigningError> {
        let (kid, key) = organisation.assertion_key()?;
        let (ledger_kid, ledger_key) = organisation.ledger_key()?;
        Ok(Self {
            issuer: issuer_name(organisation, settings),
            kid: match settings.own.trust {
                Trust::Ledger => Some(kid.to_string()),
                Trust::X5c => None,
            },
            x5c: x5c::to_value(chain),
            key: SigningKey::new(key)?,
            published: published(organisation),
            did: organisation.did().to_string(),
            log: organisation.lines().to_vec(),
            is_deactivated: organisation.state().is_deactivated(),
            ledger_kid: ledger_kid.to_string(),
            ledger_key: SigningKey::new(ledger_key)?,
        })
    }

    /// A header that names the key both ways.
    #[must_use]
    pub fn header(&self) -> JwsHeader {
        JwsHeader::new(self.key.algorithm())
            .with_x5c(self.x5c.clone())
            .with_kid(self.key_id())
    }

    /// How tokens name the key: by its DID URL, or, where the ledger plays no part, by its
    /// thumbprint, as the metadata at `/.well-known/jwt-vc-issuer` name it too.
    #[must_use]
    pub fn key_id(&self) -> String {
        match &self.kid {
            Some(kid) => kid.clone(),
            None => thumbprint(self.key.public_jwk()),
        }
    }
}

fn published(organisation: &Organisation) -> JwkSet {
    let listed = organisation.document().methods(Relationship::AssertionMethod);
    let keys = listed.filter_map(|method| method.key());
    JwkSet::new(keys.map(|key| key.clone().with_kid(thumbprint(key))).collect())
}

fn thumbprint(key: &PublicJwk) -> String {
    base64url::encode(key.thumbprint())
}

impl std::fmt::Debug for Signing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signing")
            .field("issuer", &self.issuer)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
