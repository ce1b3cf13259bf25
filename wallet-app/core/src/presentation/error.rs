//! Why nothing was shown.

use super::{RegistrationRefused, Unanswerable, Untold};
use crate::consent::{ConsentError, Party};
use crate::keys::KeyError;
use crate::trust::TrustError;
use crate::vault::VaultError;
use card_formats::{DecodeError, Invalid, PresentError};
use jose::SignError;
use jose::jwe::JweError;
use ledger::{BundleError, FreshnessError};
use oid4vp::{RequestError, RequestUriError};
use outbound::OutboundError;
use proximity::{ChallengeError, MakeAnswerError};
use tlog::QuorumError;

/// Why a request is not even shown to the person. Nothing was sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestRefused {
    /// The link is no signed request.
    #[error(transparent)]
    Link(#[from] RequestUriError),
    /// The request cannot be fetched.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// There is no such request any more: it was answered, or its time is over.
    #[error("the request was answered or is over")]
    Gone,
    /// What was fetched is no request object.
    #[error("what was fetched is not a signed request")]
    NotARequest,
    /// The request breaks a rule, or is not from whom it says.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The request is from whom it says, and breaks a rule.
    #[error("{error}")]
    Broken {
        /// The rule.
        error: RequestError,
        /// What they may be told.
        untold: Option<Box<Untold>>,
    },
    /// Who asks is not believed.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// What was read from the codes is no challenge that holds. docs/offline-qr.md §2
    #[error(transparent)]
    Challenge(#[from] ChallengeError),
    /// The request names no purpose, or one that is not recorded.
    #[error("the purpose of the request is not recorded")]
    UnknownPurpose {
        /// What is left of the request.
        kept: Box<Unanswerable>,
    },
    /// A claim outside what was recorded.
    #[error("{claim} is outside what this business may ask for")]
    OverAsking {
        /// What is left of the request.
        kept: Box<Unanswerable>,
        /// The type of card.
        vct: String,
        /// The claim.
        claim: String,
    },
    /// The rule by which they say they decide is not the one that is recorded. docs/rules.md §6
    #[error("the rule of the request is not the recorded one")]
    OtherRule {
        /// What is left of the request.
        kept: Box<Unanswerable>,
    },
    /// Asked by somebody recorded nowhere, and not a question that identifies nobody.
    #[error("{claim} may be asked only by those who are publicly recorded")]
    NotAnonymous {
        /// What is left of the request.
        kept: Box<Unanswerable>,
        /// The claim.
        claim: String,
    },
    /// The registration certificate that came along is not theirs, is over, or does not allow it.
    /// docs/registration.md §4.1
    #[error("{error}")]
    Registration {
        /// Who asks.
        who: Box<Party>,
        /// What is wrong with it.
        error: Box<RegistrationRefused>,
    },
    /// They asked several times within a minute and were not answered.
    #[error("they ask too often")]
    TooOften {
        /// Who asks.
        who: Box<Party>,
    },
    /// The person does not want to be asked by them any more.
    #[error("they were told to stop asking")]
    Stopped {
        /// Who asks.
        who: Box<Party>,
    },
    /// It needs a claim that the person shows to nobody.
    #[error("{claim} is shown to nobody")]
    NeverShown {
        /// What is left of the request.
        kept: Box<Unanswerable>,
        /// The type of card.
        vct: String,
        /// The claim.
        claim: String,
    },
    /// No card answers the request.
    #[error("no card in this wallet answers the request")]
    NoMatchingCard(Box<Unanswerable>),
    /// There is a card, and no copy of it that may be shown to whoever asks.
    #[error("every copy of the card was used")]
    NoCopyLeft(Box<Unanswerable>),
    /// A stored copy does not read.
    #[error(transparent)]
    StoredCopy(#[from] Invalid),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl RequestRefused {
    /// Who asks, where that was found out before the refusal.
    #[must_use]
    pub fn who(&self) -> Option<&Party> {
        match self {
            Self::TooOften { who } | Self::Stopped { who } | Self::Registration { who, .. } => Some(who),
            _ => self.unanswerable().map(Unanswerable::who),
        }
    }

    /// What is left of a request that was authenticated and is not answered.
    #[must_use]
    pub fn unanswerable(&self) -> Option<&Unanswerable> {
        match self {
            Self::UnknownPurpose { kept }
            | Self::OverAsking { kept, .. }
            | Self::OtherRule { kept }
            | Self::NotAnonymous { kept, .. }
            | Self::NeverShown { kept, .. }
            | Self::NoMatchingCard(kept)
            | Self::NoCopyLeft(kept) => Some(kept),
            _ => None,
        }
    }

    /// The same, to be kept until the person decides whether it is told.
    #[must_use]
    pub fn into_unanswerable(self) -> Option<Box<Unanswerable>> {
        match self {
            Self::UnknownPurpose { kept }
            | Self::OverAsking { kept, .. }
            | Self::OtherRule { kept }
            | Self::NotAnonymous { kept, .. }
            | Self::NeverShown { kept, .. }
            | Self::NoMatchingCard(kept)
            | Self::NoCopyLeft(kept) => Some(kept),
            _ => None,
        }
    }

    /// What whoever asks may be told, on the person's word; `None` where nobody was authenticated,
    /// or they would only learn that somebody is there.
    #[must_use]
    pub fn into_untold(self) -> Option<Untold> {
        match self {
            Self::Broken { untold, .. } => untold.map(|untold| *untold),
            _ => self.into_unanswerable().and_then(|kept| kept.into_untold()),
        }
    }

    /// Whether the wallet could not find out, rather than found out that it must refuse.
    #[must_use]
    pub fn is_could_not_check(&self) -> bool {
        match self {
            Self::Trust(error) => error.is_could_not_check(),
            Self::Challenge(error) => matches!(
                error,
                ChallengeError::Bundle(_)
                    | ChallengeError::Freshness(_)
                    | ChallengeError::NotYetValid
                    | ChallengeError::ScopeMissing
                    | ChallengeError::Landmark(_)
            ),
            _ => false,
        }
    }

    /// With the line of the history that was written about it.
    pub(super) fn noted(mut self, history_id: i64) -> Self {
        if let Self::Broken {
            untold: Some(untold), ..
        } = &mut self
        {
            untold.note(history_id);
        }
        self
    }

    /// Stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Link(error) => error.code().as_str(),
            Self::Outbound(OutboundError::Blocked | OutboundError::Scheme) => "address_not_allowed",
            Self::Outbound(_) => "verifier_unreachable",
            Self::Gone => "request_gone",
            Self::NotARequest => "invalid_request",
            Self::Request(error) | Self::Broken { error, .. } => match error {
                RequestError::Expired => "request_expired",
                // Made for another wallet: to the person it is a code that is good for nothing.
                RequestError::WrongAudience => "request_gone",
                _ => error.code().as_str(),
            },
            Self::Trust(error) => error.code(),
            Self::Challenge(error) => of_challenge(error),
            Self::UnknownPurpose { .. } => "purpose_not_recorded",
            Self::OverAsking { .. } => "over_asking",
            Self::OtherRule { .. } => "rule_not_recorded",
            Self::NotAnonymous { .. } => "verifier_not_registered",
            Self::NeverShown { .. } => "claim_never_shown",
            Self::Registration { error, .. } => error.code(),
            Self::TooOften { .. } => "asks_too_often",
            Self::Stopped { .. } => "party_stopped",
            Self::NoMatchingCard(_) => "no_matching_card",
            Self::NoCopyLeft(_) => "no_copy_left",
            Self::StoredCopy(_) | Self::Vault(_) => "vault",
        }
    }
}

/// The names that the same reasons have over a network, where they have one.
fn of_challenge(error: &ChallengeError) -> &'static str {
    match error {
        ChallengeError::Bundle(BundleError::Quorum(QuorumError::NotReached)) => "no_quorum",
        ChallengeError::Bundle(_) | ChallengeError::Landmark(_) => "ledger_proof_invalid",
        ChallengeError::Freshness(FreshnessError::ClockWrong) => "clock_wrong",
        ChallengeError::Freshness(_) => "challenge_stale",
        ChallengeError::NotYetValid => "challenge_not_yet_valid",
        ChallengeError::Expired => "request_expired",
        ChallengeError::NotRegistered => "verifier_not_registered",
        ChallengeError::Deactivated | ChallengeError::KeyRetired | ChallengeError::KeyNotInRecord => {
            "verifier_not_in_record"
        }
        ChallengeError::Signature => "verifier_not_authenticated",
        ChallengeError::RegistrationExpired => "registration_expired",
        ChallengeError::ScopeMissing => "ledger_record_incomplete",
        ChallengeError::Purpose | ChallengeError::Channel => "purpose_not_recorded",
        _ => "invalid_challenge",
    }
}

/// The finished answer is not what the person agreed to. This is the wallet's own mistake, found
/// before anything left.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotConsented {
    /// The person agreed to another request.
    #[error("the consent was given to another request")]
    OtherRequest,
    /// It does not decode.
    #[error(transparent)]
    Decode(DecodeError),
    /// It answers other queries than agreed.
    #[error("the answer is for other cards than agreed")]
    OtherQueries,
    /// It shows a claim that was not agreed.
    #[error("the answer shows a claim that was not agreed to")]
    TooMuch,
    /// It lacks a claim that was agreed.
    #[error("the answer lacks a claim that was agreed to")]
    TooLittle,
    /// Members travel along that the person was not told of.
    #[error("the answer carries members that were not shown")]
    OtherMembers,
    /// It is made out to somebody else.
    #[error("the answer is made out to somebody else")]
    OtherAudience,
    /// It answers another request.
    #[error("the answer is for another request")]
    OtherNonce,
    /// It is made of a copy that was shown before, and the person was not told so.
    #[error("the answer is made of a copy that was shown before")]
    ShownBefore,
}

impl From<DecodeError> for NotConsented {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::OtherAudience => Self::OtherAudience,
            DecodeError::OtherNonce => Self::OtherNonce,
            error => Self::Decode(error),
        }
    }
}

/// Why an answer that was agreed to was not delivered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShareError {
    /// The choice is not possible.
    #[error(transparent)]
    Consent(#[from] ConsentError),
    /// The request ran out while the person was deciding.
    #[error("the request has expired")]
    Expired,
    /// A claim of the answer is not in the copy, or the copy could not be bound to its key.
    #[error(transparent)]
    Present(#[from] PresentError),
    /// The finished answer is not what was agreed.
    #[error(transparent)]
    NotConsented(#[from] NotConsented),
    /// The answer could not be encrypted.
    #[error(transparent)]
    Encrypt(#[from] JweError),
    /// The answer could not be put into codes.
    #[error(transparent)]
    Seal(#[from] MakeAnswerError),
    /// A key is not there.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// It is certain that nothing left this device; the copies can still be used.
    #[error("the answer could not be sent")]
    NotSent(#[source] OutboundError),
    /// The answer left, and no reply came: it may have been received. Opening the same request
    /// again sends the same bytes.
    #[error("the answer was sent, and no reply came back")]
    MaybeReceived(#[source] OutboundError),
    /// They answered that they do not take it.
    #[error("they did not take the answer (status {status})")]
    NotAccepted {
        /// HTTP status.
        status: u16,
    },
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl ShareError {
    /// Stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Consent(ConsentError::ShownBefore(_)) => "copy_shown_before",
            Self::Consent(_) => "not_optional",
            Self::Expired => "request_expired",
            Self::NotConsented(_) => "answer_differs_from_consent",
            Self::Seal(MakeAnswerError::TooLong | MakeAnswerError::TooMany(_)) => "answer_too_long",
            Self::Present(_) | Self::Encrypt(_) | Self::Seal(_) => "answer_not_made",
            Self::Key(_) | Self::Sign(_) => "key_unavailable",
            Self::NotSent(OutboundError::Blocked | OutboundError::Scheme) => "address_not_allowed",
            Self::NotSent(_) => "verifier_unreachable",
            Self::MaybeReceived(_) => "maybe_received",
            Self::NotAccepted { .. } => "answer_not_accepted",
            Self::Vault(_) => "vault",
        }
    }
}
