//! The wallet's side: sealing what the person agreed to show. docs/offline-qr.md §3

use std::fmt;

use jose::jwe::BareJwe;
use ledger::StatusProof;
use oid4vp::VpToken;

use super::MakeAnswerError;
use super::content::{BUNDLES, Content, Context, PRESENTATIONS, STATUS_PROOFS};
use super::envelope::{Envelope, tag_of};
use super::presentation::Presentation;
use crate::VerifiedChallenge;
use crate::budget::{BudgetField, BudgetLine, ByteBudget};
use crate::frames::{HASH_BYTES, MESSAGE_CAP};

/// What goes into an answer.
#[derive(Clone, Copy)]
pub struct NewAnswer<'a> {
    /// The presentations, each bound to audience and nonce of the challenge.
    pub token: &'a VpToken,
    /// Landmark bundles of issuers whose record the verifier lacks, without payloads; at most 4.
    pub bundles: &'a [Vec<u8>],
    /// Status of the cards shown, where the verifier lacks the lists; at most 8.
    pub status_proofs: &'a [StatusProof],
}

/// An answer that only the maker of one challenge can open. `Debug` shows its length.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedAnswer {
    message: Vec<u8>,
    budget: ByteBudget,
}

impl NewAnswer<'_> {
    /// Packs and encrypts the answer. Each presentation is read back first: what would not come
    /// back byte for byte is not sent.
    ///
    /// # Errors
    /// [`MakeAnswerError`]
    pub fn seal(&self, challenge: &VerifiedChallenge) -> Result<SealedAnswer, MakeAnswerError> {
        let challenge = challenge.challenge();
        let content = self.content()?;
        let dictionary = challenge.dictionary();
        let context = Context {
            dictionary: &dictionary,
            nonce: challenge.nonce().as_str(),
        };
        let (plaintext, mut lines) = content.encode(&context).ok_or(MakeAnswerError::NotAPresentation)?;
        match Content::parse(&plaintext, &context) {
            Ok(again) if again == content => {}
            _ => return Err(MakeAnswerError::NotReversible),
        }
        let envelope = Envelope {
            challenge_tag: tag_of(challenge.hash()),
            jwe: BareJwe::encrypt(&plaintext, challenge.key(), challenge.hash())?,
        };
        let message = envelope.encode();
        if message.len() > MESSAGE_CAP {
            return Err(MakeAnswerError::TooLong);
        }
        let inside: usize = lines.iter().map(|line| line.after).sum();
        for (field, bytes) in [
            (BudgetField::Envelope, message.len() - inside),
            (BudgetField::FrameHash, HASH_BYTES),
        ] {
            lines.push(BudgetLine {
                field,
                before: bytes,
                after: bytes,
            });
        }
        Ok(SealedAnswer {
            message,
            budget: ByteBudget { lines },
        })
    }

    fn content(&self) -> Result<Content, MakeAnswerError> {
        let presentations: Vec<Presentation> = self
            .token
            .presentations()
            .map(|(query, text)| Presentation {
                query: query.to_string(),
                text: text.to_owned(),
            })
            .collect();
        if presentations.is_empty() {
            return Err(MakeAnswerError::NothingShown);
        }
        for (name, count, cap) in [
            ("presentations", presentations.len(), PRESENTATIONS),
            ("bundles", self.bundles.len(), BUNDLES),
            ("status proofs", self.status_proofs.len(), STATUS_PROOFS),
        ] {
            if count > cap {
                return Err(MakeAnswerError::TooMany(name));
            }
        }
        Ok(Content {
            presentations,
            bundles: self.bundles.to_vec(),
            status_proofs: self.status_proofs.iter().map(StatusProof::encode).collect(),
        })
    }
}

impl SealedAnswer {
    /// What travels in frames of the kind answer.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// What it costs, field by field.
    pub fn budget(&self) -> &ByteBudget {
        &self.budget
    }
}

impl fmt::Debug for SealedAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SealedAnswer({} bytes)", self.message.len())
    }
}
