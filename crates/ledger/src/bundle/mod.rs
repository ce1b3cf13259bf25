//! Proof bundle: the newest state of one organisation, or that there is none. docs/ledger.md §8.

mod encode;
mod verify;

pub use encode::{BundleParts, MakeBundleError, encode_bundles};
pub use verify::{BundleError, VerifiedBundle};

use jose::UnixTime;

use crate::cbor::{self, CborError, Reader};
use crate::hash::Hash;
use crate::map::{MapProof, hashes};
use crate::record::{OrganisationRecord, read_list};

/// Longest bundle in bytes, and longest set of bundles.
const BUNDLE_CAP: usize = 1024 * 1024;
const SET_CAP: usize = 64 * 1024 * 1024;
const BLOBS: usize = 8;
const COSIGNATURES: usize = 64;

/// A bundle as it came, nothing checked but its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedBundle {
    checkpoint: CompactCheckpoint,
    map_head_leaf: Vec<u8>,
    map_head_payload: Vec<u8>,
    inclusion: Vec<Hash>,
    map_proof: MapProof,
    record: Option<Vec<u8>>,
    blobs: Vec<Vec<u8>>,
}

/// A checkpoint without the names that the trust pack knows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct CompactCheckpoint {
    size: u64,
    root: Hash,
    log_signature: [u8; 64],
    cosignatures: Vec<CompactCosignature>,
}

/// A cosignature v1 line. c2sp.org/tlog-cosignature
#[derive(Clone, Debug, PartialEq, Eq)]
struct CompactCosignature {
    key_id: [u8; 4],
    time: UnixTime,
    signature: [u8; 64],
}

impl UnverifiedBundle {
    /// Reads a bundle. Its bytes are the only encoding of it.
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > BUNDLE_CAP {
            return Err(BundleError::TooLong);
        }
        Ok(cbor::decode(bytes, Self::read)?)
    }

    /// Reads a set of bundles.
    pub fn parse_set(bytes: &[u8]) -> Result<Vec<Self>, BundleError> {
        if bytes.len() > SET_CAP {
            return Err(BundleError::TooLong);
        }
        Ok(cbor::decode(bytes, |reader: &mut Reader<'_>| {
            read_list(reader, SET_CAP, Self::read)
        })?)
    }

    /// The DID that the record in it names; says nothing until the bundle is verified for it.
    pub fn dangerous_claimed_subject(&self) -> Option<String> {
        OrganisationRecord::dangerous_claimed_did(self.record.as_deref()?)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(8)?;
        reader.uint_of(1)?;
        let checkpoint = CompactCheckpoint::read(reader)?;
        let map_head_leaf = reader.bytes()?.to_vec();
        let map_head_payload = reader.bytes()?.to_vec();
        let inclusion = hashes(reader.bytes()?)?;
        let map_proof = MapProof::read(reader)?;
        let record = if reader.skip_null()? {
            None
        } else {
            Some(reader.bytes()?.to_vec())
        };
        let blobs = read_list(reader, BLOBS, |reader| reader.bytes().map(<[u8]>::to_vec))?;
        Ok(Self {
            checkpoint,
            map_head_leaf,
            map_head_payload,
            inclusion,
            map_proof,
            record,
            blobs,
        })
    }
}

impl CompactCheckpoint {
    fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(4)?;
        let size = reader.uint()?;
        let root = reader.bytes_of()?;
        let log_signature = reader.bytes_of()?;
        let cosignatures = read_list(reader, COSIGNATURES, |reader| {
            reader.array_of(3)?;
            Ok(CompactCosignature {
                key_id: reader.bytes_of()?,
                time: reader.uint()?,
                signature: reader.bytes_of()?,
            })
        })?;
        Ok(Self {
            size,
            root,
            log_signature,
            cosignatures,
        })
    }
}
