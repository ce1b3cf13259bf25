//! An organisation's identity: its did:webvh DID, the keys behind it, and its log.
//!
//! * Update keys are Ed25519, one use each: every entry is signed by the key the entry
//!   before promised, and promises the next. Only the promised key is kept.
//! * `#assert-N` (ES256, `assertionMethod`) sign credentials, status tokens and requests.
//!   A retired key stays listed until what it signed has run out.
//! * `#ledger-N` (Ed25519, `capabilityInvocation`) write to the ledger.
//!
//! Registrars, agencies and businesses are all made by this code. Callers store the result
//! before they publish the line it added: a key that is promised and lost cannot be replaced.

mod keys;

use jose::{PrivateJwk, RandomSource, SignError, SigningKey, UnixTime};
use serde_json::{Map, Value, json};

pub use keys::{KeysError, NamedKey, OrganisationKeys};

use crate::document::{DidDocument, Relationship};
use crate::syntax::{Did, DidSyntaxError, DidUrl};
use crate::webvh::{BuildError, Change, Genesis, LogError, LogState, NextKeys, UnverifiedLogEntry};

/// What happens to the assertion key that a new one takes over from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldKey {
    /// It stays listed, so that what it signed keeps verifying.
    Keep,
    /// It is taken out: from now on nothing it signed verifies.
    TakeOut,
}

/// An organisation's DID with its log and its private keys.
pub struct Organisation {
    keys: OrganisationKeys,
    log: Vec<String>,
    state: LogState,
    document: DidDocument,
}

impl Organisation {
    /// Makes a DID at `location` (`agency.example%3A8443`) with fresh keys, and its first line.
    ///
    /// # Errors
    /// [`IdentityError::Build`] where the location is refused or signing fails.
    pub fn create(location: &str, now: UnixTime, random: &mut dyn RandomSource) -> Result<Self, IdentityError> {
        let update = PrivateJwk::generate_ed25519(random);
        let next_update = PrivateJwk::generate_ed25519(random);
        let assertion = PrivateJwk::generate_p256(random);
        let ledger = PrivateJwk::generate_ed25519(random);
        let placeholder = format!("did:webvh:{{SCID}}:{location}");
        let document = document(
            &placeholder,
            &[named(&placeholder, "assert-1", &assertion)],
            &[named(&placeholder, "ledger-1", &ledger)],
        );
        let genesis = Genesis {
            location,
            document,
            update_key: update.public(),
            next_key: next_update.public(),
            time: now,
        };
        let (line, verified) = genesis.sign(&signing_key(&update)?)?;
        let (state, document) = verified.into_parts();
        let keys = OrganisationKeys {
            next_update,
            ledger: NamedKey {
                fragment: "ledger-1".to_owned(),
                key: ledger,
            },
            assertion: vec![NamedKey {
                fragment: "assert-1".to_owned(),
                key: assertion,
            }],
        };
        Ok(Self {
            keys,
            log: vec![line],
            state,
            document,
        })
    }

    /// Opens an identity from its private keys and its log (`did.jsonl`).
    ///
    /// # Errors
    /// [`IdentityError::Log`] where the log does not verify, [`IdentityError::KeysMismatch`]
    /// where the keys are not those of its newest document.
    pub fn open(keys: OrganisationKeys, log: &str) -> Result<Self, IdentityError> {
        let mut newest: Option<(LogState, DidDocument)> = None;
        let mut lines = Vec::new();
        for line in log.lines() {
            let entry = UnverifiedLogEntry::parse(line.as_bytes())?;
            let verified = match &newest {
                None => LogState::genesis(entry)?,
                Some((state, _)) => state.next(entry)?,
            };
            newest = Some(verified.into_parts());
            lines.push(line.to_owned());
        }
        let (state, document) = newest.ok_or(IdentityError::EmptyLog)?;
        let identity = Self {
            keys,
            log: lines,
            state,
            document,
        };
        identity.check_keys()?;
        Ok(identity)
    }

    /// The DID.
    #[must_use]
    pub fn did(&self) -> &Did {
        self.state.did().did()
    }

    /// The newest document.
    #[must_use]
    pub fn document(&self) -> &DidDocument {
        &self.document
    }

    /// What the log has established.
    #[must_use]
    pub fn state(&self) -> &LogState {
        &self.state
    }

    /// The lines of the log, without line feeds, oldest first.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.log
    }

    /// The log as the file `did.jsonl`.
    #[must_use]
    pub fn log_file(&self) -> String {
        self.log.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    /// The private keys, to be stored.
    #[must_use]
    pub fn keys(&self) -> &OrganisationKeys {
        &self.keys
    }

    /// Name and key that sign credentials, status tokens and requests.
    ///
    /// # Errors
    /// [`IdentityError::KeysMismatch`] where there is none.
    pub fn assertion_key(&self) -> Result<(DidUrl, &PrivateJwk), IdentityError> {
        let newest = self.keys.assertion.last().ok_or(IdentityError::KeysMismatch)?;
        Ok((self.did().with_fragment(&newest.fragment)?, &newest.key))
    }

    /// Name and key that write to the ledger.
    ///
    /// # Errors
    /// [`IdentityError::Syntax`] where the name is malformed.
    pub fn ledger_key(&self) -> Result<(DidUrl, &PrivateJwk), IdentityError> {
        let ledger = &self.keys.ledger;
        Ok((self.did().with_fragment(&ledger.fragment)?, &ledger.key))
    }

    /// Adds a fresh assertion key, which signs from now on; returns the new line.
    ///
    /// # Errors
    /// [`IdentityError::Build`] where the entry cannot be made; the identity is then unchanged.
    pub fn rotate_assertion_key(
        &mut self,
        old: OldKey,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<&str, IdentityError> {
        let number = 1 + self.highest_assertion_number();
        let key = PrivateJwk::generate_p256(random);
        let fresh = NamedKey {
            fragment: format!("assert-{number}"),
            key,
        };
        let current = self.keys.assertion.last().map(|key| key.fragment.clone());
        let taken_out = match old {
            OldKey::Keep => None,
            OldKey::TakeOut => current,
        };
        let mut listed = self.listed_assertion_keys(taken_out.as_deref());
        listed.push(named(self.did().as_str(), &fresh.fragment, &fresh.key));
        let did = self.did().to_string();
        let document = document(&did, &listed, &[self.named_ledger_key()]);
        self.append(document, now, random)?;
        self.keys
            .assertion
            .retain(|key| Some(&key.fragment) != taken_out.as_ref());
        self.keys.assertion.push(fresh);
        self.newest_line()
    }

    /// Takes a key that no longer signs out of the document; returns the new line.
    ///
    /// # Errors
    /// [`IdentityError::KeyInUse`] for the key that signs now, [`IdentityError::UnknownKey`]
    /// where no such key is listed.
    pub fn take_out_assertion_key(
        &mut self,
        fragment: &str,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<&str, IdentityError> {
        if self.keys.assertion.last().is_some_and(|key| key.fragment == fragment) {
            return Err(IdentityError::KeyInUse);
        }
        let before = self.listed_assertion_keys(None);
        let listed = self.listed_assertion_keys(Some(fragment));
        if listed.len() == before.len() {
            return Err(IdentityError::UnknownKey);
        }
        let did = self.did().to_string();
        self.append(document(&did, &listed, &[self.named_ledger_key()]), now, random)?;
        self.keys.assertion.retain(|key| key.fragment != fragment);
        self.newest_line()
    }

    /// Ends the DID; returns the last line.
    ///
    /// # Errors
    /// [`IdentityError::Build`] where the entry cannot be made, as on an ended DID.
    pub fn deactivate(&mut self, now: UnixTime) -> Result<&str, IdentityError> {
        let change = Change {
            document: self.document.json().clone(),
            update_key: self.keys.next_update.public(),
            next: NextKeys::Deactivate,
            time: now,
        };
        let (line, verified) = change.sign(&self.state, &signing_key(&self.keys.next_update)?)?;
        (self.state, self.document) = verified.into_parts();
        self.log.push(line);
        self.newest_line()
    }

    /// Adds an entry with `document`, spending the promised key and promising a fresh one.
    fn append(
        &mut self,
        document: Map<String, Value>,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<(), IdentityError> {
        let following = PrivateJwk::generate_ed25519(random);
        let change = Change {
            document: Value::Object(document),
            update_key: self.keys.next_update.public(),
            next: NextKeys::Promise(following.public()),
            time: now,
        };
        let (line, verified) = change.sign(&self.state, &signing_key(&self.keys.next_update)?)?;
        (self.state, self.document) = verified.into_parts();
        self.log.push(line);
        self.keys.next_update = following;
        Ok(())
    }

    fn check_keys(&self) -> Result<(), IdentityError> {
        let holds = |relationship, named: &NamedKey| {
            let name = self.did().with_fragment(&named.fragment)?;
            match self.document.key(relationship, &name) {
                Ok(key) if key.same_key(named.key.public()) => Ok(()),
                _ => Err(IdentityError::KeysMismatch),
            }
        };
        holds(Relationship::CapabilityInvocation, &self.keys.ledger)?;
        for key in &self.keys.assertion {
            holds(Relationship::AssertionMethod, key)?;
        }
        let promised =
            crate::webvh::next_key_hash(self.keys.next_update.public()).map_err(|_| IdentityError::KeysMismatch)?;
        let known = self.state.is_deactivated() || self.state.next_key_hashes() == [promised];
        if self.keys.assertion.is_empty() || !known {
            return Err(IdentityError::KeysMismatch);
        }
        Ok(())
    }

    fn newest_line(&self) -> Result<&str, IdentityError> {
        self.log.last().map(String::as_str).ok_or(IdentityError::EmptyLog)
    }

    fn named_ledger_key(&self) -> Value {
        named(self.did().as_str(), &self.keys.ledger.fragment, &self.keys.ledger.key)
    }

    /// The assertion keys of the newest document, but for `without`.
    fn listed_assertion_keys(&self, without: Option<&str>) -> Vec<Value> {
        let listed = self.document.methods(Relationship::AssertionMethod);
        listed
            .filter(|method| without.is_none() || fragment(method.id()) != without)
            .filter_map(|method| {
                Some(method_json(
                    self.did().as_str(),
                    fragment(method.id())?,
                    &method.key()?.to_value(),
                ))
            })
            .collect()
    }

    /// A number is never used twice, so that a name always meant one key.
    fn highest_assertion_number(&self) -> u64 {
        let used = |line: &String| {
            let json: Value = serde_json::from_str(line).ok()?;
            let names = json["state"]["assertionMethod"].as_array()?.clone();
            names
                .iter()
                .filter_map(|name| fragment(name.as_str()?)?.strip_prefix("assert-")?.parse().ok())
                .max()
        };
        self.log.iter().filter_map(used).max().unwrap_or(0)
    }
}

/// Why an identity cannot be made, opened or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The log does not verify.
    #[error(transparent)]
    Log(#[from] LogError),
    /// No entry could be made.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A name is no DID URL.
    #[error(transparent)]
    Syntax(#[from] DidSyntaxError),
    /// A private key cannot sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The log has no entry.
    #[error("the log is empty")]
    EmptyLog,
    /// The private keys are not those of the newest document.
    #[error("the keys are not those of the newest document")]
    KeysMismatch,
    /// The key that signs now cannot be taken out; rotate it.
    #[error("the key is the one that signs now")]
    KeyInUse,
    /// No such key is listed.
    #[error("no such key is listed")]
    UnknownKey,
}

fn signing_key(key: &PrivateJwk) -> Result<SigningKey, IdentityError> {
    SigningKey::new(key).map_err(|_| IdentityError::Sign(SignError::KeyUnavailable))
}

fn fragment(id: &str) -> Option<&str> {
    Some(id.split_once('#')?.1)
}

/// A verification method of the public half of `key`.
fn named(did: &str, fragment: &str, key: &PrivateJwk) -> Value {
    method_json(did, fragment, &key.public().to_value())
}

fn method_json(did: &str, fragment: &str, jwk: &Value) -> Value {
    json!({
        "id": format!("{did}#{fragment}"),
        "type": "JsonWebKey",
        "controller": did,
        "publicKeyJwk": jwk,
    })
}

fn document(did: &str, assertion: &[Value], ledger: &[Value]) -> Map<String, Value> {
    let names = |methods: &[Value]| -> Vec<Value> { methods.iter().map(|method| method["id"].clone()).collect() };
    let mut document = Map::new();
    document.insert(
        "@context".to_owned(),
        json!(["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"]),
    );
    document.insert("id".to_owned(), Value::from(did));
    document.insert(
        "verificationMethod".to_owned(),
        Value::from([assertion, ledger].concat()),
    );
    document.insert("assertionMethod".to_owned(), Value::from(names(assertion)));
    document.insert("capabilityInvocation".to_owned(), Value::from(names(ledger)));
    document
}

#[cfg(test)]
mod tests;
