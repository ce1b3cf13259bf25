//! Making log entries. did:webvh 1.0, "Create (Register)", "Update (Rotate)",
//! "Deactivate (Revoke)". What is made is verified before it is handed out.

use jose::{PublicJwk, Signer, UnixTime};
use serde_json::{Map, Value, json};

use super::entry::{PLACEHOLDER, UnverifiedLogEntry, entry_hash, scid_of};
use super::error::LogError;
use super::parameters::METHOD;
use super::state::{LogState, VerifiedLogEntry};
use super::version::{VersionId, VersionTime};
use crate::data_integrity::{self, ProofError};
use crate::multihash::Sha256Multihash;
use crate::multikey::{self, MultikeyError};

/// The first entry of a new portable DID with pre-rotation.
pub struct Genesis<'a> {
    /// Domain, port and path as they stand in the DID: `agency.example%3A8443:dids`.
    pub location: &'a str,
    /// The document, with `{SCID}` wherever the SCID will stand; `id` is set here.
    pub document: Map<String, Value>,
    /// The key that may update; it signs this entry and is spent with it.
    pub update_key: &'a PublicJwk,
    /// The key that signs the next entry, promised by its hash.
    pub next_key: &'a PublicJwk,
    /// When the entry is written.
    pub time: UnixTime,
}

impl Genesis<'_> {
    /// Makes and signs the entry; returns its line, without line feed.
    ///
    /// # Errors
    /// Each broken rule is a variant of [`BuildError`].
    pub fn sign(mut self, signer: &dyn Signer) -> Result<(String, VerifiedLogEntry), BuildError> {
        let did = format!("did:webvh:{PLACEHOLDER}:{}", self.location);
        self.document.insert("id".to_owned(), Value::from(did));
        let preliminary = object(json!({
            "versionId": PLACEHOLDER,
            "versionTime": version_time(self.time)?.to_string(),
            "parameters": {
                "method": METHOD,
                "scid": PLACEHOLDER,
                "updateKeys": [multikey::encode(self.update_key)?],
                "nextKeyHashes": [next_key_hash(self.next_key)?],
                "portable": true,
            },
            "state": self.document,
        }))?;
        let scid = scid_of(&preliminary, PLACEHOLDER)?;
        let text = serde_json::to_string(&preliminary).map_err(|_| LogError::Json)?;
        let text = text.replace(PLACEHOLDER, scid.as_str());
        let entry = object(serde_json::from_str(&text).map_err(|_| LogError::Json)?)?;
        let line = finish(entry, 1, scid.as_str(), self.time, signer)?;
        let verified = LogState::genesis(UnverifiedLogEntry::parse(line.as_bytes())?)?;
        Ok((line, verified))
    }
}

/// An entry after the newest one, by a key the newest one promised.
pub struct Change<'a> {
    /// The new document.
    pub document: Value,
    /// The promised key, which signs this entry.
    pub update_key: &'a PublicJwk,
    /// What follows.
    pub next: NextKeys<'a>,
    /// When the entry is written; moved on by a second where the clock has not moved.
    pub time: UnixTime,
}

/// What a [`Change`] promises.
#[derive(Clone, Copy)]
pub enum NextKeys<'a> {
    /// The key that signs the next entry.
    Promise(&'a PublicJwk),
    /// The DID ends here: `deactivated`, and no key is promised.
    Deactivate,
}

impl Change<'_> {
    /// Makes and signs the entry; returns its line, without line feed.
    ///
    /// # Errors
    /// Each broken rule is a variant of [`BuildError`].
    pub fn sign(self, state: &LogState, signer: &dyn Signer) -> Result<(String, VerifiedLogEntry), BuildError> {
        let mut parameters = object(json!({
            "updateKeys": [multikey::encode(self.update_key)?],
            "nextKeyHashes": [],
        }))?;
        match self.next {
            NextKeys::Promise(key) => {
                parameters.insert("nextKeyHashes".to_owned(), json!([next_key_hash(key)?]));
            }
            NextKeys::Deactivate => {
                parameters.insert("deactivated".to_owned(), Value::Bool(true));
            }
        }
        let time = self.time.max(state.version_time().seconds().saturating_add(1));
        let predecessor = state.version_id().to_string();
        let entry = object(json!({
            "versionId": predecessor,
            "versionTime": version_time(time)?.to_string(),
            "parameters": parameters,
            "state": self.document,
        }))?;
        let number = state.version_id().number().saturating_add(1);
        let line = finish(entry, number, &predecessor, time, signer)?;
        let verified = state.next(UnverifiedLogEntry::parse(line.as_bytes())?)?;
        Ok((line, verified))
    }
}

/// The hash by which a key is promised.
/// did:webvh 1.0, "Pre-Rotation Key Hash Generation and Verification".
///
/// # Errors
/// [`MultikeyError`] where the key is of a kind not in use.
pub fn next_key_hash(key: &PublicJwk) -> Result<String, MultikeyError> {
    Ok(Sha256Multihash::of(multikey::encode(key)?.as_bytes()).to_string())
}

/// Why no entry could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The entry would not stand.
    #[error(transparent)]
    Entry(#[from] LogError),
    /// A key is of a kind not in use.
    #[error(transparent)]
    Key(#[from] MultikeyError),
    /// Signing failed.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The time cannot be written as a date.
    #[error("the time is out of range")]
    Time,
}

/// Sets the version id, signs and writes the line.
fn finish(
    mut entry: Map<String, Value>,
    number: u64,
    predecessor: &str,
    time: UnixTime,
    signer: &dyn Signer,
) -> Result<String, BuildError> {
    let version = VersionId::new(number, entry_hash(&entry, predecessor)?);
    entry.insert("versionId".to_owned(), Value::from(version.to_string()));
    let unsecured = Value::Object(entry.clone());
    let proof = data_integrity::sign(&unsecured, time, signer)?;
    entry.insert("proof".to_owned(), json!([proof]));
    Ok(serde_json::to_string(&entry).map_err(|_| LogError::Json)?)
}

fn version_time(time: UnixTime) -> Result<VersionTime, BuildError> {
    VersionTime::from_parts(time, 0).ok_or(BuildError::Time)
}

fn object(json: Value) -> Result<Map<String, Value>, LogError> {
    match json {
        Value::Object(object) => Ok(object),
        _ => Err(LogError::Json),
    }
}
