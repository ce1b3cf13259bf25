//! Keys of an organisation, by purpose, and the keys taken out. docs/ledger.md §6.

use std::collections::{BTreeMap, BTreeSet};

use jose::{Algorithm, PublicJwk};

use crate::hash::Hash;
use crate::leaf::{algorithm_number, algorithm_of};
use crate::record::ascending;
use cbor::{CborError, Reader, Writer};

/// Keys in a document, and next keys announced by it, at most.
pub(crate) const KEYS: usize = 16;
/// Keys taken out over time, at most.
pub(crate) const RETIRED_KEYS: usize = 512;

/// What a key may be used for; the verification relationships of DID Core 1.0 §5.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purposes(u64);

impl Purposes {
    /// Signs credentials, status lists and requests.
    pub const ASSERTION_METHOD: Self = Self(1);
    /// Writes to the ledger.
    pub const CAPABILITY_INVOCATION: Self = Self(2);
    /// No purpose.
    pub const NONE: Self = Self(0);
    const ALL: u64 = 31;

    /// Both together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What a record says about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyLookup {
    /// Listed in the newest document for this purpose.
    Current(PublicJwk),
    /// Was listed once, and was taken out.
    Retired,
    /// Never listed, or not for this purpose.
    Never,
}

/// Current keys, and thumbprints of those taken out, by fragment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeySet {
    current: BTreeMap<String, (Purposes, PublicJwk)>,
    retired: BTreeMap<String, Hash>,
}

impl KeySet {
    /// The keys of a first document.
    pub(crate) fn new(current: BTreeMap<String, (Purposes, PublicJwk)>) -> Self {
        Self {
            current,
            retired: BTreeMap::new(),
        }
    }

    pub(crate) fn current(&self) -> &BTreeMap<String, (Purposes, PublicJwk)> {
        &self.current
    }

    pub(crate) fn retired_count(&self) -> usize {
        self.retired.len()
    }

    pub(crate) fn current_for(&self, purpose: Purposes) -> impl Iterator<Item = (&str, &PublicJwk)> {
        let keys = self
            .current
            .iter()
            .filter(move |(_, (purposes, _))| purposes.has(purpose));
        keys.map(|(fragment, (_, key))| (fragment.as_str(), key))
    }

    pub(crate) fn find(&self, fragment: &str, purpose: Purposes) -> KeyLookup {
        match self.current.get(fragment) {
            Some((purposes, key)) if purposes.has(purpose) => KeyLookup::Current(key.clone()),
            Some(_) => KeyLookup::Never,
            None if self.retired.contains_key(fragment) => KeyLookup::Retired,
            None => KeyLookup::Never,
        }
    }

    /// The set after a document with these keys; `None` where a key or fragment that was taken
    /// out, then or before, is among them.
    pub(crate) fn replaced_by(&self, keys: BTreeMap<String, (Purposes, PublicJwk)>) -> Option<Self> {
        let mut retired = self.retired.clone();
        for (fragment, (_, key)) in &self.current {
            match keys.get(fragment) {
                Some((_, kept)) if kept.same_key(key) => {}
                _ => {
                    retired.insert(fragment.clone(), key.thumbprint());
                }
            }
        }
        let thumbprints: BTreeSet<&Hash> = retired.values().collect();
        let back = keys
            .iter()
            .any(|(fragment, (_, key))| retired.contains_key(fragment) || thumbprints.contains(&key.thumbprint()));
        (!back).then_some(Self { current: keys, retired })
    }

    /// Two items of the record: current keys, keys taken out.
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.array(self.current.len());
        for (fragment, (purposes, key)) in &self.current {
            let algorithm = algorithm_number(key.algorithm());
            writer.array(4).text(fragment).uint(purposes.0).int(algorithm);
            match (key.sec1_compressed(), key.ed25519_bytes()) {
                (Some(point), _) => writer.bytes(&point),
                (None, Some(bytes)) => writer.bytes(bytes),
                (None, None) => writer.bytes(&[]),
            };
        }
        writer.array(self.retired.len());
        for (fragment, thumbprint) in &self.retired {
            writer.array(2).text(fragment).bytes(thumbprint);
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        let current = reader.list(KEYS, |reader| {
            reader.array_of(4)?;
            let fragment = reader.text()?.to_owned();
            let purposes = reader.uint()?;
            if purposes > Purposes::ALL {
                return Err(CborError::UnexpectedValue);
            }
            Ok::<_, CborError>((fragment, (Purposes(purposes), read_key(reader)?)))
        })?;
        ascending(current.is_sorted_by(|a, b| a.0 < b.0))?;
        let retired = reader.list(RETIRED_KEYS, |reader| {
            reader.array_of(2)?;
            Ok::<_, CborError>((reader.text()?.to_owned(), reader.bytes_of()?))
        })?;
        ascending(retired.is_sorted_by(|a, b| a.0 < b.0))?;
        Ok(Self {
            current: current.into_iter().collect(),
            retired: retired.into_iter().collect(),
        })
    }
}

fn read_key(reader: &mut Reader<'_>) -> Result<PublicJwk, CborError> {
    let algorithm = algorithm_of(reader.int()?).ok_or(CborError::UnexpectedValue)?;
    match algorithm {
        Algorithm::Es256 => {
            let point: [u8; 33] = reader.bytes_of()?;
            PublicJwk::from_p256_sec1(&point).map_err(|_| CborError::UnexpectedValue)
        }
        Algorithm::EdDsa => Ok(PublicJwk::from_ed25519(&reader.bytes_of()?)),
        _ => Err(CborError::UnexpectedValue),
    }
}
