//! How a command can fail: a stable code, an exit code, and three sentences.

use crate::messages;
use wallet::{
    AttesterFailure, AuthorizationResponseError, CardError, ComplaintRefused, CredentialRefused, EcosystemError,
    IssuanceError, OpenError, OutboundError, ProofError, RequestRefused, ServicesError, ShareError, StatusError,
    TokenStepError, TrustError, UnlockError, VaultError,
};

/// Exit codes of `holdfast-wallet`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The command was not understood.
    Usage = 2,
    /// The person refused.
    PersonRefused = 3,
    /// The wallet refused.
    WalletRefused = 4,
    /// It could not be checked.
    CouldNotCheck = 5,
    /// The other side failed.
    OtherSide = 6,
    /// The wallet is locked.
    Locked = 7,
}

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) code: &'static str,
    /// Names, numbers and claim names for the sentence; never a value of a card.
    pub(crate) detail: Option<String>,
    /// What whoever asked was told, where the person said so.
    pub(crate) told: Option<&'static str>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, code: &'static str) -> Self {
        Self {
            exit,
            code,
            detail: None,
            told: None,
        }
    }

    pub(crate) fn having_told(mut self, code: &'static str) -> Self {
        self.told = Some(code);
        self
    }

    pub(crate) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// What happened, what is safe, what to do.
    pub(crate) fn sentences(&self) -> String {
        let sentences = messages::sentences(self.code, self.detail.as_deref());
        match self.told {
            None => sentences,
            Some(_) => sentences.replace(messages::NOTHING_SENT, messages::TOLD),
        }
    }
}

impl From<UnlockError> for Failure {
    fn from(error: UnlockError) -> Self {
        let exit = match error {
            UnlockError::NotSetUp | UnlockError::AlreadySetUp | UnlockError::PassphraseRefused(_) => Exit::Usage,
            _ => Exit::Locked,
        };
        let failure = Self::new(exit, error.code());
        match error {
            UnlockError::PassphraseRefused(reason) => failure.with_detail(reason.to_string()),
            UnlockError::LockedOut { seconds } => failure.with_detail(waiting(seconds)),
            UnlockError::WrongPassphrase {
                attempts_left,
                wait_s: 0,
            } => failure.with_detail(format!("{attempts_left} more tries before you have to wait")),
            UnlockError::WrongPassphrase { wait_s, .. } => {
                failure.with_detail(format!("you have to wait {}", waiting(wait_s)))
            }
            UnlockError::NewerVersion { found, .. } => failure.with_detail(format!("version {found}")),
            _ => failure,
        }
    }
}

fn waiting(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} seconds"),
        120..=7_199 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3_600)),
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        Self::new(Exit::WalletRefused, error.code())
    }
}

impl From<CardError> for Failure {
    fn from(error: CardError) -> Self {
        match error {
            CardError::Vault(error) => error.into(),
            _ => Self::new(Exit::Usage, error.code()),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Unlock(error) => error.into(),
            OpenError::Trust(error) => error.into(),
            OpenError::SetUpCutOff => Self::new(Exit::Usage, error.code()),
            _ => Self::new(Exit::WalletRefused, error.code()),
        }
    }
}

impl From<EcosystemError> for Failure {
    fn from(error: EcosystemError) -> Self {
        match error {
            EcosystemError::Unlock(error) => error.into(),
            EcosystemError::Vault(error) => error.into(),
            EcosystemError::SetUpCutOff | EcosystemError::Link(_) => Self::new(Exit::Usage, error.code()),
            EcosystemError::Outbound(ref reason) => Self::new(outbound_exit(reason), error.code()),
            _ => Self::new(Exit::WalletRefused, error.code()),
        }
    }
}

impl From<TrustError> for Failure {
    fn from(error: TrustError) -> Self {
        Self::new(trust_exit(&error), error.code())
    }
}

fn trust_exit(error: &TrustError) -> Exit {
    if error.is_could_not_check() {
        Exit::CouldNotCheck
    } else {
        Exit::WalletRefused
    }
}

/// Where the wallet may not go it refuses; where nobody answers the other side failed.
fn outbound_exit(error: &OutboundError) -> Exit {
    match error {
        OutboundError::Blocked | OutboundError::Scheme | OutboundError::Credentials => Exit::WalletRefused,
        _ => Exit::OtherSide,
    }
}

impl From<IssuanceError> for Failure {
    fn from(error: IssuanceError) -> Self {
        let exit = match &error {
            IssuanceError::Trust(error) | IssuanceError::Refused(CredentialRefused::Issuer(error)) => trust_exit(error),
            IssuanceError::Outbound(error)
            | IssuanceError::ChallengeUnreachable(error)
            | IssuanceError::Attester(AttesterFailure::Outbound(error)) => outbound_exit(error),
            IssuanceError::TokenStep(
                TokenStepError::TxCodeMissing | TokenStepError::TxCodeUnexpected | TokenStepError::TxCodeInput(_),
            )
            | IssuanceError::NoSuchArrival
            | IssuanceError::NoSuchCard
            | IssuanceError::NoSuchSignIn => Exit::Usage,
            IssuanceError::Http(_)
            | IssuanceError::Attester(AttesterFailure::Status(_) | AttesterFailure::Malformed)
            | IssuanceError::Challenge(_)
            | IssuanceError::Token(_)
            | IssuanceError::Nonce(_)
            | IssuanceError::Credential(_)
            | IssuanceError::Deferred { .. }
            | IssuanceError::Gone
            | IssuanceError::Push(_)
            | IssuanceError::SignIn(AuthorizationResponseError::Refused(_))
            | IssuanceError::Busy(_)
            | IssuanceError::EndlessRetries => Exit::OtherSide,
            _ => Exit::WalletRefused,
        };
        Self::new(exit, error.code())
    }
}

impl From<&RequestRefused> for Failure {
    fn from(error: &RequestRefused) -> Self {
        let exit = match error {
            RequestRefused::Trust(error) => trust_exit(error),
            RequestRefused::Outbound(error) => outbound_exit(error),
            RequestRefused::Gone => Exit::OtherSide,
            error if error.is_could_not_check() => Exit::CouldNotCheck,
            _ => Exit::WalletRefused,
        };
        let failure = Self::new(exit, error.code());
        match error {
            RequestRefused::OverAsking { claim, .. }
            | RequestRefused::NotAnonymous { claim, .. }
            | RequestRefused::NeverShown { claim, .. } => failure.with_detail(claim.clone()),
            _ => failure,
        }
    }
}

impl From<ShareError> for Failure {
    fn from(error: ShareError) -> Self {
        let exit = match &error {
            ShareError::Consent(_) => Exit::Usage,
            ShareError::NotSent(error) => outbound_exit(error),
            ShareError::MaybeReceived(_) | ShareError::NotAccepted { .. } => Exit::OtherSide,
            _ => Exit::WalletRefused,
        };
        let failure = Self::new(exit, error.code());
        match error {
            ShareError::Consent(reason) => failure.with_detail(reason.to_string()),
            _ => failure,
        }
    }
}

impl From<ProofError> for Failure {
    fn from(error: ProofError) -> Self {
        let exit = match &error {
            ProofError::Trust(error) => trust_exit(error),
            ProofError::Vault(_) => Exit::WalletRefused,
            _ => Exit::CouldNotCheck,
        };
        Self::new(exit, error.code())
    }
}

impl From<ServicesError> for Failure {
    fn from(error: ServicesError) -> Self {
        let exit = match &error {
            ServicesError::Trust(error) => trust_exit(error),
            ServicesError::Outbound(error) => outbound_exit(error),
            _ => Exit::WalletRefused,
        };
        Self::new(exit, error.code())
    }
}

impl From<ComplaintRefused> for Failure {
    fn from(error: ComplaintRefused) -> Self {
        let exit = match &error {
            ComplaintRefused::NoSuchRequest => Exit::Usage,
            ComplaintRefused::Trust(error) => trust_exit(error),
            ComplaintRefused::TooEarly => Exit::CouldNotCheck,
            _ => Exit::WalletRefused,
        };
        Self::new(exit, error.code())
    }
}

impl From<StatusError> for Failure {
    fn from(error: StatusError) -> Self {
        Self::new(Exit::CouldNotCheck, error.code())
    }
}
