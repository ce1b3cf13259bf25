use crate::error::WalletError;
use crate::looks::{Language, Theme};
use serde::{Deserialize, Serialize};
use wallet::{KeyringState, LockedProfile, Mode, Passphrase};

/// Before anything is opened.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppState {
    pub(crate) phase: Phase,
    pub(crate) secret_kind: SecretKind,
    pub(crate) keyring: Keyring,
    pub(crate) wait_s: u64,
    pub(crate) attempts_left: u32,
    pub(crate) language: Option<Language>,
    pub(crate) theme: Theme,
    pub(crate) camera: bool,
    pub(crate) ecosystem: Option<Ecosystem>,
}

/// Where the person stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    /// No wallet yet.
    FirstRun,
    /// A wallet, locked.
    Locked,
    /// A wallet, open.
    Open,
}

/// How the wallet is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SecretKind {
    /// Words, or whatever else is long.
    Passphrase,
    /// Six digits.
    Pin,
}

impl SecretKind {
    /// A secret of the other form would not be asked for in the same way the next time.
    pub(crate) fn check(self, secret: &Passphrase) -> Result<(), WalletError> {
        match SecretKind::from(secret.kind()) == self {
            true => Ok(()),
            false => Err(WalletError::secret_form()),
        }
    }
}

impl From<wallet::SecretKind> for SecretKind {
    fn from(kind: wallet::SecretKind) -> Self {
        match kind {
            wallet::SecretKind::Pin => Self::Pin,
            wallet::SecretKind::Passphrase => Self::Passphrase,
        }
    }
}

/// Whether the system keyring can hold half of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Keyring {
    /// It can.
    Available,
    /// It is there and shut.
    Locked,
    /// There is none.
    Absent,
}

impl From<KeyringState> for Keyring {
    fn from(state: KeyringState) -> Self {
        match state {
            // That the entry is missing is said when the wallet is to be opened.
            KeyringState::Available | KeyringState::EntryMissing => Self::Available,
            KeyringState::Locked => Self::Locked,
            KeyringState::Absent => Self::Absent,
        }
    }
}

/// What the wallet belongs to.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ecosystem {
    pub(crate) name: String,
    /// `test` or `live`.
    pub(crate) mode: Mode,
}

/// What is around the profile, for its state.
pub(crate) struct Around {
    pub(crate) looks: crate::looks::Looks,
    pub(crate) camera: bool,
    pub(crate) ecosystem: Option<Ecosystem>,
}

/// Tries before the first wait, as a new wallet counts them.
const TRIES: u32 = 5;

impl AppState {
    /// No wallet yet: what is typed rather than a PIN is offered first, because without hardware
    /// a PIN protects only against those who cannot copy the files.
    pub(crate) fn first_run(keyring: KeyringState, around: Around) -> Self {
        Self::new(
            Phase::FirstRun,
            SecretKind::Passphrase,
            keyring.into(),
            (TRIES, 0),
            around,
        )
    }

    /// A wallet that is there, locked or open.
    pub(crate) fn set_up(phase: Phase, profile: &LockedProfile, around: Around) -> Self {
        let tries = (profile.attempts_left, profile.wait_s);
        Self::new(phase, profile.kind.into(), profile.keyring.into(), tries, around)
    }

    fn new(phase: Phase, secret_kind: SecretKind, keyring: Keyring, tries: (u32, u64), around: Around) -> Self {
        Self {
            phase,
            secret_kind,
            keyring,
            wait_s: tries.1,
            attempts_left: tries.0,
            language: around.looks.language,
            theme: around.looks.theme,
            camera: around.camera,
            ecosystem: around.ecosystem,
        }
    }
}

/// A PIN or passphrase on its way in.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn into_passphrase(self) -> Passphrase {
        Passphrase::new(self.0)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// The app lost or got the focus, or was locked by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Away {
    /// Another window is in front.
    Blurred,
    /// This one is again.
    Focused,
    /// The wallet was locked.
    Locked,
}
