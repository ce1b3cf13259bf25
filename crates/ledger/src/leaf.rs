//! The leaf: what the log stores. docs/ledger.md §2.

use jose::Algorithm;
use thiserror::Error;

use crate::hash::{BlobRef, Hash, leaf_hash};
use crate::kind::Kind;
use cbor::{CborError, Reader, Writer};

/// Longest leaf in bytes.
pub const LEAF_CAP: usize = 2048;

/// Longest subject in bytes.
pub(crate) const SUBJECT_CAP: usize = 512;
const SIGNATURES_CAP: usize = 16;
const VERSION: u64 = 1;
const CONTEXT: &str = "holdfast/leaf/v1";

/// Why bytes are not a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LeafError {
    /// Not deterministic CBOR of a leaf's shape. docs/ledger.md §1
    #[error("not a leaf: {0}")]
    Cbor(#[from] CborError),
    /// More than 2048 bytes.
    #[error("the leaf is longer than 2048 bytes")]
    TooLong,
    /// An unknown kind.
    #[error("kind {0} is not known")]
    UnknownKind(u64),
    /// The subject is empty or longer than 512 bytes.
    #[error("the subject is empty or longer than 512 bytes")]
    SubjectLength,
    /// `prev` is null exactly where `seq` is 0.
    #[error("seq and prev contradict each other")]
    PreviousDoesNotFit,
    /// Neither ES256 nor EdDSA.
    #[error("signature algorithm {0} is not known")]
    UnknownAlgorithm(i64),
    /// No signature, or more than 16.
    #[error("not between 1 and 16 signatures")]
    SignatureCount,
    /// Signatures are not sorted by key id, or one key signed twice.
    #[error("signatures are not sorted by key id")]
    SignatureOrder,
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// What it is about.
    pub kind: Kind,
    /// Whom it is about: a DID, or the log's origin.
    pub subject: String,
    /// Place in the chain of this part of the subject's record.
    pub seq: u64,
    /// The leaf before in that chain.
    pub prev: Option<LeafPointer>,
    /// Public payload.
    pub payload: BlobRef,
    /// Commitment to a private blob, `SHA-256(salt || bytes)`.
    pub private: Option<Hash>,
    /// Who says so.
    pub authority: Authority,
}

/// Index and hash of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafPointer {
    /// Index in the log.
    pub index: u64,
    /// Merkle leaf hash.
    pub hash: Hash,
}

/// Newest leaf of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its sequence number.
    pub seq: u64,
    /// Where and what it is.
    pub leaf: LeafPointer,
}

/// Who wrote a leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authority {
    /// The log itself.
    Log,
    /// The proof inside the payload.
    PayloadProof,
    /// Signatures over [`Leaf::to_be_signed`].
    Signatures(Vec<LeafSignature>),
}

/// One signature of a leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafSignature {
    /// DID URL of the key, or the thumbprint of a governance key.
    pub key_id: String,
    /// Algorithm of the key.
    pub algorithm: Algorithm,
    /// 64 bytes, for either algorithm.
    pub signature: [u8; 64],
}

impl Leaf {
    /// Reads a leaf. Its bytes are the only encoding of it.
    pub fn parse(bytes: &[u8]) -> Result<Self, LeafError> {
        if bytes.len() > LEAF_CAP {
            return Err(LeafError::TooLong);
        }
        cbor::decode(bytes, Self::read)
    }

    /// The bytes of the log's entry.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(8);
        self.write_statement(&mut writer);
        self.authority.write(&mut writer);
        writer.into_bytes()
    }

    /// Merkle leaf hash of the encoded leaf. RFC 6962 §2.1
    pub fn hash(&self) -> Hash {
        leaf_hash(&self.encode())
    }

    /// What a signature covers: the statement, for this log only.
    pub fn to_be_signed(&self, origin: &str) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(9).text(CONTEXT).text(origin);
        self.write_statement(&mut writer);
        writer.into_bytes()
    }

    fn write_statement(&self, writer: &mut Writer) {
        writer
            .uint(VERSION)
            .uint(self.kind.number())
            .text(&self.subject)
            .uint(self.seq);
        match &self.prev {
            Some(prev) => writer.array(2).uint(prev.index).bytes(&prev.hash),
            None => writer.null(),
        };
        write_blob_ref(writer, &self.payload);
        match &self.private {
            Some(commitment) => writer.bytes(commitment),
            None => writer.null(),
        };
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, LeafError> {
        reader.array_of(8)?;
        reader.uint_of(VERSION)?;
        let kind = reader.uint()?;
        let kind = Kind::from_number(kind).ok_or(LeafError::UnknownKind(kind))?;
        let subject = reader.text()?;
        if subject.is_empty() || subject.len() > SUBJECT_CAP {
            return Err(LeafError::SubjectLength);
        }
        let seq = reader.uint()?;
        let prev = if reader.skip_null()? {
            None
        } else {
            Some(read_pointer(reader)?)
        };
        if prev.is_none() != (seq == 0) {
            return Err(LeafError::PreviousDoesNotFit);
        }
        let payload = read_blob_ref(reader)?;
        let private = if reader.skip_null()? {
            None
        } else {
            Some(reader.bytes_of()?)
        };
        let authority = Authority::read(reader)?;
        Ok(Self {
            kind,
            subject: subject.to_owned(),
            seq,
            prev,
            payload,
            private,
            authority,
        })
    }
}

impl Authority {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Log => writer.array(1).uint(0),
            Self::PayloadProof => writer.array(1).uint(1),
            Self::Signatures(signatures) => {
                writer.array(2).uint(2).array(signatures.len());
                for signature in signatures {
                    let algorithm = algorithm_number(signature.algorithm);
                    writer
                        .array(3)
                        .text(&signature.key_id)
                        .int(algorithm)
                        .bytes(&signature.signature);
                }
                writer
            }
        };
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, LeafError> {
        let length = reader.array()?;
        match (length, reader.uint()?) {
            (1, 0) => Ok(Self::Log),
            (1, 1) => Ok(Self::PayloadProof),
            (2, 2) => read_signatures(reader).map(Self::Signatures),
            _ => Err(CborError::UnexpectedValue.into()),
        }
    }
}

fn read_signatures(reader: &mut Reader<'_>) -> Result<Vec<LeafSignature>, LeafError> {
    let count = reader.array()?;
    if count == 0 || count > SIGNATURES_CAP {
        return Err(LeafError::SignatureCount);
    }
    let mut signatures: Vec<LeafSignature> = Vec::with_capacity(count);
    for _ in 0..count {
        reader.array_of(3)?;
        let key_id = reader.text()?.to_owned();
        let number = reader.int()?;
        let algorithm = algorithm_of(number).ok_or(LeafError::UnknownAlgorithm(number))?;
        if signatures.last().is_some_and(|before| before.key_id >= key_id) {
            return Err(LeafError::SignatureOrder);
        }
        signatures.push(LeafSignature {
            key_id,
            algorithm,
            signature: reader.bytes_of()?,
        });
    }
    Ok(signatures)
}

/// COSE algorithm number. RFC 9053 §2
pub(crate) fn algorithm_number(algorithm: Algorithm) -> i64 {
    match algorithm {
        Algorithm::Es256 => -7,
        Algorithm::EdDsa => -8,
        // Reserved in COSE and refused by every reader: such a leaf cannot be admitted.
        _ => 0,
    }
}

pub(crate) fn algorithm_of(number: i64) -> Option<Algorithm> {
    match number {
        -7 => Some(Algorithm::Es256),
        -8 => Some(Algorithm::EdDsa),
        _ => None,
    }
}

pub(crate) fn write_blob_ref(writer: &mut Writer, blob: &BlobRef) {
    writer.array(2).bytes(&blob.hash).uint(blob.length);
}

pub(crate) fn read_blob_ref(reader: &mut Reader<'_>) -> Result<BlobRef, CborError> {
    reader.array_of(2)?;
    Ok(BlobRef {
        hash: reader.bytes_of()?,
        length: reader.uint()?,
    })
}

fn read_pointer(reader: &mut Reader<'_>) -> Result<LeafPointer, CborError> {
    reader.array_of(2)?;
    Ok(LeafPointer {
        index: reader.uint()?,
        hash: reader.bytes_of()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn leaf() -> Leaf {
        Leaf {
            kind: Kind::AccreditationGrant,
            subject: "did:webvh:Qm:agency.example".to_owned(),
            seq: 1,
            prev: Some(LeafPointer {
                index: 7,
                hash: [1; 32],
            }),
            payload: BlobRef {
                hash: [2; 32],
                length: 300,
            },
            private: Some([3; 32]),
            authority: Authority::Signatures(vec![signature("a"), signature("b")]),
        }
    }

    fn signature(key_id: &str) -> LeafSignature {
        LeafSignature {
            key_id: key_id.to_owned(),
            algorithm: Algorithm::Es256,
            signature: [4; 64],
        }
    }

    #[test]
    fn a_leaf_comes_back() {
        for authority in [Authority::Log, Authority::PayloadProof, leaf().authority] {
            let leaf = Leaf { authority, ..leaf() };
            assert_eq!(Leaf::parse(&leaf.encode()), Ok(leaf));
        }
    }

    #[test_case(|leaf| leaf.subject.clear() => LeafError::SubjectLength ; "empty_subject")]
    #[test_case(|leaf| leaf.subject = "x".repeat(513) => LeafError::SubjectLength ; "long_subject")]
    #[test_case(|leaf| leaf.seq = 0 => LeafError::PreviousDoesNotFit ; "first_with_previous")]
    #[test_case(|leaf| leaf.prev = None => LeafError::PreviousDoesNotFit ; "later_without_previous")]
    #[test_case(|leaf| leaf.authority = Authority::Signatures(Vec::new()) => LeafError::SignatureCount ; "no_signature")]
    #[test_case(|leaf| leaf.authority = Authority::Signatures(vec![signature("b"), signature("a")]) => LeafError::SignatureOrder ; "unsorted")]
    #[test_case(|leaf| leaf.authority = Authority::Signatures(vec![signature("a"), signature("a")]) => LeafError::SignatureOrder ; "signed_twice")]
    #[test_case(|leaf| leaf.authority = Authority::Signatures(vec![signature(&"k".repeat(2000))]) => LeafError::TooLong ; "too_long")]
    fn a_leaf_that_breaks_a_rule_is_refused(change: fn(&mut Leaf)) -> LeafError {
        let mut leaf = leaf();
        change(&mut leaf);
        Leaf::parse(&leaf.encode()).unwrap_err()
    }

    #[test]
    fn unknown_kinds_are_refused() {
        let mut bytes = leaf().encode();
        assert_eq!(bytes[2], 5);
        bytes[2] = 21;
        assert_eq!(Leaf::parse(&bytes), Err(LeafError::UnknownKind(21)));
    }

    #[test]
    fn the_origin_is_part_of_what_is_signed() {
        assert_ne!(leaf().to_be_signed("log.example"), leaf().to_be_signed("other.example"));
    }
}
