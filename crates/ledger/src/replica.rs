//! Replaying a log: what mirrors and auditors do. docs/ledger.md §5.

mod mark;
mod snapshot;

pub use snapshot::SnapshotError;

use std::collections::BTreeMap;

use thiserror::Error;
use tlog::{Checkpoint, MakeProofError, Tree, UnverifiedCheckpoint, prove_inclusion};

use crate::bundle::{BundleParts, MakeBundleError};
use crate::hash::Hash;
use crate::landmark::{AccreditedOrganisation, LandmarkFileParts, MakeLandmarkError, UnverifiedLandmark};
use crate::leaf::{Leaf, LeafError};
use crate::map::{Family, Map, MapError, MemoryNodes, map_key};
use crate::object::ObjectRecord;
use crate::record::OrganisationRecord;
use crate::state::{Change, Entry, EntryError, MapHeadState, PolicyState, Records, Rejection, apply};
use mark::Mark;

/// A log replayed in memory, entry by entry.
#[derive(Clone, Debug)]
pub struct Replica {
    origin: String,
    policy: Option<PolicyState>,
    organisations: BTreeMap<String, OrganisationRecord>,
    objects: BTreeMap<String, ObjectRecord>,
    map: Map,
    nodes: MemoryNodes,
    map_head: Option<MapHeadState>,
    tree: Tree,
    newest: Option<(Vec<u8>, Vec<u8>)>,
    /// Where it stood, while it may have to go back there.
    mark: Option<Box<Mark>>,
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Replayed {
    /// It changed the state.
    Applied(Box<Change>),
    /// It changed nothing, and somebody should know.
    Alarm(Alarm),
}

/// An entry that should not be in the log.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Alarm {
    /// It breaks a rule.
    #[error("rejected: {0}")]
    Rejected(#[from] Rejection),
    /// It is no leaf of a known kind.
    #[error("unreadable: {0}")]
    Unreadable(#[from] LeafError),
}

/// Why the replay cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The log does not give the payload that the leaf names.
    #[error("the payload is not the one the leaf names")]
    PayloadDiffers,
    /// The replica's own map is damaged.
    #[error(transparent)]
    Map(#[from] MapError),
}

/// Why a mirror does not cosign a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EndorseError {
    /// The checkpoint is another log's.
    #[error("the checkpoint is of another log")]
    OtherLog,
    /// Not all of its entries, or more, were replayed.
    #[error("the checkpoint has another size than the replica")]
    Size,
    /// Its root is not that of the entries replayed.
    #[error("the checkpoint has another root than the replica")]
    Root,
    /// Its last entry is not a map head that breaks no rule: the log commits to a false map.
    #[error("the last entry is not a sound map head")]
    NoSoundMapHead,
}

impl Replica {
    /// A replica of the log of this origin, before its first entry.
    pub fn new(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            policy: None,
            organisations: BTreeMap::new(),
            objects: BTreeMap::new(),
            map: Map::empty(),
            nodes: MemoryNodes::default(),
            map_head: None,
            tree: Tree::default(),
            newest: None,
            mark: None,
        }
    }

    /// The payload that the next entry needs: the hash its leaf names. `None` for bytes that are
    /// no leaf, which need no payload.
    pub fn payload_hash(leaf: &[u8]) -> Option<Hash> {
        Leaf::parse(leaf).ok().map(|leaf| leaf.payload.hash)
    }

    /// Takes the next entry.
    pub fn push(&mut self, leaf: &[u8], payload: &[u8]) -> Result<Replayed, ReplayError> {
        let replayed = match Entry::parse(self.size(), leaf, payload) {
            Ok(entry) => match apply(self, &entry) {
                Ok(change) => {
                    self.commit(&change)?;
                    Replayed::Applied(Box::new(change))
                }
                Err(rejection) => Replayed::Alarm(rejection.into()),
            },
            Err(EntryError::Leaf(error)) => Replayed::Alarm(error.into()),
            Err(EntryError::PayloadDiffers) => return Err(ReplayError::PayloadDiffers),
        };
        self.append(leaf, payload);
        Ok(replayed)
    }

    /// Takes the next entry as another replica, which stood at the same place of the same log, took it: it is not judged
    /// again, and no signature is checked. A map head is judged as ever, by the map that the changes made: where they
    /// are not those of the log, it is not sound, and no checkpoint is endorsed.
    ///
    /// # Errors
    /// [`ReplayError`]
    pub fn dangerous_take_over(
        &mut self,
        leaf: &[u8],
        payload: &[u8],
        taken: Replayed,
    ) -> Result<Replayed, ReplayError> {
        if let Replayed::Applied(change) = &taken {
            if matches!(**change, Change::MapHead(_)) {
                return self.push(leaf, payload);
            }
            self.commit(change)?;
        }
        self.append(leaf, payload);
        Ok(taken)
    }

    fn append(&mut self, leaf: &[u8], payload: &[u8]) {
        self.tree.append(tlog::leaf_hash(leaf));
        self.newest = Some((leaf.to_vec(), payload.to_vec()));
    }

    fn commit(&mut self, change: &Change) -> Result<(), ReplayError> {
        if let Some((key, value, _)) = change.map_entry() {
            let update = self.map.insert(&self.nodes, &key, &value)?;
            if let Some(mark) = &mut self.mark {
                mark.map(&self.nodes, &update);
            }
            self.nodes.replace(&update);
            self.map = update.map();
        }
        match change {
            Change::Policy(policy) => self.policy = Some((**policy).clone()),
            Change::Organisation(record) => {
                let before = self.organisations.insert(record.did.clone(), (**record).clone());
                if let Some(mark) = &mut self.mark {
                    mark.organisation(&record.did, before);
                }
            }
            Change::Object(record) => {
                let before = self.objects.insert(record.subject.clone(), (**record).clone());
                if let Some(mark) = &mut self.mark {
                    mark.object(&record.subject, before);
                }
            }
            Change::MapHead(head) => self.map_head = Some(*head),
        }
        Ok(())
    }

    /// How many entries were replayed.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Root of the log's tree.
    pub fn root(&self) -> Hash {
        *self.tree.root().as_bytes()
    }

    /// The log's tree, for proofs.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Every organisation.
    pub fn organisations(&self) -> impl Iterator<Item = &OrganisationRecord> {
        self.organisations.values()
    }

    /// Every schema, rule, service, document and release.
    pub fn objects(&self) -> impl Iterator<Item = &ObjectRecord> {
        self.objects.values()
    }

    /// Whether a verifying mirror may cosign this checkpoint.
    pub fn endorse(&self, checkpoint: &Checkpoint) -> Result<(), EndorseError> {
        if checkpoint.origin().as_str() != self.origin {
            return Err(EndorseError::OtherLog);
        }
        self.stands_at(checkpoint.size(), checkpoint.root())
    }

    /// Whether the entries replayed are those of this tree, a sound map head the last.
    fn stands_at(&self, size: u64, root: &tlog::Hash) -> Result<(), EndorseError> {
        if size != self.size() {
            return Err(EndorseError::Size);
        }
        if *root != self.tree.root() {
            return Err(EndorseError::Root);
        }
        let newest_sound = self.map_head.map(|state| state.head.leaf.index.saturating_add(1));
        if newest_sound == Some(self.size()) {
            Ok(())
        } else {
            Err(EndorseError::NoSoundMapHead)
        }
    }

    /// The proof bundle of an organisation at the newest entry, which must be the map head of the
    /// checkpoint in `note`. `blobs` are payloads that its record names.
    pub fn bundle(
        &self,
        note: &UnverifiedCheckpoint,
        did: &str,
        blobs: &[&[u8]],
    ) -> Result<Vec<u8>, ReplicaBundleError> {
        let record = self.organisations.get(did).map(OrganisationRecord::encode);
        self.bundle_of(note, &map_key(Family::Organisation, did), record.as_deref(), blobs)
    }

    /// The same of a schema, rule, service, document or release.
    ///
    /// # Errors
    /// [`ReplicaBundleError`]
    pub fn object_bundle(
        &self,
        note: &UnverifiedCheckpoint,
        family: Family,
        subject: &str,
        blobs: &[&[u8]],
    ) -> Result<Vec<u8>, ReplicaBundleError> {
        let record = self.objects.get(subject).filter(|record| record.family == family);
        let record = record.map(ObjectRecord::encode);
        self.bundle_of(note, &map_key(family, subject), record.as_deref(), blobs)
    }

    /// The same of the policy.
    ///
    /// # Errors
    /// [`ReplicaBundleError`]
    pub fn policy_bundle(&self, note: &UnverifiedCheckpoint, blobs: &[&[u8]]) -> Result<Vec<u8>, ReplicaBundleError> {
        let record = self.policy.as_ref().map(|state| state.record.encode());
        self.bundle_of(note, &map_key(Family::Policy, &self.origin), record.as_deref(), blobs)
    }

    fn bundle_of(
        &self,
        note: &UnverifiedCheckpoint,
        key: &Hash,
        record: Option<&[u8]>,
        blobs: &[&[u8]],
    ) -> Result<Vec<u8>, ReplicaBundleError> {
        self.endorse(note.dangerous_checkpoint())?;
        let (leaf, payload) = self.newest.as_ref().ok_or(EndorseError::NoSoundMapHead)?;
        let (_, map_proof) = self.map.prove(&self.nodes, key)?;
        let inclusion = prove_inclusion(self.size() - 1, self.size(), &self.tree)?;
        let parts = BundleParts {
            note,
            map_head_leaf: leaf,
            map_head_payload: payload,
            inclusion: &inclusion,
            map_proof: &map_proof,
            record,
            blobs,
        };
        Ok(parts.encode()?)
    }
}

impl Replica {
    /// Every organisation that is accredited as of the newest map head.
    pub fn accredited(&self) -> impl Iterator<Item = &OrganisationRecord> {
        let time = self.map_head.map_or(0, |state| state.time);
        self.organisations().filter(move |record| record.is_accredited(time))
    }

    /// The landmark file at the newest entry, which must be the map head of the landmark. `blobs` gives the payloads
    /// that go with a record: of its accreditation, then of its newest status snapshot.
    pub fn landmark_file(
        &self,
        landmark: &UnverifiedLandmark,
        blobs: impl Fn(&OrganisationRecord) -> Vec<Vec<u8>>,
    ) -> Result<Vec<u8>, ReplicaLandmarkError> {
        self.stands_at(landmark.dangerous_size(), &landmark.dangerous_root().into())?;
        let (leaf, payload) = self.newest.as_ref().ok_or(EndorseError::NoSoundMapHead)?;
        let inclusion = prove_inclusion(self.size() - 1, self.size(), &self.tree)?;
        let mut organisations = Vec::new();
        for record in self.accredited() {
            let (_, map_proof) = self
                .map
                .prove(&self.nodes, &map_key(Family::Organisation, &record.did))?;
            organisations.push(AccreditedOrganisation {
                did: record.did.clone(),
                map_proof,
                record: record.encode(),
                blobs: blobs(record),
            });
        }
        let parts = LandmarkFileParts {
            landmark,
            map_head_leaf: leaf,
            map_head_payload: payload,
            inclusion: &inclusion,
            organisations,
        };
        Ok(parts.encode()?)
    }
}

/// Why a replica cannot make a landmark file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReplicaLandmarkError {
    /// The replica does not stand at this landmark.
    #[error(transparent)]
    Endorse(#[from] EndorseError),
    /// The replica's own map is damaged.
    #[error(transparent)]
    Map(#[from] MapError),
    /// The replica's own tree is damaged.
    #[error(transparent)]
    Tree(#[from] MakeProofError),
    /// The file breaks a rule of its form.
    #[error(transparent)]
    File(#[from] MakeLandmarkError),
}

/// Why a replica cannot make a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReplicaBundleError {
    /// The replica does not stand at this checkpoint.
    #[error(transparent)]
    Endorse(#[from] EndorseError),
    /// The replica's own map is damaged.
    #[error(transparent)]
    Map(#[from] MapError),
    /// The replica's own tree is damaged.
    #[error(transparent)]
    Tree(#[from] MakeProofError),
    /// The note cannot be written in a bundle.
    #[error(transparent)]
    Bundle(#[from] MakeBundleError),
}

impl Records for Replica {
    fn origin(&self) -> &str {
        &self.origin
    }

    fn map_root(&self) -> Hash {
        self.map.root()
    }

    fn policy(&self) -> Option<&PolicyState> {
        self.policy.as_ref()
    }

    fn organisation(&self, did: &str) -> Option<&OrganisationRecord> {
        self.organisations.get(did)
    }

    fn object(&self, subject: &str) -> Option<&ObjectRecord> {
        self.objects.get(subject)
    }

    fn map_head(&self) -> Option<&MapHeadState> {
        self.map_head.as_ref()
    }
}
