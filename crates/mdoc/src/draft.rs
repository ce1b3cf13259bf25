use std::collections::{BTreeMap, HashSet};
use std::fmt;

use cbor::{CborError, Value, Writer};
use jose::{PublicJwk, RandomSource, SignError, Signer, UnixTime};

use crate::cose::Sign1;
use crate::issuer_signed::IssuerSigned;
use crate::item::{Item, SALT};
use crate::mso::{Digests, Mso};
use crate::{MdocClaims, StatusReference};

/// A document before it is signed. ISO/IEC 18013-5 §9.1.2.4. `Debug` shows no values.
#[derive(Clone)]
pub struct MdocDraft {
    /// The type.
    pub doc_type: String,
    /// What is said about the subject: namespaces, and the elements of each by name.
    pub name_spaces: Vec<(String, Vec<(String, Value)>)>,
    /// When it is signed, rounded by the caller so that copies cannot be linked by it.
    pub signed: UnixTime,
    /// The first second of validity, rounded likewise; not before `signed`.
    pub valid_from: UnixTime,
    /// The last second of validity, rounded likewise; after `valid_from`.
    pub valid_until: UnixTime,
    /// The wallet's key for this copy: P-256.
    pub device_key: PublicJwk,
    /// Where the status of this copy is found. draft-ietf-oauth-status-list §6
    pub status: Option<StatusReference>,
    /// How many digests each namespace gets, decoys included, so that their number tells nothing; `None`
    /// for no decoys.
    pub padding: Option<usize>,
    /// How the signer's key is named, for readers who know it otherwise than by its certificate: `kid`. RFC 9052 §3.1
    pub kid: Option<String>,
}

/// Why a document could not be issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// There is no element, or a namespace without any.
    #[error("there is nothing to issue")]
    Empty,
    /// A namespace, or an element of one, is named twice.
    #[error("a namespace or an element is named twice")]
    Duplicate,
    /// A value that CBOR does not have, or that readers refuse.
    #[error("the value of an element cannot be written: {0}")]
    Value(CborError),
    /// More elements in a namespace than the padding allows: their number would tell people apart.
    #[error("more elements than the padding allows")]
    PaddingTooSmall,
    /// The dates are not in the order of signing, beginning and end, or beyond the year 9999.
    #[error("the dates of validity are out of order")]
    Dates,
    /// The device key is not a P-256 key. HAIP 1.0 §7
    #[error("the device key is not a P-256 key")]
    DeviceKey,
    /// There is no certificate for the `x5chain`. §9.1.2.4
    #[error("there is no certificate of the signer")]
    NoCertificate,
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Random bytes behind a decoy: as many as a digest has.
const DIGEST: usize = 32;

impl MdocDraft {
    /// Signs the document: the bytes of `IssuerSigned`, as a credential of the format `mso_mdoc` carries
    /// them (OpenID4VCI 1.0 Appendix A.2.4). `x5chain` is the signer's certificate in DER form and those
    /// above it, without the anchor.
    pub fn issue(
        self,
        x5chain: Vec<Vec<u8>>,
        random: &mut dyn RandomSource,
        signer: &dyn Signer,
    ) -> Result<Vec<u8>, IssueError> {
        if x5chain.is_empty() {
            return Err(IssueError::NoCertificate);
        }
        self.check()?;
        let (mut name_spaces, mut digests) = (Vec::new(), BTreeMap::new());
        for (name, elements) in &self.name_spaces {
            let (items, of_them) = self.salted(elements, random)?;
            name_spaces.push((name.clone(), items));
            digests.insert(name.clone(), of_them);
        }
        let claims = MdocClaims {
            doc_type: self.doc_type,
            signed: self.signed,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            device_key: self.device_key,
            status: self.status,
        };
        let mso = Mso {
            claims,
            digests,
            says_more: Vec::new(),
        };
        let payload = mso.encode().ok_or(IssueError::Dates)?;
        let auth = Sign1::attached(payload, x5chain, self.kid.as_deref(), signer)?;
        let mut writer = Writer::new();
        IssuerSigned { name_spaces, auth, mso }.write(&mut writer);
        Ok(writer.into_bytes())
    }

    fn check(&self) -> Result<(), IssueError> {
        if self.signed > self.valid_from || self.valid_from >= self.valid_until {
            return Err(IssueError::Dates);
        }
        if self.device_key.sec1_uncompressed().is_none() {
            return Err(IssueError::DeviceKey);
        }
        if self.name_spaces.is_empty() || self.name_spaces.iter().any(|(_, elements)| elements.is_empty()) {
            return Err(IssueError::Empty);
        }
        let mut names = HashSet::new();
        let unique = self.name_spaces.iter().all(|(namespace, elements)| {
            let mut inside = HashSet::new();
            names.insert(namespace) && elements.iter().all(|(name, _)| inside.insert(name))
        });
        if unique { Ok(()) } else { Err(IssueError::Duplicate) }
    }

    /// The elements of a namespace with salts and numbers, and the digests of them and of decoys. The
    /// numbers are shuffled: they say nothing about what an element is. §9.1.2.5
    fn salted(
        &self,
        elements: &[(String, Value)],
        random: &mut dyn RandomSource,
    ) -> Result<(Vec<Item>, Digests), IssueError> {
        let count = self.padding.unwrap_or(elements.len());
        if elements.len() > count {
            return Err(IssueError::PaddingTooSmall);
        }
        let mut ids = shuffled(count, random).into_iter();
        let (mut items, mut digests) = (Vec::new(), Digests::new());
        for ((name, value), id) in elements.iter().zip(ids.by_ref()) {
            let mut salt = [0; 2 * SALT];
            random.fill(&mut salt);
            let item = Item::make(id, &salt, name, value).map_err(IssueError::Value)?;
            digests.insert(id, item.digest());
            items.push(item);
        }
        for id in ids {
            let mut decoy = [0; DIGEST];
            random.fill(&mut decoy);
            digests.insert(id, decoy);
        }
        Ok((items, digests))
    }
}

impl fmt::Debug for MdocDraft {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MdocDraft")
            .field("doc_type", &self.doc_type)
            .finish_non_exhaustive()
    }
}

/// The numbers from 0 on, in an order that nobody can foresee.
fn shuffled(count: usize, random: &mut dyn RandomSource) -> Vec<u64> {
    let mut numbers: Vec<u64> = (0..count as u64).collect();
    for last in (1..count).rev() {
        let mut bytes = [0; 8];
        random.fill(&mut bytes);
        numbers.swap(last, (u64::from_be_bytes(bytes) % (last as u64 + 1)) as usize);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffled_numbers_are_all_there_and_in_another_order() {
        let mut state = 1_u8;
        let mut random = |out: &mut [u8]| {
            for byte in out {
                state = state.wrapping_mul(77).wrapping_add(29);
                *byte = state;
            }
        };
        let numbers = shuffled(100, &mut random);
        let mut sorted = numbers.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
        assert_ne!(sorted, numbers);
        assert_eq!(shuffled(0, &mut random), Vec::<u64>::new());
        assert_eq!(shuffled(1, &mut random), [0]);
    }
}
