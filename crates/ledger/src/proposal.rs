//! A succession that one registrar signed and another one is asked to sign as well. docs/ledger.md §14.

use did::Did;
use jose::{SignError, Signer, UnixTime, VerifyingKey};
use thiserror::Error;

use crate::builder::{LeafBuilder, Submission, SubmissionError};
use crate::hash::{Hash, sha256};
use crate::keys::KeyLookup;
use crate::kind::Kind;
use crate::leaf::{Authority, LeafSignature};
use crate::payload::{Accreditation, PayloadError};
use crate::record::OrganisationRecord;
use cbor::{CborError, Reader, Writer};

const VERSION: u64 = 1;
const CONTEXT: &str = "holdfast/proposal/v1";
/// Longest proposal in bytes: a leaf, the payload of an accreditation, and what stands around them.
const PROPOSAL_CAP: usize = 70 * 1024;
/// Seconds for which a proposal may be open, at most.
const LONGEST: UnixTime = 30 * 24 * 3600;

/// A proposal that a registrar signed. Made by [`UnverifiedProposal::verify`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    submission: Submission,
    accreditation: Accreditation,
    succeeds: Did,
    proposer: String,
    expires: UnixTime,
}

/// A proposal as it came, nothing checked but its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedProposal {
    submission: Submission,
    hash: Hash,
    leaf_signature: LeafSignature,
    accreditation: Accreditation,
    succeeds: Did,
    expires: UnixTime,
    signature: [u8; 64],
}

/// Why a proposal is not signed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProposalError {
    /// Not deterministic CBOR of a proposal's shape.
    #[error("not a proposal: {0}")]
    Cbor(#[from] CborError),
    /// Longer than any proposal is.
    #[error("the proposal is too long")]
    TooLong,
    /// The entry in it does not read.
    #[error("the entry in the proposal: {0}")]
    Submission(#[from] SubmissionError),
    /// The grant in it does not read.
    #[error("the grant in the proposal: {0}")]
    Payload(#[from] PayloadError),
    /// No grant that lets an agency go on for another, signed by one, with nothing that the other cannot read.
    #[error("the proposal is no succession that one registrar signed")]
    NoSuccession,
    /// The key is not one with which this registrar writes to the ledger now.
    #[error("the key of the proposal is not one of that registrar")]
    Key,
    /// A signature does not verify: the proposal was changed, or is for another ledger.
    #[error("the proposal was changed, or is for another ledger")]
    Signature,
    /// It was open until then.
    #[error("the proposal has run out")]
    Expired,
    /// It would be open for more than 30 days.
    #[error("the proposal would be open for more than 30 days")]
    OpenTooLong,
    /// The second signature would be by the registrar that proposed it.
    #[error("a succession needs another registrar than the one that proposed it")]
    SameRegistrar,
    /// The key cannot sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl Proposal {
    /// The file of a proposal: the entry with the signature of one registrar, and until when it is open.
    ///
    /// # Errors
    /// [`SignError`]
    pub fn sign(
        leaf: LeafBuilder,
        origin: &str,
        key_id: &str,
        signer: &dyn Signer,
        expires: UnixTime,
    ) -> Result<Vec<u8>, SignError> {
        let submission = leaf.signed_by(origin, &[(key_id, signer)])?.encode();
        let signature = signer.sign(&to_be_signed(origin, &sha256(&[&submission]), expires))?;
        let mut writer = Writer::new();
        writer.array(4).uint(VERSION).bytes(&submission);
        writer.uint(expires).bytes(&signature);
        Ok(writer.into_bytes())
    }

    /// What the agency that goes on is accredited for.
    pub fn accreditation(&self) -> &Accreditation {
        &self.accreditation
    }

    /// The agency that lost its keys.
    pub fn succeeds(&self) -> &Did {
        &self.succeeds
    }

    /// The registrar that proposes it.
    pub fn proposer(&self) -> &str {
        &self.proposer
    }

    /// It is open until then.
    pub fn expires(&self) -> UnixTime {
        self.expires
    }

    /// Signs as the second registrar: the entry, to be handed in.
    ///
    /// # Errors
    /// [`ProposalError::SameRegistrar`], [`ProposalError::Sign`]
    pub fn cosign(self, origin: &str, key_id: &str, signer: &dyn Signer) -> Result<Submission, ProposalError> {
        if registrar_of(key_id) == Some(self.proposer.as_str()) {
            return Err(ProposalError::SameRegistrar);
        }
        Ok(self.submission.also_signed_by(origin, key_id, signer)?)
    }
}

impl UnverifiedProposal {
    /// Reads a proposal. Its bytes are the only encoding of it.
    ///
    /// # Errors
    /// [`ProposalError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, ProposalError> {
        if bytes.len() > PROPOSAL_CAP {
            return Err(ProposalError::TooLong);
        }
        let (submission, expires, signature) = cbor::decode(bytes, read_fields)?;
        let hash = sha256(&[submission]);
        let submission = Submission::parse(submission)?;
        let leaf = submission.leaf();
        if leaf.kind != Kind::AccreditationGrant {
            return Err(ProposalError::NoSuccession);
        }
        let accreditation = Accreditation::parse(submission.payload())?;
        let leaf_signature = one_signature(&leaf.authority).ok_or(ProposalError::NoSuccession)?;
        let succeeds = accreditation.succeeds.clone().ok_or(ProposalError::NoSuccession)?;
        if accreditation.subject.as_str() != leaf.subject || leaf.private.is_some() {
            return Err(ProposalError::NoSuccession);
        }
        Ok(Self {
            submission,
            hash,
            leaf_signature,
            accreditation,
            succeeds,
            expires,
            signature,
        })
    }

    /// The registrar that it claims to be by, whose record is needed to verify it.
    pub fn dangerous_claimed_proposer(&self) -> &str {
        registrar_of(&self.leaf_signature.key_id).unwrap_or_default()
    }

    /// Checks both signatures by the newest record of the registrar that proposed it, for the log of this origin, and
    /// that it is still open.
    ///
    /// # Errors
    /// [`ProposalError`]
    pub fn verify(self, origin: &str, record: &OrganisationRecord, now: UnixTime) -> Result<Proposal, ProposalError> {
        let KeyLookup::Current(key) = record.ledger_key(&self.leaf_signature.key_id) else {
            return Err(ProposalError::Key);
        };
        if record.is_deactivated() || key.algorithm() != self.leaf_signature.algorithm {
            return Err(ProposalError::Key);
        }
        let verifier = VerifyingKey::new(&key).map_err(|_| ProposalError::Key)?;
        let leaf = self.submission.leaf().to_be_signed(origin);
        let whole = to_be_signed(origin, &self.hash, self.expires);
        for (message, signature) in [(leaf, &self.leaf_signature.signature), (whole, &self.signature)] {
            verifier
                .verify(&message, signature)
                .map_err(|_| ProposalError::Signature)?;
        }
        if now >= self.expires {
            return Err(ProposalError::Expired);
        }
        if self.expires > now.saturating_add(LONGEST) {
            return Err(ProposalError::OpenTooLong);
        }
        Ok(Proposal {
            submission: self.submission,
            accreditation: self.accreditation,
            succeeds: self.succeeds,
            proposer: record.did().to_owned(),
            expires: self.expires,
        })
    }
}

type Fields<'a> = (&'a [u8], UnixTime, [u8; 64]);

fn read_fields<'a>(reader: &mut Reader<'a>) -> Result<Fields<'a>, CborError> {
    reader.array_of(4)?;
    reader.uint_of(VERSION)?;
    Ok((reader.bytes()?, reader.uint()?, reader.bytes_of()?))
}

fn to_be_signed(origin: &str, submission: &Hash, expires: UnixTime) -> Vec<u8> {
    let mut writer = Writer::new();
    writer
        .array(4)
        .text(CONTEXT)
        .text(origin)
        .bytes(submission)
        .uint(expires);
    writer.into_bytes()
}

fn one_signature(authority: &Authority) -> Option<LeafSignature> {
    let Authority::Signatures(signatures) = authority else {
        return None;
    };
    match signatures.as_slice() {
        [signature] if registrar_of(&signature.key_id).is_some() => Some(signature.clone()),
        _ => None,
    }
}

/// The DID whose key a key id names.
fn registrar_of(key_id: &str) -> Option<&str> {
    key_id.split_once('#').map(|(did, _)| did)
}
