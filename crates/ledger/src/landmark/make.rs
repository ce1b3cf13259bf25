//! Making a landmark file. docs/ledger.md §12.2.

use thiserror::Error;

use super::UnverifiedLandmark;
use super::file::{LANDMARK_FILE_CAP, ORGANISATIONS, write_file};
use crate::bundle::{Basis, Statement};
use crate::map::MapProof;

/// What a landmark file is made of. Who has it all makes a file; whether it proves anything is the reader's to say.
#[derive(Clone, Debug)]
pub struct LandmarkFileParts<'a> {
    /// The checkpoint, with the cosignatures that are frozen.
    pub landmark: &'a UnverifiedLandmark,
    /// Last leaf of the checkpoint.
    pub map_head_leaf: &'a [u8],
    /// Payload of that leaf.
    pub map_head_payload: &'a [u8],
    /// Inclusion path of that leaf.
    pub inclusion: &'a [tlog::Hash],
    /// Every organisation that is accredited as of that map head, in any order.
    pub organisations: Vec<AccreditedOrganisation>,
}

/// One organisation of a landmark file.
#[derive(Clone, Debug)]
pub struct AccreditedOrganisation {
    /// Who it is.
    pub did: String,
    /// Proof of the record.
    pub map_proof: MapProof,
    /// The record.
    pub record: Vec<u8>,
    /// The payload of its accreditation, then that of its newest status snapshot where it has one.
    pub blobs: Vec<Vec<u8>>,
}

/// Why a landmark file cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MakeLandmarkError {
    /// More than 10000 organisations.
    #[error("more than 10000 organisations are accredited")]
    TooMany,
    /// An organisation comes twice.
    #[error("an organisation comes twice")]
    Twice,
    /// More than 64 MiB.
    #[error("the landmark file is too long")]
    TooLong,
}

impl LandmarkFileParts<'_> {
    /// The file's bytes: the same from the same parts, in whatever order the organisations came.
    pub fn encode(mut self) -> Result<Vec<u8>, MakeLandmarkError> {
        if self.organisations.len() > ORGANISATIONS {
            return Err(MakeLandmarkError::TooMany);
        }
        self.organisations.sort_by(|a, b| a.did.cmp(&b.did));
        if !self.organisations.is_sorted_by(|a, b| a.did < b.did) {
            return Err(MakeLandmarkError::Twice);
        }
        let basis = Basis {
            checkpoint: self.landmark.compact().clone(),
            map_head_leaf: self.map_head_leaf.to_vec(),
            map_head_payload: self.map_head_payload.to_vec(),
            inclusion: self.inclusion.iter().map(|hash| *hash.as_bytes()).collect(),
        };
        let statements = self.organisations.into_iter().map(|organisation| Statement {
            map_proof: organisation.map_proof,
            record: Some(organisation.record),
            blobs: organisation.blobs,
        });
        let bytes = write_file(&basis, statements);
        if bytes.len() > LANDMARK_FILE_CAP {
            return Err(MakeLandmarkError::TooLong);
        }
        Ok(bytes)
    }
}
