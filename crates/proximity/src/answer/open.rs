//! The verifier's side: opening an answer. docs/offline-qr.md §3

use std::fmt;

use cbor::CborError;
use jose::{PrivateJwk, UnixTime};
use ledger::{StatusProof, StatusProofError, UnverifiedBundle};
use oid4vp::UnverifiedVpToken;
use serde_json::{Map, Value};

use super::AnswerError;
use super::content::{Content, ContentError, Context};
use super::envelope::{Envelope, tag_of};
use super::presentation::Presentation;
use crate::Challenge;
use crate::frames::MESSAGE_CAP;

/// An answer as it came, closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedAnswer(Envelope);

/// What was in an answer. It is for this challenge; nothing else of it is verified. `Debug` shows
/// how many of each.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenedAnswer {
    token: UnverifiedVpToken,
    bundles: Vec<UnverifiedBundle>,
    status_proofs: Vec<StatusProof>,
}

impl UnverifiedAnswer {
    /// Reads what came in frames.
    ///
    /// # Errors
    /// [`AnswerError::TooLong`], [`AnswerError::Form`]
    pub fn parse(message: &[u8]) -> Result<Self, AnswerError> {
        if message.len() > MESSAGE_CAP {
            return Err(AnswerError::TooLong);
        }
        Envelope::parse(message).map(Self).map_err(AnswerError::Form)
    }

    /// The answer's bytes, its only encoding.
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// Whether it says that it answers this challenge; no key is tried.
    pub fn is_for(&self, challenge: &Challenge) -> bool {
        self.0.challenge_tag == tag_of(challenge.hash())
    }

    /// Opens it with the key of the challenge. Whoever calls this takes one answer for a
    /// challenge, and forgets the key then.
    ///
    /// # Errors
    /// [`AnswerError`]: the first rule that is broken.
    pub fn open(self, challenge: &Challenge, key: &PrivateJwk, now: UnixTime) -> Result<OpenedAnswer, AnswerError> {
        if now >= challenge.expires_at() {
            return Err(AnswerError::Expired);
        }
        if !self.is_for(challenge) {
            return Err(AnswerError::OtherChallenge);
        }
        let plaintext = self.0.jwe.decrypt(key, challenge.hash());
        let plaintext = plaintext.map_err(|_| AnswerError::Undecryptable)?;
        let dictionary = challenge.dictionary();
        let context = Context {
            dictionary: &dictionary,
            nonce: challenge.nonce().as_str(),
        };
        let content = Content::parse(&plaintext, &context)?;
        let bundles = content.bundles.iter().map(|bytes| UnverifiedBundle::parse(bytes));
        let bundles = bundles.collect::<Result<_, _>>();
        let status_proofs = content.status_proofs.iter().map(|bytes| StatusProof::parse(bytes));
        let status_proofs = status_proofs.collect::<Result<_, _>>().map_err(status_error)?;
        let token = token(content.presentations);
        Ok(OpenedAnswer {
            token: UnverifiedVpToken::parse(&token, challenge.query())?,
            bundles: bundles.map_err(bundle_error)?,
            status_proofs,
        })
    }
}

/// The `vp_token`. OpenID4VP 1.0 §8.1
fn token(presentations: Vec<Presentation>) -> Value {
    let mut members = Map::new();
    for presentation in presentations {
        let answers = members
            .entry(presentation.query)
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(answers) = answers {
            answers.push(Value::String(presentation.text));
        }
    }
    Value::Object(members)
}

fn bundle_error(error: ledger::BundleError) -> AnswerError {
    match error {
        ledger::BundleError::Cbor(error) => AnswerError::Content(error),
        _ => AnswerError::Content(CborError::UnexpectedValue),
    }
}

fn status_error(error: StatusProofError) -> AnswerError {
    match error {
        StatusProofError::Cbor(error) => AnswerError::Content(error),
        _ => AnswerError::Content(CborError::UnexpectedValue),
    }
}

impl From<ContentError> for AnswerError {
    fn from(error: ContentError) -> Self {
        match error {
            ContentError::Packing => Self::Packing,
            ContentError::Cbor(error) => Self::Content(error),
            ContentError::ShortForm => Self::ShortForm,
        }
    }
}

impl OpenedAnswer {
    /// The presentations, as they would have come over the network.
    pub fn token(&self) -> &UnverifiedVpToken {
        &self.token
    }

    /// Bundles of issuers; each counts once it verified for the issuer of a card shown.
    pub fn bundles(&self) -> &[UnverifiedBundle] {
        &self.bundles
    }

    /// Status proofs; each counts once it verified against the snapshot of the issuer's record.
    pub fn status_proofs(&self) -> &[StatusProof] {
        &self.status_proofs
    }
}

impl fmt::Debug for OpenedAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OpenedAnswer")
            .field("presentations", &self.token.presentations().count())
            .field("bundles", &self.bundles.len())
            .field("status_proofs", &self.status_proofs.len())
            .finish()
    }
}
