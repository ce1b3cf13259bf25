//! Making leaves and submissions. docs/ledger.md §2.

use jose::{SignError, Signer};
use thiserror::Error;

use crate::hash::{BlobRef, Hash, sha256};
use crate::kind::Kind;
use crate::leaf::{Authority, Head, LEAF_CAP, Leaf, LeafError, LeafSignature};
use cbor::{CborError, Reader, Writer};

/// Longest private blob in bytes.
const PRIVATE_CAP: usize = 4096;

/// Makes the next leaf of a chain, and the submission that carries it to the log.
#[derive(Debug)]
pub struct LeafBuilder {
    leaf: Leaf,
    payload: Vec<u8>,
    private: Option<PrivateBlob>,
}

impl LeafBuilder {
    /// A leaf about `subject` that follows `head`, the newest leaf of the kind's part, if any.
    pub fn new(kind: Kind, subject: &str, head: Option<&Head>, payload: Vec<u8>) -> Self {
        let leaf = Leaf {
            kind,
            subject: subject.to_owned(),
            seq: head.map_or(0, |head| head.seq.saturating_add(1)),
            prev: head.map(|head| head.leaf),
            payload: BlobRef::of(&payload),
            private: None,
            authority: Authority::PayloadProof,
        };
        Self {
            leaf,
            payload,
            private: None,
        }
    }

    /// Commits to a blob that may name a person.
    #[must_use]
    pub fn with_private(mut self, blob: PrivateBlob) -> Self {
        self.leaf.private = Some(blob.commitment());
        self.private = Some(blob);
        self
    }

    /// The payload's own proof is the authority: did update, rotate, deactivate.
    pub fn proved_by_payload(self) -> Submission {
        self.finish(Authority::PayloadProof)
    }

    /// The log is the authority: map heads.
    pub fn written_by_log(self) -> Submission {
        self.finish(Authority::Log)
    }

    /// Signs for the log of this origin, with each signer under its key id.
    pub fn signed_by(self, origin: &str, signers: &[(&str, &dyn Signer)]) -> Result<Submission, SignError> {
        let mut submission = self.finish(Authority::Signatures(Vec::new()));
        for (key_id, signer) in signers {
            submission = submission.also_signed_by(origin, key_id, *signer)?;
        }
        Ok(submission)
    }

    fn finish(self, authority: Authority) -> Submission {
        Submission {
            leaf: Leaf { authority, ..self.leaf },
            payload: self.payload,
            private: self.private,
        }
    }
}

/// A blob that no rule reads and that may be erased with its salt.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateBlob {
    /// Random, so that the commitment tells nothing about the bytes.
    pub salt: [u8; 32],
    /// What may name a person.
    pub bytes: Vec<u8>,
}

impl PrivateBlob {
    /// What the leaf holds of it.
    pub fn commitment(&self) -> Hash {
        sha256(&[&self.salt, &self.bytes])
    }
}

impl std::fmt::Debug for PrivateBlob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PrivateBlob")
            .field("length", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// What a writer sends to the log: a leaf and its blobs, which belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    leaf: Leaf,
    payload: Vec<u8>,
    private: Option<PrivateBlob>,
}

/// Why a submission is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SubmissionError {
    /// Not deterministic CBOR of a submission's shape.
    #[error("not a submission: {0}")]
    Cbor(#[from] CborError),
    /// The leaf does not parse.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// The payload is longer than its kind allows.
    #[error("the payload is too long")]
    PayloadTooLong,
    /// The payload is not the one the leaf names.
    #[error("the payload is not the one the leaf names")]
    PayloadDiffers,
    /// The private blob is longer than 4096 bytes.
    #[error("the private blob is too long")]
    PrivateTooLong,
    /// The private blob is not the one the leaf commits to, or one of the two is missing.
    #[error("the private blob is not the one the leaf commits to")]
    PrivateDiffers,
}

impl Submission {
    /// No submission is longer than this many bytes.
    pub const MAX_BYTES: usize = LEAF_CAP + 256 * 1024 + PRIVATE_CAP + 128;

    /// The leaf.
    pub fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    /// The public payload.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The private blob.
    pub fn private(&self) -> Option<&PrivateBlob> {
        self.private.as_ref()
    }

    /// The same with one more signature, for the log of this origin.
    ///
    /// # Errors
    /// [`SignError`]
    pub fn also_signed_by(self, origin: &str, key_id: &str, signer: &dyn Signer) -> Result<Self, SignError> {
        let signature = signer.sign(&self.leaf.to_be_signed(origin))?;
        let mut signatures = match self.leaf.authority {
            Authority::Signatures(signatures) => signatures,
            Authority::Log | Authority::PayloadProof => Vec::new(),
        };
        signatures.push(LeafSignature {
            key_id: key_id.to_owned(),
            algorithm: signer.algorithm(),
            signature: signature.try_into().map_err(|_| SignError::Failed)?,
        });
        signatures.sort_by(|a, b| a.key_id.cmp(&b.key_id));
        let authority = Authority::Signatures(signatures);
        Ok(Self {
            leaf: Leaf { authority, ..self.leaf },
            ..self
        })
    }

    /// Reads the body of an append request; the blobs are those the leaf names.
    pub fn parse(bytes: &[u8]) -> Result<Self, SubmissionError> {
        let (leaf, payload, private) = cbor::decode(bytes, read_fields)?;
        let leaf = Leaf::parse(leaf)?;
        if payload.len() as u64 > leaf.kind.payload_cap() {
            return Err(SubmissionError::PayloadTooLong);
        }
        if BlobRef::of(payload) != leaf.payload {
            return Err(SubmissionError::PayloadDiffers);
        }
        if private.as_ref().is_some_and(|blob| blob.bytes.len() > PRIVATE_CAP) {
            return Err(SubmissionError::PrivateTooLong);
        }
        if private.as_ref().map(PrivateBlob::commitment) != leaf.private {
            return Err(SubmissionError::PrivateDiffers);
        }
        Ok(Self {
            leaf,
            payload: payload.to_vec(),
            private,
        })
    }

    /// The body of an append request.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(4).uint(1).bytes(&self.leaf.encode()).bytes(&self.payload);
        match &self.private {
            Some(blob) => writer.array(2).bytes(&blob.salt).bytes(&blob.bytes),
            None => writer.null(),
        };
        writer.into_bytes()
    }
}

type Fields<'a> = (&'a [u8], &'a [u8], Option<PrivateBlob>);

fn read_fields<'a>(reader: &mut Reader<'a>) -> Result<Fields<'a>, CborError> {
    reader.array_of(4)?;
    reader.uint_of(1)?;
    let leaf = reader.bytes()?;
    let payload = reader.bytes()?;
    if reader.skip_null()? {
        return Ok((leaf, payload, None));
    }
    reader.array_of(2)?;
    let private = PrivateBlob {
        salt: reader.bytes_of()?,
        bytes: reader.bytes()?.to_vec(),
    };
    Ok((leaf, payload, Some(private)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn submission() -> Submission {
        LeafBuilder::new(Kind::DidCreate, "did:webvh:x", None, b"{}".to_vec()).proved_by_payload()
    }

    fn blob() -> PrivateBlob {
        PrivateBlob {
            salt: [9; 32],
            bytes: b"a contact".to_vec(),
        }
    }

    #[test]
    fn a_submission_comes_back() {
        let with_private = LeafBuilder::new(Kind::AccreditationGrant, "did:webvh:x", None, b"{}".to_vec())
            .with_private(blob())
            .proved_by_payload();
        for submission in [submission(), with_private] {
            assert_eq!(Submission::parse(&submission.encode()), Ok(submission));
        }
    }

    #[test_case(|s| s.payload.push(b' ') => SubmissionError::PayloadDiffers ; "other_payload")]
    #[test_case(|s| s.payload = vec![b' '; 16 * 1024 + 1] => SubmissionError::PayloadTooLong ; "long_payload")]
    #[test_case(|s| s.private = Some(blob()) => SubmissionError::PrivateDiffers ; "private_blob_without_commitment")]
    #[test_case(|s| s.leaf.private = Some([0; 32]) => SubmissionError::PrivateDiffers ; "commitment_without_private_blob")]
    #[test_case(|s| s.private = Some(PrivateBlob { salt: [0; 32], bytes: vec![0; 4097] }) => SubmissionError::PrivateTooLong ; "long_private_blob")]
    fn a_submission_that_breaks_a_rule_is_refused(change: fn(&mut Submission)) -> SubmissionError {
        let mut submission = submission();
        change(&mut submission);
        Submission::parse(&submission.encode()).unwrap_err()
    }

    /// A head may come from an answer that nobody has verified yet; the log refuses the leaf.
    #[test]
    fn a_head_at_the_end_of_all_numbers_is_no_panic() {
        let head = Head {
            seq: u64::MAX,
            leaf: crate::leaf::LeafPointer {
                index: u64::MAX,
                hash: [1; 32],
            },
        };
        let next = LeafBuilder::new(Kind::DidUpdate, "did:webvh:x", Some(&head), Vec::new()).proved_by_payload();
        assert_eq!(next.leaf().seq, u64::MAX);
    }

    #[test]
    fn the_next_leaf_points_to_the_head() {
        let head = Head {
            seq: 4,
            leaf: crate::leaf::LeafPointer {
                index: 9,
                hash: [1; 32],
            },
        };
        let next = LeafBuilder::new(Kind::DidUpdate, "did:webvh:x", Some(&head), Vec::new()).proved_by_payload();
        assert_eq!((next.leaf().seq, next.leaf().prev), (5, Some(head.leaf)));
    }
}
