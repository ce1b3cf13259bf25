use std::fmt;
use std::str::FromStr;

/// The three answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Everything holds and the rule is met.
    Yes,
    /// Something definite speaks against it.
    No,
    /// What is needed to decide was not there, or not fresh.
    CouldNotCheck,
}

/// Why a verdict is what it is. More may be added: a client goes by the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Yes.
    Ok,
    /// What was shown does not meet the check, or too little was shown.
    RuleNotMet,
    /// The card is revoked for good.
    Revoked,
    /// The card is suspended for now.
    Suspended,
    /// The status list says something else than valid.
    StatusNotValid,
    /// The card has run out.
    Expired,
    /// The card is not valid yet.
    NotYetValid,
    /// The issuer may not issue this kind of card, or is not known.
    IssuerNotAccepted,
    /// The key was never in the issuer's document or metadata.
    KeyNotAnchored,
    /// The key was taken out of the issuer's document or metadata.
    KeyRetired,
    /// The holder did not prove to hold the card's key for this request.
    HolderBindingMismatch,
    /// The presentation breaks a rule of its format.
    MalformedCredential,
    /// The card is not what the metadata of its type say it must be.
    NotOfItsType,
    /// The metadata of the card's type are not those that the card means, or make no type.
    TypeUnavailable,
    /// The status list is not held, has run out or is too old.
    StatusUnavailable,
    /// The metadata of the issuer are not held, or are too old.
    MetadataUnavailable,
    /// What the ledger says is too old.
    LedgerStale,
    /// The ledger publishes nothing that enough witnesses cosigned.
    NoQuorum,
    /// The log showed two histories; nothing that it says counts.
    LedgerSplit,
    /// The holder showed nothing.
    Refused,
    /// The clock of this machine is wrong.
    ClockWrong,
    /// The rule could not be evaluated on what was shown.
    RuleUndecided,
    /// The answer came back to another browser than the one that asked.
    SessionMismatch,
    /// A failure of ours.
    Internal,
}

/// Text that names no [`Reason`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown reason")]
pub struct UnknownReason;

impl Reason {
    /// Every reason.
    pub(crate) const ALL: [Self; 24] = [
        Self::Ok,
        Self::RuleNotMet,
        Self::Revoked,
        Self::Suspended,
        Self::StatusNotValid,
        Self::Expired,
        Self::NotYetValid,
        Self::IssuerNotAccepted,
        Self::KeyNotAnchored,
        Self::KeyRetired,
        Self::HolderBindingMismatch,
        Self::MalformedCredential,
        Self::NotOfItsType,
        Self::TypeUnavailable,
        Self::StatusUnavailable,
        Self::MetadataUnavailable,
        Self::LedgerStale,
        Self::NoQuorum,
        Self::LedgerSplit,
        Self::Refused,
        Self::ClockWrong,
        Self::RuleUndecided,
        Self::SessionMismatch,
        Self::Internal,
    ];

    /// The verdict that follows.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Ok => Verdict::Yes,
            Self::RuleNotMet
            | Self::Revoked
            | Self::Suspended
            | Self::StatusNotValid
            | Self::Expired
            | Self::NotYetValid
            | Self::IssuerNotAccepted
            | Self::KeyNotAnchored
            | Self::KeyRetired
            | Self::HolderBindingMismatch
            | Self::MalformedCredential
            | Self::NotOfItsType => Verdict::No,
            Self::TypeUnavailable
            | Self::StatusUnavailable
            | Self::MetadataUnavailable
            | Self::LedgerStale
            | Self::NoQuorum
            | Self::LedgerSplit
            | Self::Refused
            | Self::ClockWrong
            | Self::RuleUndecided
            | Self::SessionMismatch
            | Self::Internal => Verdict::CouldNotCheck,
        }
    }

    /// The word for the interface and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::RuleNotMet => "rule_not_met",
            Self::Revoked => "revoked",
            Self::Suspended => "suspended",
            Self::StatusNotValid => "status_not_valid",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::IssuerNotAccepted => "issuer_not_accepted",
            Self::KeyNotAnchored => "key_not_anchored",
            Self::KeyRetired => "key_retired",
            Self::HolderBindingMismatch => "holder_binding_mismatch",
            Self::MalformedCredential => "malformed_credential",
            Self::NotOfItsType => "not_of_its_type",
            Self::TypeUnavailable => "type_unavailable",
            Self::StatusUnavailable => "status_unavailable",
            Self::MetadataUnavailable => "metadata_unavailable",
            Self::LedgerStale => "ledger_stale",
            Self::NoQuorum => "no_quorum",
            Self::LedgerSplit => "ledger_split",
            Self::Refused => "refused",
            Self::ClockWrong => "clock_wrong",
            Self::RuleUndecided => "rule_undecided",
            Self::SessionMismatch => "session_mismatch",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.as_str() == text)
            .ok_or(UnknownReason)
    }
}

impl Verdict {
    /// The word for the interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::CouldNotCheck => "could_not_check",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_reads_back() {
        for reason in Reason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
    }

    #[test]
    fn only_ok_is_yes() {
        let yes: Vec<Reason> = Reason::ALL
            .into_iter()
            .filter(|reason| reason.verdict() == Verdict::Yes)
            .collect();
        assert_eq!(yes, [Reason::Ok]);
    }
}
