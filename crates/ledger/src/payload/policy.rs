//! Policy payload: the rules of the log itself. docs/ledger.md §4.1.

use did::Did;
use jose::{Algorithm, PublicJwk, VerifyingKey, base64url};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::json::{hash_text, hash_texts, present};
use super::{Limits, PayloadError, Predecessor, Successor, check_count, check_order, from_canonical, to_canonical};
use crate::hash::Hash;
use crate::quorum::Quorum;

/// The rules of the log: who cosigns, who accredits, who governs, how much may be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Who may change the policy.
    pub governance: Governance,
    /// How much may be written.
    #[serde(default, skip_serializing_if = "Limits::is_default")]
    pub limits: Limits,
    /// Verifier keys of those cosigners that replay every leaf.
    pub mirrors: Vec<String>,
    /// The log's name.
    pub origin: String,
    /// The log that this one goes on for.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub predecessor: Option<Predecessor>,
    /// tlog-policy text.
    pub quorum: String,
    /// Who may accredit and register. Sorted.
    pub registrars: Vec<Did>,
    /// Who may write releases.
    #[serde(default, skip_serializing_if = "ReleaseKeys::is_empty")]
    pub release_keys: ReleaseKeys,
    /// The log that goes on for this one, which then takes nothing more.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub successor: Option<Successor>,
    /// The trust pack that says the same to clients.
    pub trust_pack: PackReference,
    /// One higher than that of the policy before; 1 at first.
    pub version: u64,
}

/// A trust pack, by version and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackReference {
    /// SHA-256 of the JCS form of the pack object.
    #[serde(with = "hash_text")]
    pub sha256: Hash,
    /// Its version.
    pub version: u64,
}

/// Who may change policy and trust pack: `threshold` of `keys`. docs/ledger.md §5.2
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "GovernanceJson", into = "GovernanceJson")]
pub struct Governance {
    keys: Vec<PublicJwk>,
    next: Vec<Hash>,
    threshold: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GovernanceJson {
    keys: Vec<Value>,
    #[serde(with = "hash_texts")]
    next: Vec<Hash>,
    threshold: u64,
}

impl Policy {
    /// Reads the payload.
    pub fn parse(bytes: &[u8]) -> Result<Self, PayloadError> {
        let policy: Self = from_canonical(bytes)?;
        policy.check()?;
        Ok(policy)
    }

    /// The payload's bytes.
    pub fn encode(&self) -> Result<Vec<u8>, PayloadError> {
        self.check()?;
        to_canonical(self)
    }

    fn check(&self) -> Result<(), PayloadError> {
        check_count("registrars", self.registrars.len(), 1..=64)?;
        check_order("registrars", &self.registrars, Clone::clone)?;
        Quorum::new(&self.origin, &self.quorum, &self.mirrors)?;
        self.successor.iter().try_for_each(|log| log.check(&self.origin))?;
        self.predecessor.iter().try_for_each(|log| log.check(&self.origin))
    }
}

impl Governance {
    /// Keys of today, thumbprints of the keys announced for later, and how many must sign.
    pub fn new(mut keys: Vec<PublicJwk>, mut next: Vec<Hash>, threshold: u64) -> Result<Self, PayloadError> {
        keys.sort_by_key(PublicJwk::thumbprint);
        next.sort_unstable();
        Self { keys, next, threshold }.checked()
    }

    /// The keys of today.
    pub fn keys(&self) -> &[PublicJwk] {
        &self.keys
    }

    /// How many must sign.
    pub fn threshold(&self) -> u64 {
        self.threshold
    }

    /// True when `threshold` different keys of today signed the message. Signatures of other keys
    /// count for nothing.
    pub(crate) fn signed(&self, message: &[u8], signatures: &[GovernanceSignature<'_>]) -> bool {
        let valid = self
            .keys
            .iter()
            .filter(|key| is_signed_by(key, message, signatures))
            .count();
        valid as u64 >= self.threshold
    }

    /// True when each key of `next` is one of today or was announced.
    pub(crate) fn allows(&self, next: &Self) -> bool {
        next.keys
            .iter()
            .all(|key| self.next.contains(&key.thumbprint()) || self.keys.iter().any(|today| today.same_key(key)))
    }

    fn checked(self) -> Result<Self, PayloadError> {
        check_count("governance keys", self.keys.len(), 1..=16)?;
        check_order("governance keys", &self.keys, PublicJwk::thumbprint)?;
        check_count("next", self.next.len(), 0..=16)?;
        check_order("next", &self.next, |hash| *hash)?;
        if self.threshold == 0 || self.threshold > self.keys.len() as u64 {
            return Err(PayloadError::Threshold);
        }
        Ok(self)
    }
}

/// Keys that sign releases, sorted by thumbprint; none where the policy says nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Value>", into = "Vec<Value>")]
pub struct ReleaseKeys(Vec<PublicJwk>);

impl ReleaseKeys {
    /// At most 16 keys, none twice.
    ///
    /// # Errors
    /// [`PayloadError::Count`], [`PayloadError::Order`]
    pub fn new(mut keys: Vec<PublicJwk>) -> Result<Self, PayloadError> {
        keys.sort_by_key(PublicJwk::thumbprint);
        check_count("release_keys", keys.len(), 0..=16)?;
        check_order("release_keys", &keys, PublicJwk::thumbprint)?;
        Ok(Self(keys))
    }

    /// True where nobody may write releases.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key of this thumbprint, base64url.
    pub(crate) fn find(&self, thumbprint: &str) -> Option<&PublicJwk> {
        self.0
            .iter()
            .find(|key| base64url::encode(key.thumbprint()) == thumbprint)
    }
}

impl TryFrom<Vec<Value>> for ReleaseKeys {
    type Error = PayloadError;

    fn try_from(values: Vec<Value>) -> Result<Self, PayloadError> {
        check_count("release_keys", values.len(), 1..=16)?;
        let keys: Vec<PublicJwk> = values.iter().map(parse_key).collect::<Result<_, _>>()?;
        check_order("release_keys", &keys, PublicJwk::thumbprint)?;
        Ok(Self(keys))
    }
}

impl From<ReleaseKeys> for Vec<Value> {
    fn from(keys: ReleaseKeys) -> Self {
        keys.0.iter().map(PublicJwk::to_value).collect()
    }
}

/// A signature that says to be of a governance key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GovernanceSignature<'a> {
    /// Thumbprint, base64url.
    pub(crate) key: &'a str,
    pub(crate) algorithm: Algorithm,
    pub(crate) signature: &'a [u8],
}

fn is_signed_by(key: &PublicJwk, message: &[u8], signatures: &[GovernanceSignature<'_>]) -> bool {
    let Ok(verifier) = VerifyingKey::new(key) else {
        return false;
    };
    let thumbprint = base64url::encode(key.thumbprint());
    signatures.iter().any(|signature| {
        signature.key == thumbprint
            && signature.algorithm == verifier.algorithm()
            && verifier.verify(message, signature.signature).is_ok()
    })
}

impl TryFrom<GovernanceJson> for Governance {
    type Error = PayloadError;

    fn try_from(json: GovernanceJson) -> Result<Self, PayloadError> {
        let keys = json.keys.iter().map(parse_key).collect::<Result<_, _>>()?;
        Self {
            keys,
            next: json.next,
            threshold: json.threshold,
        }
        .checked()
    }
}

impl From<Governance> for GovernanceJson {
    fn from(governance: Governance) -> Self {
        Self {
            keys: governance.keys.iter().map(PublicJwk::to_value).collect(),
            next: governance.next,
            threshold: governance.threshold,
        }
    }
}

/// A key and nothing else: what the JWK would lose on the way through is refused.
fn parse_key(value: &Value) -> Result<PublicJwk, PayloadError> {
    match PublicJwk::parse(value) {
        Ok(key) if key.to_value() == *value => Ok(key),
        _ => Err(PayloadError::Text("key")),
    }
}
