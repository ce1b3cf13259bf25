//! Makes log entries that may break any rule but the ones a test does not mean to break:
//! hashes and proofs are always right for the content.

use did::webvh::{LogError, LogState, UnverifiedLogEntry, VerifiedLogEntry, next_key_hash};
use did::{Sha256Multihash, data_integrity, multikey};
use jose::{PrivateJwk, Signer, SigningKey};
use serde_json::{Map, Value, json};

pub(crate) const TIME: u64 = 946_684_800;

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::new(&PrivateJwk::from_ed25519_seed(&[seed; 32])).unwrap()
}

pub(crate) fn name(seed: u8) -> String {
    multikey::encode(key(seed).public_jwk()).unwrap()
}

pub(crate) fn hash(seed: u8) -> String {
    next_key_hash(key(seed).public_jwk()).unwrap()
}

/// An entry before hashing and signing.
pub(crate) struct Draft {
    pub(crate) number: u64,
    pub(crate) time: String,
    pub(crate) parameters: Value,
    pub(crate) state: Value,
    pub(crate) signer: u8,
    predecessor: Option<String>,
}

/// A first entry by key 1; with `{SCID}` where the SCID goes.
pub(crate) fn genesis(parameters: Value) -> Draft {
    let mut all = json!({"method": "did:webvh:1.0", "scid": "{SCID}", "updateKeys": [name(1)]});
    merge(&mut all, parameters);
    Draft {
        number: 1,
        time: "2000-01-01T00:00:00Z".to_owned(),
        parameters: all,
        state: json!({"id": "did:webvh:{SCID}:example.com"}),
        signer: 1,
        predecessor: None,
    }
}

/// An entry after `state`, by key 1.
pub(crate) fn after(state: &LogState, parameters: Value) -> Draft {
    Draft {
        number: state.version_id().number() + 1,
        time: format!("2000-01-01T00:00:{:02}Z", state.version_id().number()),
        parameters,
        state: json!({"id": state.did().to_string()}),
        signer: 1,
        predecessor: Some(state.version_id().to_string()),
    }
}

impl Draft {
    pub(crate) fn signed_by(mut self, seed: u8) -> Self {
        self.signer = seed;
        self
    }

    pub(crate) fn with_state(mut self, state: Value) -> Self {
        self.state = state;
        self
    }

    /// The finished entry as JSON.
    pub(crate) fn entry(self) -> Value {
        let mut entry = json!({
            "versionId": self.predecessor.as_deref().unwrap_or("{SCID}"),
            "versionTime": self.time,
            "parameters": self.parameters,
            "state": self.state,
        });
        let mut predecessor = self.predecessor;
        if predecessor.is_none() {
            let scid = multihash(&entry);
            entry = serde_json::from_str(&entry.to_string().replace("{SCID}", &scid)).unwrap();
            predecessor = Some(scid);
        }
        entry["versionId"] = json!(predecessor);
        let hash = multihash(&entry);
        entry["versionId"] = json!(format!("{}-{hash}", self.number));
        sign(entry, self.signer)
    }

    pub(crate) fn line(self) -> String {
        self.entry().to_string()
    }

    pub(crate) fn first(self) -> Result<VerifiedLogEntry, LogError> {
        first(&self.entry())
    }

    pub(crate) fn onto(self, state: &LogState) -> Result<VerifiedLogEntry, LogError> {
        next(state, &self.entry())
    }
}

pub(crate) fn first(entry: &Value) -> Result<VerifiedLogEntry, LogError> {
    LogState::genesis(UnverifiedLogEntry::parse(entry.to_string().as_bytes())?)
}

pub(crate) fn next(state: &LogState, entry: &Value) -> Result<VerifiedLogEntry, LogError> {
    state.next(UnverifiedLogEntry::parse(entry.to_string().as_bytes())?)
}

/// Puts a fresh proof on an entry.
pub(crate) fn sign(mut entry: Value, seed: u8) -> Value {
    let object: &mut Map<String, Value> = entry.as_object_mut().unwrap();
    object.remove("proof");
    let proof = data_integrity::sign(&entry, TIME, &key(seed)).unwrap();
    entry["proof"] = json!([proof]);
    entry
}

fn multihash(entry: &Value) -> String {
    Sha256Multihash::of(&serde_jcs::to_vec(entry).unwrap()).to_string()
}

fn merge(into: &mut Value, from: Value) {
    for (name, value) in from.as_object().unwrap() {
        into[name] = value.clone();
    }
}
