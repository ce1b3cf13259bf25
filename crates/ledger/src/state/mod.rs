//! The state function: what an entry changes, or which rule it breaks. docs/ledger.md §5.

mod authority;
mod did;
mod object;
mod organisation;
mod policy;
mod rejection;

pub use rejection::{Rejection, RejectionClass};

use jose::UnixTime;
use thiserror::Error;

use crate::hash::{BlobRef, Hash, leaf_hash, sha256};
use crate::kind::{Kind, Part};
use crate::leaf::{Head, Leaf, LeafError, LeafPointer};
use crate::map::{Family, map_key};
use crate::object::{ObjectRecord, ObjectSubject};
use crate::payload::{Accreditation, Policy};
use crate::record::{OrganisationRecord, PolicyRecord};

/// The state before an entry. A shell that keeps it in a database loads beforehand what
/// [`Entry::organisations`] and [`Entry::object`] name.
pub trait Records {
    /// The log's name.
    fn origin(&self) -> &str;
    /// Root of the map after all entries before.
    fn map_root(&self) -> Hash;
    /// The policy in force.
    fn policy(&self) -> Option<&PolicyState>;
    /// The record of an organisation.
    fn organisation(&self, did: &str) -> Option<&OrganisationRecord>;
    /// The record of a schema, rule, service, document or release.
    fn object(&self, subject: &str) -> Option<&ObjectRecord>;
    /// The newest sound map head.
    fn map_head(&self) -> Option<&MapHeadState>;
}

/// The policy in force.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyState {
    /// Its record.
    pub record: PolicyRecord,
    /// Its payload.
    pub policy: Policy,
}

/// The newest map head that broke no rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapHeadState {
    /// The leaf.
    pub head: Head,
    /// When the log wrote it.
    pub time: UnixTime,
}

/// An entry of the log with its payload, which is the one it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    index: u64,
    leaf: Leaf,
    leaf_hash: Hash,
    payload: Vec<u8>,
    succeeds: Option<String>,
}

/// Why leaf and payload are no entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EntryError {
    /// The leaf does not parse.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// The payload is not the one the leaf names.
    #[error("the payload is not the one the leaf names")]
    PayloadDiffers,
}

/// What an entry changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// There is a new policy.
    Policy(Box<PolicyState>),
    /// There is a new record of an organisation.
    Organisation(Box<OrganisationRecord>),
    /// There is a new record of a schema, rule, service, document or release.
    Object(Box<ObjectRecord>),
    /// There is a new map head; the map stays as it is.
    MapHead(MapHeadState),
}

impl Entry {
    /// Entry number `index` of the log.
    pub fn parse(index: u64, leaf: &[u8], payload: &[u8]) -> Result<Self, EntryError> {
        let parsed = Leaf::parse(leaf)?;
        if BlobRef::of(payload) != parsed.payload {
            return Err(EntryError::PayloadDiffers);
        }
        Ok(Self {
            index,
            succeeds: succeeded(parsed.kind, payload),
            leaf: parsed,
            leaf_hash: leaf_hash(leaf),
            payload: payload.to_vec(),
        })
    }

    /// Its place in the log.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The leaf.
    pub fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    /// Merkle leaf hash.
    pub fn leaf_hash(&self) -> Hash {
        self.leaf_hash
    }

    /// The payload.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The organisations whose records [`apply`] reads: the subject or its owner, who signed, and for whom an agency
    /// goes on.
    pub fn organisations(&self) -> Vec<&str> {
        let signers = match &self.leaf.authority {
            crate::leaf::Authority::Signatures(signatures) => signatures.as_slice(),
            _ => &[],
        };
        let signers = signers.iter().filter_map(|signature| signature.key_id.split_once('#'));
        let subject = match self.leaf.kind.family() {
            Some(Family::Organisation) => Some(self.leaf.subject.as_str()),
            Some(Family::Policy | Family::Release) | None => None,
            Some(_) => self.leaf.subject.split_once('/').map(|(owner, _)| owner),
        };
        let named = subject.into_iter().chain(signers.map(|(did, _)| did));
        // A name with a slash is that of another kind of record, and no organisation's.
        named
            .chain(self.succeeds.as_deref())
            .filter(|did| !did.contains('/'))
            .collect()
    }

    /// The schema, rule, service, document or release that it is about; `None` where the subject cannot be one.
    pub fn object(&self) -> Option<&str> {
        let word = self.leaf.kind.family()?.word()?;
        let subject = self.leaf.subject.as_str();
        subject.contains(&format!("/{word}/")).then_some(subject)
    }

    fn as_head(&self) -> Head {
        Head {
            seq: self.leaf.seq,
            leaf: LeafPointer {
                index: self.index,
                hash: self.leaf_hash,
            },
        }
    }
}

/// For whom a grant lets an agency go on.
fn succeeded(kind: Kind, payload: &[u8]) -> Option<String> {
    if kind != Kind::AccreditationGrant {
        return None;
    }
    let succeeds = Accreditation::parse(payload).ok()?.succeeds?;
    Some(succeeds.as_str().to_owned())
}

impl Change {
    /// Key, value and record of the map that change; `None` for a map head.
    pub fn map_entry(&self) -> Option<(Hash, Hash, Vec<u8>)> {
        let (key, record) = match self {
            Self::Policy(state) => (map_key(Family::Policy, &state.record.origin), state.record.encode()),
            Self::Organisation(record) => (map_key(Family::Organisation, &record.did), record.encode()),
            Self::Object(record) => (map_key(record.family, &record.subject), record.encode()),
            Self::MapHead(_) => return None,
        };
        Some((key, sha256(&[&record]), record))
    }
}

/// What an entry changes, or the one rule that it breaks. Total, deterministic, and without a
/// clock: every replica comes to the same answer.
pub fn apply(state: &dyn Records, entry: &Entry) -> Result<Change, Rejection> {
    let leaf = &entry.leaf;
    match state.policy() {
        None if leaf.kind != Kind::Policy => return Err(Rejection::PolicyMissing),
        Some(before) if before.policy.successor.is_some() && leaf.kind != Kind::MapHead => {
            return Err(Rejection::LogClosed);
        }
        _ => {}
    }
    check_subject(state, leaf)?;
    check_caps(state, leaf)?;
    check_chain(state, leaf)?;
    match leaf.kind.part() {
        Part::Policy => policy::apply(state, entry).map(Box::new).map(Change::Policy),
        Part::MapHead => policy::apply_map_head(state, entry).map(Change::MapHead),
        Part::Schema | Part::Rule | Part::Service | Part::Document | Part::Release => {
            let policy = &state.policy().ok_or(Rejection::PolicyMissing)?.policy;
            object::apply(state, policy, entry).map(Box::new).map(Change::Object)
        }
        part => {
            let policy = &state.policy().ok_or(Rejection::PolicyMissing)?.policy;
            let before = state.organisation(&leaf.subject);
            let mut record = match part {
                Part::Did => did::apply(state, policy, entry, before)?,
                _ => organisation::apply(state, policy, entry, before)?,
            };
            record.heads.insert(part, entry.as_head());
            Ok(Change::Organisation(Box::new(record)))
        }
    }
}

fn check_subject(state: &dyn Records, leaf: &Leaf) -> Result<(), Rejection> {
    match leaf.kind.family() {
        Some(Family::Policy) | None if leaf.subject == state.origin() => Ok(()),
        Some(Family::Policy) | None => Err(Rejection::SubjectNotOrigin),
        Some(Family::Organisation) => match leaf.subject.parse::<::did::webvh::WebvhDid>() {
            Ok(_) => Ok(()),
            Err(_) => Err(Rejection::SubjectNotDid),
        },
        Some(family) => match ObjectSubject::parse(family, state.origin(), &leaf.subject) {
            Some(_) => Ok(()),
            None => Err(Rejection::SubjectNotObject),
        },
    }
}

fn check_caps(state: &dyn Records, leaf: &Leaf) -> Result<(), Rejection> {
    let cap = match state.policy() {
        Some(state) => state.policy.limits.payload_cap(leaf.kind),
        None => leaf.kind.payload_cap(),
    };
    if leaf.payload.length > cap {
        return Err(Rejection::PayloadTooLong);
    }
    if leaf.private.is_some() && !leaf.kind.may_have_private_blob() {
        return Err(Rejection::PrivateNotAllowed);
    }
    Ok(())
}

fn check_chain(state: &dyn Records, leaf: &Leaf) -> Result<(), Rejection> {
    let head = match leaf.kind.part() {
        Part::Policy => state.policy().map(|state| state.record.head),
        Part::MapHead => state.map_head().map(|state| state.head),
        Part::Schema | Part::Rule | Part::Service | Part::Document | Part::Release => {
            state.object(&leaf.subject).map(|record| record.head)
        }
        part => state
            .organisation(&leaf.subject)
            .and_then(|record| record.head(part).copied()),
    };
    let continues = match &head {
        None => leaf.seq == 0 && leaf.prev.is_none(),
        Some(head) => head.seq.checked_add(1) == Some(leaf.seq) && leaf.prev == Some(head.leaf),
    };
    if continues {
        Ok(())
    } else {
        Err(Rejection::Conflict { head })
    }
}
