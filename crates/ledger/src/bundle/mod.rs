//! Proof bundle: the newest state of one organisation, or that there is none. docs/ledger.md §8.

mod basis;
mod encode;
mod statement;
mod verify;

pub(crate) use basis::{Basis, VerifiedBasis};
pub(crate) use encode::write_bundle;
pub use encode::{BundleParts, MakeBundleError, encode_bundles};
pub(crate) use statement::Statement;
pub use verify::{BundleError, VerifiedBundle};

use crate::map::Family;
use cbor::{CborError, Reader};

/// Longest bundle in bytes, and longest set of bundles.
const BUNDLE_CAP: usize = 1024 * 1024;
pub(crate) const SET_CAP: usize = 64 * 1024 * 1024;

/// A bundle as it came, nothing checked but its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedBundle {
    basis: Basis,
    statement: Statement,
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
            reader.list(SET_CAP, Self::read)
        })?)
    }

    /// The DID that the record in it names; says nothing until the bundle is verified for it.
    pub fn dangerous_claimed_subject(&self) -> Option<String> {
        self.statement.dangerous_claimed_subject()
    }

    /// The schema, rule, service, document or release that the record in it names; says nothing until the bundle is
    /// verified for it.
    pub fn dangerous_claimed_object(&self) -> Option<(Family, String)> {
        self.statement.dangerous_claimed_object()
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(8)?;
        reader.uint_of(1)?;
        Ok(Self {
            basis: Basis::read(reader)?,
            statement: Statement::read(reader)?,
        })
    }
}
