//! What a log has established so far, and the next line on top of it.
//! did:webvh 1.0, "Read (Resolve)" steps 1 to 9.

use jose::{Budget, UnixTime, Work};
use serde::{Deserialize, Serialize};

use super::entry::UnverifiedLogEntry;
use super::error::LogError;
use super::identifier::WebvhDid;
use super::parameters::Parameters;
use super::version::{VersionId, VersionTime};
use super::witness::WitnessRule;
use crate::budget;
use crate::document::DidDocument;
use crate::multihash::Sha256Multihash;

/// The state of a DID log after its newest verified entry: all that is needed to check
/// the next. Made by [`LogState::genesis`] and [`LogState::next`] alone, or read back
/// from a store one trusts by [`LogState::dangerous_from_stored`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogState {
    did: WebvhDid,
    version_id: VersionId,
    version_time: VersionTime,
    update_keys: Vec<String>,
    next_key_hashes: Vec<String>,
    portable: bool,
    deactivated: bool,
    witness: Option<WitnessRule>,
}

impl LogState {
    /// Checks the first entry of a log and starts its state.
    ///
    /// # Errors
    /// Each broken rule is a variant of [`LogError`].
    pub fn genesis(entry: UnverifiedLogEntry) -> Result<VerifiedLogEntry, LogError> {
        Self::genesis_within(entry, &mut budget::ENTRY.clone())
    }

    /// Checks the first entry within a budget, of which hashes and signatures are spent.
    ///
    /// # Errors
    /// Each broken rule is a variant of [`LogError`].
    pub fn genesis_within(entry: UnverifiedLogEntry, budget: &mut Budget) -> Result<VerifiedLogEntry, LogError> {
        let parameters = &entry.parameters;
        let scid = parameters.scid.as_deref().ok_or(LogError::MissingParameter)?;
        let scid: Sha256Multihash = scid.parse().map_err(|_| LogError::Scid)?;
        if parameters.method.is_none() {
            return Err(LogError::MissingParameter);
        }
        let update_keys = parameters.update_keys.clone().ok_or(LogError::MissingParameter)?;
        if entry.version_id.number() != 1 {
            return Err(LogError::VersionNumber);
        }
        if entry.did.scid() != &scid {
            return Err(LogError::ScidMismatch);
        }
        entry.check_scid(&scid, budget)?;
        entry.check_entry_hash(scid.as_str(), budget)?;
        entry.check_proofs(&update_keys, budget)?;
        let state = Self {
            did: entry.did.clone(),
            version_id: entry.version_id.clone(),
            version_time: entry.version_time,
            update_keys,
            next_key_hashes: parameters.next_key_hashes.clone().unwrap_or_default(),
            portable: parameters.portable.unwrap_or_default(),
            deactivated: parameters.deactivated.unwrap_or_default(),
            witness: parameters.witness.clone().flatten(),
        };
        let witness_rule = state.witness.clone();
        Ok(VerifiedLogEntry {
            state,
            document: entry.document,
            witness_rule,
        })
    }

    /// Checks the entry after this state.
    ///
    /// # Errors
    /// Each broken rule is a variant of [`LogError`].
    pub fn next(&self, entry: UnverifiedLogEntry) -> Result<VerifiedLogEntry, LogError> {
        self.next_within(entry, &mut budget::ENTRY.clone())
    }

    /// Checks the entry after this state within a budget, of which hashes and signatures are spent.
    ///
    /// # Errors
    /// Each broken rule is a variant of [`LogError`].
    pub fn next_within(&self, entry: UnverifiedLogEntry, budget: &mut Budget) -> Result<VerifiedLogEntry, LogError> {
        if self.deactivated {
            return Err(LogError::Deactivated);
        }
        self.check_place(&entry, budget)?;
        let (update_keys, next_key_hashes) = self.rotate(&entry, budget)?;
        let portable = self.check_portability(&entry)?;
        let parameters = entry.parameters;
        // A rule that replaces another takes effect after its own entry, which the old
        // witnesses approve; a first rule takes effect at once. "Witness Lists".
        let witness = parameters.witness.unwrap_or_else(|| self.witness.clone());
        let witness_rule = self.witness.clone().or_else(|| witness.clone());
        let state = Self {
            did: entry.did,
            version_id: entry.version_id,
            version_time: entry.version_time,
            update_keys,
            next_key_hashes,
            portable,
            deactivated: parameters.deactivated.unwrap_or_default(),
            witness,
        };
        Ok(VerifiedLogEntry {
            state,
            document: entry.document,
            witness_rule,
        })
    }

    /// The DID by its newest name.
    #[must_use]
    pub fn did(&self) -> &WebvhDid {
        &self.did
    }

    /// The newest version.
    #[must_use]
    pub fn version_id(&self) -> &VersionId {
        &self.version_id
    }

    /// When the newest version was written, as its controller says.
    #[must_use]
    pub fn version_time(&self) -> VersionTime {
        self.version_time
    }

    /// Multikeys that may sign; with pre-rotation active they are spent already.
    #[must_use]
    pub fn update_keys(&self) -> &[String] {
        &self.update_keys
    }

    /// Hashes of the keys that alone may sign the next entry; empty without pre-rotation.
    #[must_use]
    pub fn next_key_hashes(&self) -> &[String] {
        &self.next_key_hashes
    }

    /// Whether the DID may move to another host.
    #[must_use]
    pub fn is_portable(&self) -> bool {
        self.portable
    }

    /// Whether the DID has come to its end.
    #[must_use]
    pub fn is_deactivated(&self) -> bool {
        self.deactivated
    }

    /// The witnesses of entries to come, where the DID has any.
    #[must_use]
    pub fn witness_rule(&self) -> Option<&WitnessRule> {
        self.witness.as_ref()
    }

    /// The state as plain values, for a store.
    #[must_use]
    pub fn to_stored(&self) -> StoredLogState {
        StoredLogState {
            did: self.did.to_string(),
            version_id: self.version_id.to_string(),
            version_seconds: self.version_time.seconds(),
            version_nanos: self.version_time.nanos(),
            update_keys: self.update_keys.clone(),
            next_key_hashes: self.next_key_hashes.clone(),
            portable: self.portable,
            deactivated: self.deactivated,
            witness: self.witness.clone(),
        }
    }

    /// Reads a state back. Dangerous: nothing is proved, so the values must come from a
    /// store or record that is itself trusted or has been verified.
    ///
    /// # Errors
    /// [`LogError::Identifier`] and [`LogError::Version`] where a value is malformed.
    pub fn dangerous_from_stored(stored: StoredLogState) -> Result<Self, LogError> {
        let time = VersionTime::from_parts(stored.version_seconds, stored.version_nanos);
        Ok(Self {
            did: stored.did.parse()?,
            version_id: stored.version_id.parse()?,
            version_time: time.ok_or(super::version::VersionError::Time)?,
            update_keys: stored.update_keys,
            next_key_hashes: stored.next_key_hashes,
            portable: stored.portable,
            deactivated: stored.deactivated,
            witness: stored.witness,
        })
    }

    /// Number, time, hash chain and SCID. Steps 3, 4, 6.
    fn check_place(&self, entry: &UnverifiedLogEntry, budget: &mut Budget) -> Result<(), LogError> {
        if self.version_id.number().checked_add(1) != Some(entry.version_id.number()) {
            return Err(LogError::VersionNumber);
        }
        if entry.parameters.scid.is_some() {
            return Err(LogError::ScidAgain);
        }
        if entry.did.scid() != self.did.scid() {
            return Err(LogError::ScidMismatch);
        }
        if entry.version_time <= self.version_time {
            return Err(LogError::TimeNotIncreasing);
        }
        entry.check_entry_hash(&self.version_id.to_string(), budget)
    }

    /// Who may sign, and the key lists afterwards. Steps 2 and 7, "Authorized Keys".
    fn rotate(&self, entry: &UnverifiedLogEntry, budget: &mut Budget) -> Result<(Vec<String>, Vec<String>), LogError> {
        let Parameters {
            update_keys,
            next_key_hashes,
            ..
        } = &entry.parameters;
        if self.next_key_hashes.is_empty() {
            entry.check_proofs(&self.update_keys, budget)?;
            let keys = update_keys.clone().unwrap_or_else(|| self.update_keys.clone());
            return Ok((keys, next_key_hashes.clone().unwrap_or_default()));
        }
        let (Some(keys), Some(hashes)) = (update_keys, next_key_hashes) else {
            return Err(LogError::PreRotationOmitted);
        };
        for key in keys {
            budget.spend(Work::Hashes, 1)?;
            let hash = Sha256Multihash::of(key.as_bytes());
            if !self.next_key_hashes.iter().any(|promised| promised == hash.as_str()) {
                return Err(LogError::PreRotationKey);
            }
        }
        entry.check_proofs(keys, budget)?;
        Ok((keys.clone(), hashes.clone()))
    }

    /// Whether the DID is portable from here on, and whether it may have moved here.
    fn check_portability(&self, entry: &UnverifiedLogEntry) -> Result<bool, LogError> {
        if entry.parameters.portable == Some(true) {
            return Err(LogError::PortableLater);
        }
        let portable = entry.parameters.portable.unwrap_or(self.portable);
        if entry.did != self.did {
            if !portable {
                return Err(LogError::NotPortable);
            }
            let old = self.did.did().as_str();
            if !entry.document.also_known_as().iter().any(|name| name == old) {
                return Err(LogError::OldNameMissing);
            }
        }
        Ok(portable)
    }
}

/// An entry that follows all before it.
#[derive(Clone, Debug)]
pub struct VerifiedLogEntry {
    state: LogState,
    document: DidDocument,
    witness_rule: Option<WitnessRule>,
}

impl VerifiedLogEntry {
    /// The state after this entry.
    #[must_use]
    pub fn state(&self) -> &LogState {
        &self.state
    }

    /// The document of this version.
    #[must_use]
    pub fn document(&self) -> &DidDocument {
        &self.document
    }

    /// The witnesses who must have approved this very entry.
    #[must_use]
    pub fn witness_rule(&self) -> Option<&WitnessRule> {
        self.witness_rule.as_ref()
    }

    /// State and document by value.
    #[must_use]
    pub fn into_parts(self) -> (LogState, DidDocument) {
        (self.state, self.document)
    }
}

/// [`LogState`] as plain values, for a store or a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredLogState {
    /// The DID by its newest name.
    pub did: String,
    /// `versionId` of the newest entry.
    pub version_id: String,
    /// `versionTime` of the newest entry, whole seconds.
    pub version_seconds: UnixTime,
    /// Nanoseconds of that second.
    pub version_nanos: u32,
    /// Active update keys as multikeys.
    pub update_keys: Vec<String>,
    /// Promised key hashes; empty without pre-rotation.
    pub next_key_hashes: Vec<String>,
    /// Whether the DID may move.
    pub portable: bool,
    /// Whether the DID has ended.
    pub deactivated: bool,
    /// Witnesses of entries to come.
    pub witness: Option<WitnessRule>,
}
