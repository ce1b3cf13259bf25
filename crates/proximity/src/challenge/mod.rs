//! Challenge: the question of a verifier, signed, with the proof of who it is.
//! docs/offline-qr.md §2

mod error;
mod held;
mod make;
mod request;
mod verify;

pub use error::{ChallengeError, MakeChallengeError};
pub use held::{Accepted, Evidence, HELD_ISSUERS, HeldIssuer};
pub use make::NewChallenge;
pub use verify::{UnverifiedChallenge, VerifiedChallenge};

use cbor::{CborError, Reader, Writer};
use jose::{UnixTime, base64url};
use oid4vp::{ClientId, DcqlQuery, Nonce};
use sha2::{Digest, Sha256};

use crate::packed::{DICTIONARY, pack, unpack};
use request::Request;

/// The longest challenge in bytes, unpacked.
const CHALLENGE_CAP: usize = 16 * 1024;
/// How long a challenge may be answered, in seconds.
pub const MAX_LIFETIME: UnixTime = 600;

const VERSION: u64 = 1;
const CONTEXT: &str = "holdfast/offline-challenge/v1";

/// A challenge: what is asked and how an answer is tied to it. That it is here says nothing about
/// who made it; the verifier's own are, others are an [`UnverifiedChallenge`] first.
#[derive(Clone, Debug, PartialEq)]
pub struct Challenge {
    bytes: Vec<u8>,
    hash: [u8; 32],
    request: Request,
    signed: Vec<u8>,
    signature: [u8; 64],
    bundle: Vec<u8>,
    client_id: ClientId,
    nonce: Nonce,
}

impl Challenge {
    /// Reads what [`Challenge::as_bytes`] gave: for the verifier's own, out of its store.
    ///
    /// # Errors
    /// [`ChallengeError::TooLong`], [`ChallengeError::Form`], [`ChallengeError::Key`],
    /// [`ChallengeError::Query`]
    pub fn restore(bytes: &[u8]) -> Result<Self, ChallengeError> {
        if bytes.len() > CHALLENGE_CAP {
            return Err(ChallengeError::TooLong);
        }
        let (signed, signature, bundle) = cbor::decode(bytes, read)?;
        let request = cbor::decode(signed, Request::read)?;
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        let malformed = || ChallengeError::Form(CborError::UnexpectedValue);
        Ok(Self {
            client_id: ClientId::from_did(&request.did).map_err(|_| malformed())?,
            nonce: Nonce::parse(&base64url::encode(hash)).map_err(|_| malformed())?,
            bytes: bytes.to_vec(),
            hash,
            signed: signed.to_vec(),
            signature,
            bundle: bundle.to_vec(),
            request,
        })
    }

    /// Reads what travels in frames.
    fn unpack(message: &[u8]) -> Result<Self, ChallengeError> {
        let bytes = unpack(DICTIONARY, message, CHALLENGE_CAP).ok_or(ChallengeError::Packing)?;
        Self::restore(&bytes)
    }

    /// The challenge's bytes, unpacked: what the nonce is the hash of.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What travels in frames of the kind challenge.
    pub fn to_message(&self) -> Vec<u8> {
        pack(DICTIONARY, &self.bytes)
    }

    /// SHA-256 of [`Challenge::as_bytes`].
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// Who asks: the audience of presentations.
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The nonce of presentations: the hash in base64url.
    pub fn nonce(&self) -> &Nonce {
        &self.nonce
    }

    /// What is asked for.
    pub fn query(&self) -> &DcqlQuery {
        &self.request.query
    }

    /// The id of the purpose that it is asked for.
    pub fn purpose(&self) -> &str {
        &self.request.purpose
    }

    /// When it was made.
    pub fn issued_at(&self) -> UnixTime {
        self.request.issued_at
    }

    /// It is answered while now is earlier.
    pub fn expires_at(&self) -> UnixTime {
        self.request.expires_at
    }

    /// What kind of answer counts.
    pub fn accepted(&self) -> &Accepted {
        &self.request.accepted
    }

    /// The key that an answer is encrypted to.
    pub(crate) fn key(&self) -> &jose::PublicJwk {
        &self.request.key
    }

    /// The dictionary of the texts of an answer.
    pub(crate) fn dictionary(&self) -> Vec<u8> {
        [DICTIONARY, &self.bytes].concat()
    }
}

/// Request, signature, bundle.
type Parts<'a> = (&'a [u8], [u8; 64], &'a [u8]);

fn read<'a>(reader: &mut Reader<'a>) -> Result<Parts<'a>, CborError> {
    reader.array_of(4)?;
    reader.uint_of(VERSION)?;
    Ok((reader.bytes()?, reader.bytes_of()?, reader.bytes()?))
}

fn write(request: &[u8], signature: &[u8; 64], bundle: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer
        .array(4)
        .uint(VERSION)
        .bytes(request)
        .bytes(signature)
        .bytes(bundle);
    writer.into_bytes()
}

/// What is signed: worth nothing on another log, and in no other place.
fn to_be_signed(origin: &str, request: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(3).text(CONTEXT).text(origin).bytes(request);
    writer.into_bytes()
}
