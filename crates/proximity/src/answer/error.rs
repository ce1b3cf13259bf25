//! Why an answer is refused or cannot be made. docs/offline-qr.md §3

use cbor::CborError;
use jose::jwe::JweError;
use oid4vp::ResponseError;
use thiserror::Error;

/// Which rule an answer breaks. docs/offline-qr.md §3, in the order of the checks
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The challenge has run out.
    #[error("the challenge has expired")]
    Expired,
    /// More than frames carry.
    #[error("the answer is too long")]
    TooLong,
    /// Not deterministic CBOR of an answer's shape.
    #[error("not an answer: {0}")]
    Form(CborError),
    /// The answer to another challenge.
    #[error("the answer is to another challenge")]
    OtherChallenge,
    /// Encrypted to another key, or changed.
    #[error("the answer cannot be decrypted")]
    Undecryptable,
    /// A part of the content does not unpack.
    #[error("the content of the answer does not unpack")]
    Packing,
    /// The content has another shape.
    #[error("the content of the answer: {0}")]
    Content(CborError),
    /// The short form does not come back: values are missing or left over.
    #[error("a presentation in short form does not come back")]
    ShortForm,
    /// Not a `vp_token` for the query. OpenID4VP 1.0 §8.1
    #[error(transparent)]
    Token(#[from] ResponseError),
}

impl AnswerError {
    /// Stable name of the rule.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Expired => "challenge_expired",
            Self::TooLong => "answer_too_long",
            Self::Form(_) => "answer_form",
            Self::OtherChallenge => "answer_other_challenge",
            Self::Undecryptable => "answer_undecryptable",
            Self::Packing => "answer_packing",
            Self::Content(_) => "answer_content",
            Self::ShortForm => "answer_short_form",
            Self::Token(_) => "answer_token",
        }
    }
}

/// Why an answer cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MakeAnswerError {
    /// There is no presentation.
    #[error("there is nothing to show")]
    NothingShown,
    /// More than 16 presentations, 4 bundles or 8 status proofs.
    #[error("too many {0}")]
    TooMany(&'static str),
    /// A presentation that is no SD-JWT with signatures of 64 bytes.
    #[error("a presentation is not an SD-JWT")]
    NotAPresentation,
    /// A presentation would not come back byte for byte.
    #[error("a presentation does not come back from its short form")]
    NotReversible,
    /// It does not fit into 16 frames.
    #[error("the answer does not fit into 16 codes")]
    TooLong,
    /// The encryption failed.
    #[error(transparent)]
    Encrypt(#[from] JweError),
}
