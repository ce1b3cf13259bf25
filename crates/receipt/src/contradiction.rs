//! A receipt that names another tree than the log signed, as a file that anybody checks. docs/receipts.md §7
//!
//! ```text
//! contradiction = [ 1, receipt tstr, landmark ]
//! ```
//!
//! It shows that a business signed what the log did not: the business was shown another history, or it lies. Which of
//! the two it does not say, so nobody stops believing the log for it. The salt is not in it.

use cbor::{CborError, Reader, Writer};
use ledger::{Hash, LandmarkError, OrganisationRecord, TrustPack, UnverifiedLandmark};
use thiserror::Error;

use crate::ReceiptError;
use crate::verify::signed;

const VERSION: u64 = 1;
/// Longest file in bytes: a receipt as long as the reply that brings it may be, and a landmark.
const CONTRADICTION_CAP: usize = 128 * 1024;

/// A receipt, and the landmark that it contradicts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The signed receipt, without its salt.
    pub receipt: String,
    /// What the log signed.
    pub landmark: UnverifiedLandmark,
}

/// The same as it came, nothing checked but its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedContradiction(Contradiction);

/// A business named a tree that is not the one that the log signed. Made by [`UnverifiedContradiction::verify`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedContradiction {
    /// DID of the business.
    pub business: String,
    /// The hour of its receipt: whole hours since 1970, UTC.
    pub hour: u64,
    /// Entries of both trees.
    pub size: u64,
    /// The root that the business named.
    pub named: Hash,
    /// The root that the log signed.
    pub signed: Hash,
}

/// Why a file shows no contradiction. docs/receipts.md §7
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ContradictionError {
    /// Not deterministic CBOR of such a file's shape.
    #[error("not a contradiction: {0}")]
    Cbor(#[from] CborError),
    /// More than 128 KiB.
    #[error("the file is too long")]
    TooLong,
    /// The log did not sign the landmark.
    #[error("the landmark: {0}")]
    Landmark(#[from] LandmarkError),
    /// The business did not sign the receipt.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// The receipt names no landmark, one of another size, or the same.
    #[error("the receipt does not contradict the landmark")]
    NoContradiction,
}

impl Contradiction {
    /// The file.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(3).uint(VERSION).text(&self.receipt);
        self.landmark.write(&mut writer);
        writer.into_bytes()
    }
}

impl UnverifiedContradiction {
    /// Reads a file. Its bytes are the only encoding of it.
    ///
    /// # Errors
    /// [`ContradictionError::TooLong`], [`ContradictionError::Cbor`]
    pub fn parse(bytes: &[u8]) -> Result<Self, ContradictionError> {
        if bytes.len() > CONTRADICTION_CAP {
            return Err(ContradictionError::TooLong);
        }
        Ok(Self(cbor::decode(bytes, read)?))
    }

    /// Checks that the log signed the landmark, and that the business of this record signed a receipt that names
    /// another tree of the same size.
    ///
    /// # Errors
    /// [`ContradictionError`]
    pub fn verify(
        self,
        pack: &TrustPack,
        record: &OrganisationRecord,
    ) -> Result<VerifiedContradiction, ContradictionError> {
        let Self(Contradiction { receipt, landmark }) = self;
        let landmark = landmark.verify_to_compare(pack)?;
        let receipt = signed(&receipt, record)?;
        let named = receipt.landmark.filter(|named| named.contradicts(&landmark));
        let named = named.ok_or(ContradictionError::NoContradiction)?;
        Ok(VerifiedContradiction {
            business: receipt.business,
            hour: receipt.hour,
            size: named.size,
            named: named.root,
            signed: landmark.root(),
        })
    }
}

fn read(reader: &mut Reader<'_>) -> Result<Contradiction, CborError> {
    reader.array_of(3)?;
    reader.uint_of(VERSION)?;
    Ok(Contradiction {
        receipt: reader.text()?.to_owned(),
        landmark: UnverifiedLandmark::read(reader)?,
    })
}
