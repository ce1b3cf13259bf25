//! Trust pack: what a client must know to rely on a ledger. docs/ledger.md §9.

use jose::strict_json::{self, Limits, StrictJsonError};
use jose::{Algorithm, SignError, Signer, UnixTime, base64url};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;
use tlog::LogKey;

use crate::hash::{Hash, sha256};
use crate::payload::{
    Governance, GovernanceSignature, PackReference, PayloadError, Predecessor, from_value, present, to_canonical,
};
use crate::quorum::{Quorum, QuorumTextError};

const CONTEXT: &[u8] = b"holdfast/trust-pack/v1\n";
/// For how long signatures by the log key before count, at most. docs/ledger.md §9.1
const TWO_LOG_KEYS: UnixTime = 90 * 24 * 3600;

/// A trust pack that its governance keys signed. Made by [`UnverifiedTrustPack::verify`] only.
#[derive(Clone, Debug, PartialEq)]
pub struct TrustPack {
    content: PackContent,
    quorum: Quorum,
    previous_log_key: Option<(LogKey, UnixTime)>,
    signed_bytes: Vec<u8>,
}

/// Whether cards of this ecosystem mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// For trying out.
    Test,
    /// For real.
    Live,
}

/// What a pack says. docs/ledger.md §9
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackContent {
    /// The pack is refused from then on.
    pub expires: UnixTime,
    /// Who may sign the next pack.
    pub governance: Governance,
    /// Verifier key of the log.
    pub log_key: String,
    /// Verifier keys of the cosigners that replay every leaf.
    pub mirrors: Vec<String>,
    /// Test or live.
    pub mode: Mode,
    /// Name of the ecosystem.
    pub name: String,
    /// Name of the log.
    pub origin: String,
    /// tlog-policy text.
    pub policy: String,
    /// The log that this one goes on for. docs/ledger.md §9.2
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub predecessor: Option<Predecessor>,
    /// The key that the log had before. docs/ledger.md §9.1
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub previous_log_key: Option<PreviousLogKey>,
    /// One higher than that of the pack before.
    pub version: u64,
}

/// A log key that counts for a while beside the newest. docs/ledger.md §9.1
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviousLogKey {
    /// Checkpoints of this time and later need the newest key.
    pub until: UnixTime,
    /// Its verifier key.
    pub vkey: String,
}

/// A pack as it came, nothing checked but its form.
#[derive(Clone, Debug, PartialEq)]
pub struct UnverifiedTrustPack {
    content: PackContent,
    quorum: Quorum,
    previous_log_key: Option<(LogKey, UnixTime)>,
    signed_bytes: Vec<u8>,
    signatures: Vec<(String, Algorithm, Vec<u8>)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackFile {
    pack: Value,
    signatures: Vec<SignatureJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureJson {
    alg: String,
    key: String,
    sig: String,
}

/// Why a trust pack is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TrustPackError {
    /// Not JSON of a pack's shape.
    #[error("not a trust pack: {0}")]
    Json(#[from] StrictJsonError),
    /// A member of the pack breaks its rule.
    #[error(transparent)]
    Content(#[from] PayloadError),
    /// The quorum text cannot be relied on.
    #[error(transparent)]
    Quorum(#[from] QuorumTextError),
    /// `log_key` is not the log key of the policy text.
    #[error("the log key is not that of the policy text")]
    LogKey,
    /// `previous_log_key` is no other key of this log.
    #[error("the log key before is no other key of this log")]
    PreviousLogKey,
    /// The log key before would count for more than 90 days.
    #[error("the log key before would count for more than 90 days")]
    PreviousLogKeyTooLong,
    /// There is another log key than in the pack before, and the pack does not name that one.
    #[error("the log key of the pack before is not named")]
    LogKeyReplaced,
    /// A signature names an unknown algorithm, or is not base64url.
    #[error("a signature is malformed")]
    Signature,
    /// Too few of its own governance keys signed.
    #[error("too few governance keys signed the pack")]
    OwnThreshold,
    /// Too few governance keys of the pack before signed.
    #[error("too few governance keys of the pack before signed")]
    PreviousThreshold,
    /// A governance key was not announced by the pack before.
    #[error("a governance key was not announced")]
    KeyNotAnnounced,
    /// The version is not one higher than that of the pack before.
    #[error("the version is not one higher than that of the pack before")]
    Version,
    /// Name, origin or mode differs from the pack before.
    #[error("the pack is of another ecosystem")]
    OtherEcosystem,
    /// Run out.
    #[error("the trust pack has expired")]
    Expired,
}

impl PackContent {
    /// The pack file, signed by governance keys.
    pub fn sign(&self, signers: &[&dyn Signer]) -> Result<Vec<u8>, PackSignError> {
        let message = self.signed_bytes()?;
        let mut signatures = Vec::with_capacity(signers.len());
        for signer in signers {
            signatures.push(json!({
                "alg": signer.algorithm().as_str(),
                "key": base64url::encode(signer.public_jwk().thumbprint()),
                "sig": base64url::encode(signer.sign(&message)?),
            }));
        }
        Ok(to_canonical(&json!({ "pack": self, "signatures": signatures }))?)
    }

    /// What a policy entry says about this pack.
    pub fn reference(&self) -> Result<PackReference, PayloadError> {
        Ok(PackReference {
            sha256: sha256(&[&to_canonical(self)?]),
            version: self.version,
        })
    }

    /// The key that the log had before, and until when it counts.
    fn previous_log_key(&self) -> Result<Option<(LogKey, UnixTime)>, TrustPackError> {
        let Some(previous) = &self.previous_log_key else {
            return Ok(None);
        };
        let key: LogKey = previous.vkey.parse().map_err(|_| TrustPackError::PreviousLogKey)?;
        if previous.vkey == self.log_key || key.verifier_key().name().as_str() != self.origin {
            return Err(TrustPackError::PreviousLogKey);
        }
        Ok(Some((key, previous.until)))
    }

    /// Of the same log, or of one that says to go on for it.
    fn goes_on_for(&self, before: &Self) -> bool {
        let named = self.predecessor.as_ref();
        self.origin == before.origin
            || named.is_some_and(|log| log.origin == before.origin && log.log_key == before.log_key)
    }

    /// A log that stays has its key still, or says which key it had.
    fn names_log_key_of(&self, before: &Self) -> bool {
        let previous = self.previous_log_key.as_ref();
        self.origin != before.origin
            || self.log_key == before.log_key
            || previous.is_some_and(|previous| previous.vkey == before.log_key)
    }

    fn signed_bytes(&self) -> Result<Vec<u8>, PayloadError> {
        Ok([CONTEXT, &to_canonical(self)?].concat())
    }
}

/// Why a pack could not be signed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PackSignError {
    /// A member of the pack cannot be written.
    #[error(transparent)]
    Content(#[from] PayloadError),
    /// A key could not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl UnverifiedTrustPack {
    /// Reads a pack file.
    pub fn parse(bytes: &[u8]) -> Result<Self, TrustPackError> {
        let file: PackFile = strict_json::from_slice(bytes, &Limits::MESSAGE)?;
        let content: PackContent = from_value(file.pack)?;
        let quorum = Quorum::new(&content.origin, &content.policy, &content.mirrors)?;
        if quorum.log_key().verifier_key().to_string() != content.log_key {
            return Err(TrustPackError::LogKey);
        }
        content
            .predecessor
            .iter()
            .try_for_each(|log| log.check(&content.origin))?;
        let previous_log_key = content.previous_log_key()?;
        let quorum = match &previous_log_key {
            Some((key, _)) => quorum.with_log(key)?,
            None => quorum,
        };
        let signatures = file.signatures.iter().map(parse_signature).collect::<Result<_, _>>()?;
        Ok(Self {
            signed_bytes: content.signed_bytes()?,
            content,
            quorum,
            previous_log_key,
            signatures,
        })
    }

    /// When it says that it runs out. Nothing is signed until [`UnverifiedTrustPack::verify`].
    pub fn dangerous_claimed_expiry(&self) -> UnixTime {
        self.content.expires
    }

    /// Checks the signatures: its own threshold, and that of the pack before where there is one.
    /// The pack that is held already passes again.
    pub fn verify(self, previous: Option<&TrustPack>, now: UnixTime) -> Result<TrustPack, TrustPackError> {
        if now >= self.content.expires {
            return Err(TrustPackError::Expired);
        }
        let latest = now.saturating_add(TWO_LOG_KEYS);
        if self.previous_log_key.as_ref().is_some_and(|(_, until)| *until > latest) {
            return Err(TrustPackError::PreviousLogKeyTooLong);
        }
        let signatures: Vec<GovernanceSignature<'_>> = self.signatures.iter().map(as_governance).collect();
        if !self.content.governance.signed(&self.signed_bytes, &signatures) {
            return Err(TrustPackError::OwnThreshold);
        }
        if let Some(previous) = previous.filter(|previous| previous.signed_bytes != self.signed_bytes) {
            self.check_succession(previous, &signatures)?;
        }
        Ok(TrustPack {
            content: self.content,
            quorum: self.quorum,
            previous_log_key: self.previous_log_key,
            signed_bytes: self.signed_bytes,
        })
    }

    fn check_succession(
        &self,
        previous: &TrustPack,
        signatures: &[GovernanceSignature<'_>],
    ) -> Result<(), TrustPackError> {
        let (before, own) = (&previous.content, &self.content);
        if (&before.name, before.mode) != (&own.name, own.mode) || !own.goes_on_for(before) {
            return Err(TrustPackError::OtherEcosystem);
        }
        if !own.names_log_key_of(before) {
            return Err(TrustPackError::LogKeyReplaced);
        }
        if before.version.checked_add(1) != Some(own.version) {
            return Err(TrustPackError::Version);
        }
        if !before.governance.signed(&self.signed_bytes, signatures) {
            return Err(TrustPackError::PreviousThreshold);
        }
        if before.governance.allows(&own.governance) {
            Ok(())
        } else {
            Err(TrustPackError::KeyNotAnnounced)
        }
    }
}

impl TrustPack {
    /// Name of the ecosystem.
    pub fn name(&self) -> &str {
        &self.content.name
    }

    /// Test or live.
    pub fn mode(&self) -> Mode {
        self.content.mode
    }

    /// The pack's version.
    pub fn version(&self) -> u64 {
        self.content.version
    }

    /// The pack is worth nothing from then on.
    pub fn expires(&self) -> UnixTime {
        self.content.expires
    }

    /// Name of the log.
    pub fn origin(&self) -> &str {
        &self.content.origin
    }

    /// The log's key.
    pub fn log_key(&self) -> &LogKey {
        self.quorum.log_key()
    }

    /// The key that the log had before, and until when it counts.
    pub fn previous_log_key(&self) -> Option<(&LogKey, UnixTime)> {
        self.previous_log_key.as_ref().map(|(key, until)| (key, *until))
    }

    /// The log's key, then the one it had before.
    pub fn log_keys(&self) -> Vec<LogKey> {
        let previous = self.previous_log_key().map(|(key, _)| key);
        std::iter::once(self.log_key()).chain(previous).cloned().collect()
    }

    /// The log that this one goes on for, and how much of it counts.
    pub fn predecessor(&self) -> Option<&Predecessor> {
        self.content.predecessor.as_ref()
    }

    /// What the pack says, to make the next one.
    pub fn content(&self) -> &PackContent {
        &self.content
    }

    /// Who must have cosigned a checkpoint.
    pub fn policy(&self) -> &tlog::Policy {
        self.quorum.policy()
    }

    /// Verifier keys of the mirrors.
    pub fn mirrors(&self) -> &[String] {
        self.quorum.mirrors()
    }

    /// Who may sign the next pack.
    pub fn governance(&self) -> &Governance {
        &self.content.governance
    }

    /// SHA-256 of the pack object, as a policy entry anchors it.
    pub fn sha256(&self) -> Hash {
        sha256(&[self.signed_bytes.get(CONTEXT.len()..).unwrap_or_default()])
    }
}

fn parse_signature(json: &SignatureJson) -> Result<(String, Algorithm, Vec<u8>), TrustPackError> {
    let algorithm = Algorithm::from_name(&json.alg).ok_or(TrustPackError::Signature)?;
    let signature = base64url::decode(&json.sig).map_err(|_| TrustPackError::Signature)?;
    Ok((json.key.clone(), algorithm, signature))
}

fn as_governance(parts: &(String, Algorithm, Vec<u8>)) -> GovernanceSignature<'_> {
    GovernanceSignature {
        key: &parts.0,
        algorithm: parts.1,
        signature: &parts.2,
    }
}
