//! The landmark file: every accredited organisation as of one landmark. docs/ledger.md §12.2.

use std::collections::BTreeMap;

use jose::UnixTime;
use thiserror::Error;

use super::{Landmark, UnverifiedLandmark, hour_of};
use crate::bundle::{Basis, BundleError, SET_CAP, Statement, VerifiedBasis, VerifiedBundle, write_bundle};
use crate::payload::MapHead;
use crate::record::OrganisationRecord;
use crate::trust_pack::TrustPack;
use cbor::{CborError, Reader, Writer};

/// Longest landmark file in bytes.
pub const LANDMARK_FILE_CAP: usize = SET_CAP;
/// Most organisations in a file.
pub(super) const ORGANISATIONS: usize = 10_000;

const VERSION: u64 = 1;

/// A landmark file as it came, nothing checked but its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedLandmarkFile {
    basis: Basis,
    statements: Vec<Statement>,
}

/// The records of accredited organisations as of one landmark. Made by [`UnverifiedLandmarkFile::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedLandmarkFile {
    basis: Basis,
    verified: VerifiedBasis,
    organisations: BTreeMap<String, Listed>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Listed {
    record: OrganisationRecord,
    statement: Statement,
}

/// Why a landmark file proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LandmarkFileError {
    /// Not deterministic CBOR of a landmark file's shape, or more than 10000 organisations.
    #[error("not a landmark file: {0}")]
    Cbor(#[from] CborError),
    /// More than 64 MiB.
    #[error("the landmark file is too long")]
    TooLong,
    /// Organisations are not sorted by DID, one comes twice, or one has no record.
    #[error("the organisations are not sorted by DID")]
    Order,
    /// Checkpoint, map head, record or payload breaks a rule that it has in bundles too. docs/ledger.md §8
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// An organisation that is not accredited as of the map head.
    #[error("an organisation in the landmark file is not accredited")]
    NotAccredited,
}

impl UnverifiedLandmarkFile {
    /// Reads a file. Its bytes are the only encoding of it.
    pub fn parse(bytes: &[u8]) -> Result<Self, LandmarkFileError> {
        if bytes.len() > LANDMARK_FILE_CAP {
            return Err(LandmarkFileError::TooLong);
        }
        Ok(cbor::decode(bytes, Self::read)?)
    }

    /// Its checkpoint.
    pub fn landmark(&self) -> UnverifiedLandmark {
        UnverifiedLandmark(self.basis.checkpoint.clone())
    }

    /// Checks everything: what a bundle's checkpoint must have, then order, proof, record and payloads of each
    /// organisation. No record is read before its proof was checked.
    pub fn verify(self, pack: &TrustPack) -> Result<VerifiedLandmarkFile, LandmarkFileError> {
        let verified = self.basis.verify(pack)?;
        let mut organisations: BTreeMap<String, Listed> = BTreeMap::new();
        for statement in self.statements {
            let did = statement.dangerous_claimed_subject().ok_or(LandmarkFileError::Order)?;
            if organisations.last_key_value().is_some_and(|(last, _)| *last >= did) {
                return Err(LandmarkFileError::Order);
            }
            let listed = Listed::check(statement, &verified.map_head, &did)?;
            organisations.insert(did, listed);
        }
        Ok(VerifiedLandmarkFile {
            basis: self.basis,
            verified,
            organisations,
        })
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(6)?;
        reader.uint_of(VERSION)?;
        let basis = Basis::read(reader)?;
        let statements = reader.list(ORGANISATIONS, |reader| {
            reader.array_of(3)?;
            Statement::read(reader)
        })?;
        Ok(Self { basis, statements })
    }
}

/// The one encoding of a file.
pub(super) fn write_file(basis: &Basis, statements: impl ExactSizeIterator<Item = Statement>) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(6).uint(VERSION);
    basis.write(&mut writer);
    writer.array(statements.len());
    for statement in statements {
        writer.array(3);
        statement.write(&mut writer, true);
    }
    writer.into_bytes()
}

impl Listed {
    fn check(statement: Statement, map_head: &MapHead, did: &str) -> Result<Self, LandmarkFileError> {
        let bytes = statement.record.as_deref().ok_or(LandmarkFileError::Order)?;
        statement
            .check_present(&map_head.root, did, bytes)
            .map_err(BundleError::from)?;
        let record = OrganisationRecord::parse(bytes).map_err(BundleError::Record)?;
        if !record.is_accredited(map_head.time) {
            return Err(LandmarkFileError::NotAccredited);
        }
        statement.check_blobs(Some(&record))?;
        Ok(Self { record, statement })
    }

    fn bundle(&self, basis: &VerifiedBasis) -> VerifiedBundle {
        VerifiedBundle::new(basis, Some(self.record.clone()), self.statement.blobs_by_hash())
    }
}

impl VerifiedLandmarkFile {
    /// The UTC hour: that of the map head's time, in whole hours since 1970.
    pub fn hour(&self) -> u64 {
        hour_of(self.verified.map_head.time)
    }

    /// Latest instant at which the cosignatures still satisfied the quorum.
    pub fn time(&self) -> UnixTime {
        self.verified.time
    }

    /// Entries of the log.
    pub fn size(&self) -> u64 {
        self.verified.checkpoint.size()
    }

    /// The map head that everything in the file is proved by.
    pub fn map_head(&self) -> &MapHead {
        &self.verified.map_head
    }

    /// The file's checkpoint.
    pub fn landmark(&self) -> Landmark {
        Landmark {
            compact: self.basis.checkpoint.clone(),
            checkpoint: self.verified.checkpoint.clone(),
            quorum_time: Some(self.verified.time),
        }
    }

    /// How many organisations.
    pub fn len(&self) -> usize {
        self.organisations.len()
    }

    /// True where no organisation is accredited.
    pub fn is_empty(&self) -> bool {
        self.organisations.is_empty()
    }

    /// Every organisation, sorted.
    pub fn dids(&self) -> impl Iterator<Item = &str> {
        self.organisations.keys().map(String::as_str)
    }

    /// Every organisation with what its bundle says.
    pub fn iter(&self) -> impl Iterator<Item = (&str, VerifiedBundle)> {
        self.organisations
            .iter()
            .map(|(did, listed)| (did.as_str(), listed.bundle(&self.verified)))
    }

    /// What the bundle of one organisation says; `None` where it is not in the file, which proves nothing.
    pub fn bundle(&self, did: &str) -> Option<VerifiedBundle> {
        Some(self.organisations.get(did)?.bundle(&self.verified))
    }

    /// The bundle of one organisation, to be shown to others; without its payloads it is shorter. docs/ledger.md §8
    pub fn bundle_bytes(&self, did: &str, with_blobs: bool) -> Option<Vec<u8>> {
        let listed = self.organisations.get(did)?;
        Some(write_bundle(&self.basis, &listed.statement, with_blobs))
    }
}
