//! The map from subjects to records: a Merkle Patricia tree. docs/ledger.md §7.
//!
//! Nodes are named by their hash. A tree is changed by making new nodes along one path, so that
//! the trees before stay readable as long as their nodes are kept.

mod node;
mod proof;
mod update;

pub use node::{MapNode, MapNodes, MemoryNodes};
pub(crate) use proof::hashes;
pub use proof::{MapProof, MapProofError};
pub use update::MapChange;

use thiserror::Error;

use crate::hash::{Hash, sha256};
use cbor::Writer;

const CONTEXT: &str = "holdfast/map/v1";

/// A tree, by its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Map {
    root: Hash,
}

/// What a key of the map is about. docs/ledger.md §7
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Family {
    /// The policy; its subject is the origin.
    Policy,
    /// An organisation; its subject is the DID.
    Organisation,
    /// A card type; its subject, like those below, is that of its leaves. docs/ledger.md §3.1
    Schema,
    /// An eligibility rule.
    Rule,
    /// A service.
    Service,
    /// A document.
    Document,
    /// A program.
    Release,
}

impl Family {
    const ALL: [Self; 7] = [
        Self::Policy,
        Self::Organisation,
        Self::Schema,
        Self::Rule,
        Self::Service,
        Self::Document,
        Self::Release,
    ];

    /// The number in a map key.
    pub fn number(self) -> u64 {
        self as u64
    }

    /// The family of a number.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// The word in a subject; `None` for policy and organisation, whose subject is a name alone.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Policy | Self::Organisation => None,
            Self::Schema => Some("schema"),
            Self::Rule => Some("rule"),
            Self::Service => Some("service"),
            Self::Document => Some("document"),
            Self::Release => Some("release"),
        }
    }
}

/// Why a tree cannot be walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MapError {
    /// The store does not have a node of the path. A shell that loads nodes as they are needed
    /// loads this one and tries again.
    #[error("a node of the map is not there")]
    MissingNode(Hash),
    /// The bits along a path do not rise: the store is damaged.
    #[error("the map is malformed")]
    Malformed,
}

impl Map {
    /// The tree without keys.
    pub fn empty() -> Self {
        Self { root: sha256(&[]) }
    }

    /// The tree of this root.
    pub fn at(root: Hash) -> Self {
        Self { root }
    }

    /// Its root.
    pub fn root(&self) -> Hash {
        self.root
    }

    fn is_empty(&self) -> bool {
        *self == Self::empty()
    }
}

/// The key of a subject.
pub fn map_key(family: Family, subject: &str) -> Hash {
    let mut writer = Writer::new();
    writer.array(3).text(CONTEXT).uint(family.number()).text(subject);
    sha256(&[&writer.into_bytes()])
}

/// Bit `at` of a key; bit 0 is the highest of the first byte.
fn bit(key: &Hash, at: u8) -> bool {
    key[usize::from(at / 8)] >> (7 - at % 8) & 1 == 1
}

/// First bit at which two keys differ.
fn first_difference(a: &Hash, b: &Hash) -> Option<u8> {
    (0..=u8::MAX).find(|at| bit(a, *at) != bit(b, *at))
}
