//! One line of a DID log. did:webvh 1.0, "The DID Log File".

use jose::{Budget, Work, strict_json};
use serde_json::{Map, Value};

use super::error::LogError;
use super::identifier::WebvhDid;
use super::parameters::Parameters;
use super::version::{VersionError, VersionId, VersionTime};
use crate::budget;
use crate::data_integrity::UnverifiedProof;
use crate::document::DidDocument;
use crate::multihash::Sha256Multihash;

/// Stands for the SCID where it is not known yet. did:webvh 1.0, "Create (Register)".
pub(crate) const PLACEHOLDER: &str = "{SCID}";

/// A line whose form has been checked. Whether it follows the lines before it is
/// [`LogState`](super::LogState)'s to say.
#[derive(Clone, Debug)]
pub struct UnverifiedLogEntry {
    pub(crate) version_id: VersionId,
    pub(crate) version_time: VersionTime,
    pub(crate) parameters: Parameters,
    pub(crate) document: DidDocument,
    pub(crate) did: WebvhDid,
    pub(crate) proofs: Vec<UnverifiedProof>,
    /// The entry without its proof.
    pub(crate) unsecured: Map<String, Value>,
}

impl UnverifiedLogEntry {
    /// Reads a line, with or without its line feed.
    ///
    /// # Errors
    /// Each broken rule is a variant of [`LogError`].
    pub fn parse(line: &[u8]) -> Result<Self, LogError> {
        let mut budget = budget::ENTRY.clone();
        budget.spend(Work::Bytes, line.len())?;
        Self::parse_within(line, &mut budget)
    }

    /// Reads a line within a budget. Its bytes have been paid for by whoever received them.
    ///
    /// # Errors
    /// Each broken rule is a variant of [`LogError`].
    pub fn parse_within(line: &[u8], budget: &mut Budget) -> Result<Self, LogError> {
        budget.reach(Work::EntryBytes, line.len())?;
        let json = strict_json::parse_within(line, budget)?;
        let Value::Object(mut unsecured) = json else {
            return Err(LogError::Members);
        };
        let proof = unsecured.remove("proof").ok_or(LogError::Members)?;
        let names = ["versionId", "versionTime", "parameters", "state"];
        if unsecured.len() != names.len() || !names.iter().all(|name| unsecured.contains_key(*name)) {
            return Err(LogError::Members);
        }
        let text = |name: &str| unsecured.get(name).and_then(Value::as_str);
        let version_id = text("versionId").ok_or(VersionError::Id)?.parse()?;
        let version_time = text("versionTime").ok_or(VersionError::Time)?.parse()?;
        let parameters = unsecured.get("parameters").and_then(Value::as_object);
        let parameters = Parameters::parse(parameters.ok_or(LogError::Members)?, budget)?;
        let document = DidDocument::parse_within(unsecured.get("state").ok_or(LogError::Members)?, budget)?;
        let did = WebvhDid::try_from(document.did().clone())?;
        let proofs = proof
            .as_array()
            .filter(|proofs| !proofs.is_empty())
            .ok_or(LogError::NoProof)?;
        budget.reach(Work::Proofs, proofs.len())?;
        let proofs = proofs.iter().map(UnverifiedProof::parse).collect::<Result<_, _>>()?;
        Ok(Self {
            version_id,
            version_time,
            parameters,
            document,
            did,
            proofs,
            unsecured,
        })
    }

    /// The DID the line claims to be about; to find the state it must follow.
    #[must_use]
    pub fn dangerous_unverified_did(&self) -> &WebvhDid {
        &self.did
    }

    /// The version the line claims to be; to find its place.
    #[must_use]
    pub fn dangerous_unverified_version(&self) -> &VersionId {
        &self.version_id
    }

    /// When the line claims to have been written; admission refuses the future.
    #[must_use]
    pub fn dangerous_unverified_time(&self) -> VersionTime {
        self.version_time
    }

    /// Every proof is by one of `keys` and verifies.
    pub(crate) fn check_proofs(&self, keys: &[String], budget: &mut Budget) -> Result<(), LogError> {
        let document = Value::Object(self.unsecured.clone());
        for proof in &self.proofs {
            if !keys.iter().any(|key| key == proof.multikey()) {
                return Err(LogError::Unauthorized);
            }
            proof.verify_within(&document, budget)??;
        }
        Ok(())
    }

    /// The entry hash binds this entry to `predecessor`, the SCID or version id before it.
    pub(crate) fn check_entry_hash(&self, predecessor: &str, budget: &mut Budget) -> Result<(), LogError> {
        budget.spend(Work::Hashes, 1)?;
        if entry_hash(&self.unsecured, predecessor)? != *self.version_id.entry_hash() {
            return Err(LogError::EntryHash);
        }
        Ok(())
    }

    /// The SCID is the hash of this first entry. did:webvh 1.0, "Verify SCID".
    pub(crate) fn check_scid(&self, scid: &Sha256Multihash, budget: &mut Budget) -> Result<(), LogError> {
        budget.spend(Work::Hashes, 1)?;
        let mut entry = self.unsecured.clone();
        entry.insert("versionId".to_owned(), Value::from(PLACEHOLDER));
        if scid_of(&entry, scid.as_str())? != *scid {
            return Err(LogError::Scid);
        }
        Ok(())
    }
}

/// `base58btc(multihash(JCS(entry)))` with the predecessor as `versionId`.
/// did:webvh 1.0, "Generate Entry Hash".
pub(crate) fn entry_hash(unsecured: &Map<String, Value>, predecessor: &str) -> Result<Sha256Multihash, LogError> {
    let mut entry = unsecured.clone();
    entry.insert("versionId".to_owned(), Value::from(predecessor));
    let bytes = serde_jcs::to_vec(&entry).map_err(|_| LogError::Json)?;
    Ok(Sha256Multihash::of(&bytes))
}

/// The hash of an entry in which the text `scid` is put back to the placeholder.
/// did:webvh 1.0, "Generate SCID" and "Verify SCID".
pub(crate) fn scid_of(entry: &Map<String, Value>, scid: &str) -> Result<Sha256Multihash, LogError> {
    // Replaced as text and read again: a name that holds the SCID sorts elsewhere afterwards.
    let text = serde_json::to_string(entry).map_err(|_| LogError::Json)?;
    let text = text.replace(scid, PLACEHOLDER);
    let entry = strict_json::parse(text.as_bytes(), &strict_json::Limits::MESSAGE).map_err(|_| LogError::Json)?;
    let bytes = serde_jcs::to_vec(&entry).map_err(|_| LogError::Json)?;
    Ok(Sha256Multihash::of(&bytes))
}
