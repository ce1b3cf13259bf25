//! What is held about issuers, read once for one question.

use super::recorded::{recorded_tree, tree_of};
use crate::vault::{Vault, VaultError};
use jose::UnixTime;
use ledger::{
    OrganisationRecord, SnapshotEntry, SnapshotTree, StatusProof, TrustPack, UnverifiedLandmarkFile, VerifiedBundle,
    VerifiedLandmarkFile,
};
use status_list::{StatusReference, VerifiedList};
use std::collections::BTreeMap;

/// The hourly file, checked again, and the trees over the status lists in it.
pub(crate) struct HeldProofs<'a> {
    vault: &'a Vault,
    file: Option<VerifiedLandmarkFile>,
    now: UnixTime,
    trees: BTreeMap<String, Option<SnapshotTree>>,
}

/// What the file says about one issuer.
pub(crate) struct HeldIssuer {
    /// The bundle to be shown to others, without payloads.
    pub(crate) bundle: Vec<u8>,
    /// When the record was confirmed.
    pub(crate) time: UnixTime,
    /// The status snapshot that the record names.
    pub(crate) snapshot: Option<SnapshotEntry>,
}

impl<'a> HeldProofs<'a> {
    /// Reads the file. One that does not hold any more, by a newer trust pack, counts as none.
    pub(crate) fn load(vault: &'a Vault, pack: &TrustPack, now: UnixTime) -> Result<Self, VaultError> {
        let bytes = vault.landmark_file()?;
        let file = bytes.and_then(|bytes| UnverifiedLandmarkFile::parse(&bytes).ok()?.verify(pack).ok());
        Ok(Self {
            vault,
            file,
            now,
            trees: BTreeMap::new(),
        })
    }

    /// The time that ages are measured by.
    pub(crate) fn now(&self) -> UnixTime {
        self.now
    }

    /// When the file was confirmed.
    pub(crate) fn time(&self) -> Option<UnixTime> {
        self.file.as_ref().map(VerifiedLandmarkFile::time)
    }

    /// What the file proves of every agency in it.
    pub(crate) fn issuers(&self) -> impl Iterator<Item = (&str, VerifiedBundle)> {
        self.file.iter().flat_map(|file| file.iter())
    }

    /// What the file proves of an issuer.
    pub(super) fn bundle(&self, did: &str) -> Option<VerifiedBundle> {
        self.file.as_ref()?.bundle(did)
    }

    /// What is held about an issuer.
    pub(crate) fn issuer(&self, did: &str) -> Option<HeldIssuer> {
        let file = self.file.as_ref()?;
        let record = file.bundle(did)?;
        Some(HeldIssuer {
            bundle: file.bundle_bytes(did, false)?,
            time: record.time(),
            snapshot: record.record().and_then(OrganisationRecord::status_snapshot).copied(),
        })
    }

    /// The proof of a status; `None` where the lists that are held are not those of the recorded snapshot, or a list
    /// does not hold this status.
    pub(crate) fn prove(&mut self, did: &str, status: &StatusReference) -> Result<Option<StatusProof>, VaultError> {
        let tree = self.tree(did)?;
        Ok(tree.and_then(|tree| tree.prove(&status.uri, status.index)))
    }

    /// The tree over the lists of an issuer, where it is the one that is recorded.
    pub(crate) fn tree(&mut self, did: &str) -> Result<Option<&SnapshotTree>, VaultError> {
        if !self.trees.contains_key(did) {
            let tree = match self.bundle(did) {
                Some(bundle) => self.build(&bundle)?,
                None => None,
            };
            self.trees.insert(did.to_owned(), tree);
        }
        Ok(self.trees.get(did).and_then(Option::as_ref))
    }

    fn build(&self, bundle: &VerifiedBundle) -> Result<Option<SnapshotTree>, VaultError> {
        let (Some(record), Some(snapshot)) = (bundle.record(), bundle.status_snapshot()) else {
            return Ok(None);
        };
        let tokens = self.vault.named_tokens(&snapshot)?;
        if let Some(tree) = tokens.and_then(|tokens| recorded_tree(record, &snapshot, &tokens)) {
            return Ok(Some(tree));
        }
        // Lists that were signed anew since, and say the same.
        let mut lists: Vec<VerifiedList> = Vec::with_capacity(snapshot.lists.len());
        for named in &snapshot.lists {
            let Some(list) = self.vault.list_as_issued(&named.uri)? else {
                return Ok(None);
            };
            lists.push(list);
        }
        Ok(record.status_snapshot().and_then(|recorded| tree_of(recorded, &lists)))
    }
}
