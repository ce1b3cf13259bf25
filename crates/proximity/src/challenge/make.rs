//! The verifier's side: making a challenge. docs/offline-qr.md §2

use jose::{Algorithm, PublicJwk, Signer, UnixTime};
use ledger::UnverifiedLandmark;
use oid4vp::DcqlQuery;

use super::held::{Accepted, HeldIssuer};
use super::request::Request;
use super::{Challenge, ChallengeError, MAX_LIFETIME, MakeChallengeError, to_be_signed, write};
use crate::frames::MESSAGE_CAP;

/// What goes into a challenge.
#[derive(Clone, Copy, Debug)]
pub struct NewChallenge<'a> {
    /// The business.
    pub did: &'a str,
    /// The fragment of its key, without `#`: of the key that signs.
    pub fragment: &'a str,
    /// Id of the registered purpose.
    pub purpose: &'a str,
    /// What is asked for.
    pub query: &'a DcqlQuery,
    /// Random bytes.
    pub nonce: [u8; 16],
    /// Now.
    pub issued_at: UnixTime,
    /// At most 600 seconds later.
    pub expires_at: UnixTime,
    /// The public half of a fresh P-256 key, used for this challenge alone.
    pub key: &'a PublicJwk,
    /// The newest two, newest first.
    pub landmarks: &'a [UnverifiedLandmark],
    /// Issuers whose fresh records are held, in any order, at most 64.
    pub held: &'a [HeldIssuer],
    /// What kind of answer counts.
    pub accepted: Accepted,
    /// The log's name.
    pub origin: &'a str,
    /// The business's own bundle, with its scope among the blobs.
    pub bundle: &'a [u8],
}

impl NewChallenge<'_> {
    /// Signs the challenge. What comes out is read again, so that no reader refuses its form.
    ///
    /// # Errors
    /// [`MakeChallengeError`]
    pub fn sign(&self, signer: &dyn Signer) -> Result<Challenge, MakeChallengeError> {
        let lifetime = self.expires_at.checked_sub(self.issued_at);
        if !lifetime.is_some_and(|lifetime| (1..=MAX_LIFETIME).contains(&lifetime)) {
            return Err(MakeChallengeError::Lifetime);
        }
        if signer.algorithm() != Algorithm::Es256 {
            return Err(MakeChallengeError::SigningKey);
        }
        let request = self.request().write().map_err(MakeChallengeError::Field)?;
        let signature = signer.sign(&to_be_signed(self.origin, &request))?;
        let signature = signature.try_into().map_err(|_| MakeChallengeError::SigningKey)?;
        let bytes = write(&request, &signature, self.bundle);
        let challenge = Challenge::restore(&bytes).map_err(|error| match error {
            ChallengeError::TooLong => MakeChallengeError::TooLong,
            error => MakeChallengeError::Field(error),
        })?;
        if challenge.to_message().len() > MESSAGE_CAP {
            return Err(MakeChallengeError::TooLong);
        }
        Ok(challenge)
    }

    fn request(&self) -> Request {
        let mut held = self.held.to_vec();
        held.sort();
        let landmarks = self.landmarks.iter().cloned();
        Request {
            did: self.did.to_owned(),
            fragment: self.fragment.to_owned(),
            purpose: self.purpose.to_owned(),
            query_text: self.query.to_value().to_string(),
            query: self.query.clone(),
            nonce: self.nonce,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            key: self.key.clone(),
            landmarks: landmarks.map(UnverifiedLandmark::without_cosignatures).collect(),
            held,
            accepted: self.accepted,
        }
    }
}
