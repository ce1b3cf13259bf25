//! What the map says about one organisation: map proof, record, payloads that it names.

use super::BundleError;
use crate::hash::{Hash, sha256};
use crate::map::{Family, MapProof, MapProofError, map_key};
use crate::object::ObjectRecord;
use crate::record::OrganisationRecord;
use cbor::{CborError, Reader, Writer};

const BLOBS: usize = 8;

/// Three items of a bundle, nothing checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) map_proof: MapProof,
    pub(crate) record: Option<Vec<u8>>,
    pub(crate) blobs: Vec<Vec<u8>>,
}

impl Statement {
    /// Three items.
    pub(crate) fn write(&self, writer: &mut Writer, with_blobs: bool) {
        self.map_proof.write(writer);
        match &self.record {
            Some(record) => writer.bytes(record),
            None => writer.null(),
        };
        let blobs = if with_blobs { self.blobs.as_slice() } else { &[] };
        writer.array(blobs.len());
        for blob in blobs {
            writer.bytes(blob);
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        let map_proof = MapProof::read(reader)?;
        let record = if reader.skip_null()? {
            None
        } else {
            Some(reader.bytes()?.to_vec())
        };
        let blobs = reader.list(BLOBS, |reader| reader.bytes().map(<[u8]>::to_vec))?;
        Ok(Self {
            map_proof,
            record,
            blobs,
        })
    }

    /// The DID that the record names.
    pub(crate) fn dangerous_claimed_subject(&self) -> Option<String> {
        OrganisationRecord::dangerous_claimed_did(self.record.as_deref()?)
    }

    /// The family and subject that the record of an object names.
    pub(crate) fn dangerous_claimed_object(&self) -> Option<(Family, String)> {
        let record = ObjectRecord::parse(self.record.as_deref()?).ok()?;
        Some((record.family, record.subject))
    }

    /// The record of the expected organisation, or that there is none.
    pub(crate) fn check(&self, map_root: &Hash, did: &str) -> Result<Option<OrganisationRecord>, BundleError> {
        let is_expected = |record: &OrganisationRecord| record.did() == did;
        self.check_as(
            map_root,
            Family::Organisation,
            did,
            OrganisationRecord::parse,
            is_expected,
        )
    }

    /// The record of the expected subject of a family, or that there is none.
    pub(crate) fn check_as<R>(
        &self,
        map_root: &Hash,
        family: Family,
        subject: &str,
        read: impl FnOnce(&[u8]) -> Result<R, CborError>,
        is_expected: impl FnOnce(&R) -> bool,
    ) -> Result<Option<R>, BundleError> {
        let key = map_key(family, subject);
        let Some(bytes) = &self.record else {
            self.map_proof.verify_absent(map_root, &key)?;
            return Ok(None);
        };
        let record = read(bytes).map_err(BundleError::Record)?;
        if !is_expected(&record) {
            return Err(BundleError::OtherSubject);
        }
        self.map_proof.verify_present(map_root, &key, &sha256(&[bytes]))?;
        Ok(Some(record))
    }

    /// These bytes are the record of this organisation. Nothing of them is read.
    pub(crate) fn check_present(&self, map_root: &Hash, did: &str, bytes: &[u8]) -> Result<(), MapProofError> {
        let key = map_key(Family::Organisation, did);
        self.map_proof.verify_present(map_root, &key, &sha256(&[bytes]))
    }

    /// Each payload is one that the record names.
    pub(crate) fn check_blobs(&self, record: Option<&OrganisationRecord>) -> Result<(), BundleError> {
        self.check_blobs_by(|hash| record.is_some_and(|record| record.names_blob(hash)))
    }

    /// Each payload is one whose hash is named.
    pub(crate) fn check_blobs_by(&self, is_named: impl Fn(&Hash) -> bool) -> Result<(), BundleError> {
        if self.blobs.iter().all(|blob| is_named(&sha256(&[blob]))) {
            Ok(())
        } else {
            Err(BundleError::BlobNotNamed)
        }
    }

    /// The payloads by their hashes.
    pub(crate) fn blobs_by_hash(&self) -> Vec<(Hash, Vec<u8>)> {
        self.blobs.iter().map(|blob| (sha256(&[blob]), blob.clone())).collect()
    }
}
