//! The wallet: one profile, opened.

use crate::clock::Clock;
use crate::keys::VaultKeys;
use crate::settings::Settings;
use crate::trust::{LedgerClient, TrustError};
use crate::vault::{Passphrase, Protection, SecretStore, Stretching, UnlockError, Vault, VaultError};
use jose::UnixTime;
use ledger::{Mode, TrustPack, UnverifiedTrustPack};
use outbound::{BuildError, Client};
use std::path::Path;
use std::sync::Arc;

/// One person's wallet, open. Offers and requests come in by
/// [`Wallet::open_offer`] and [`Wallet::open_request`].
pub struct Wallet {
    pub(crate) vault: Arc<Vault>,
    pub(crate) keys: VaultKeys,
    pub(crate) settings: Settings,
    pub(crate) pack: TrustPack,
    pub(crate) client: Client,
    pub(crate) clock: Arc<dyn Clock>,
}

/// What protects a new wallet.
#[derive(Clone, Copy, Debug)]
pub struct Locking<'a> {
    /// The PIN or passphrase.
    pub passphrase: &'a Passphrase,
    /// Whether half of the key lies in the keyring.
    pub protection: Protection,
    /// The cost of trying PINs.
    pub stretching: Stretching,
}

/// Why a wallet was not made or not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The vault stays shut.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// The trust pack is refused.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// Set-up was cut off; nothing was stored yet.
    #[error("the wallet was never set up to the end")]
    SetUpCutOff,
    /// The HTTP client does not start.
    #[error(transparent)]
    Client(#[from] BuildError),
}

impl From<VaultError> for OpenError {
    fn from(error: VaultError) -> Self {
        Self::Unlock(UnlockError::Vault(error))
    }
}

impl Wallet {
    /// Makes a wallet in `folder`. The trust pack is checked before anything is written.
    pub fn create(
        folder: &Path,
        locking: &Locking<'_>,
        settings: Settings,
        secrets: &dyn SecretStore,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let pack = read_pack(&settings, clock.now())?;
        let client = Client::new(settings.network.policy())?;
        let vault = Vault::create(
            folder,
            locking.passphrase,
            locking.protection,
            locking.stretching,
            secrets,
            clock.as_ref(),
        )?;
        settings.store(&vault)?;
        Ok(Self::assemble(vault, settings, pack, client, clock))
    }

    /// Opens the wallet in `folder`.
    pub fn open(
        folder: &Path,
        passphrase: &Passphrase,
        secrets: &dyn SecretStore,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let vault = Vault::open(folder, passphrase, secrets, clock.as_ref())?;
        let settings = Settings::load(&vault)?.ok_or(OpenError::SetUpCutOff)?;
        let pack = read_pack(&settings, clock.now())?;
        let client = Client::new(settings.network.policy())?;
        Ok(Self::assemble(vault, settings, pack, client, clock))
    }

    fn assemble(vault: Vault, settings: Settings, pack: TrustPack, client: Client, clock: Arc<dyn Clock>) -> Self {
        let vault = Arc::new(vault);
        let keys = VaultKeys::new(Arc::clone(&vault));
        Self {
            vault,
            keys,
            settings,
            pack,
            client,
            clock,
        }
    }

    /// The vault: cards and history.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Name of the ecosystem, and whether its cards mean anything.
    #[must_use]
    pub fn ecosystem(&self) -> (&str, Mode) {
        (self.pack.name(), self.pack.mode())
    }

    /// How many outbound requests were blocked because of their address.
    #[must_use]
    pub fn blocked_requests(&self) -> u64 {
        self.client.blocked_total()
    }

    pub(crate) fn ledger(&self, device_time: UnixTime) -> LedgerClient<'_> {
        LedgerClient {
            client: &self.client,
            pack: &self.pack,
            vault: &self.vault,
            ledger_url: &self.settings.ledger_url,
            mirror_url: self.settings.mirror_url.as_ref(),
            device_time,
        }
    }
}

impl std::fmt::Debug for Wallet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wallet")
            .field("vault", &self.vault)
            .finish_non_exhaustive()
    }
}

fn read_pack(settings: &Settings, now: UnixTime) -> Result<TrustPack, TrustError> {
    Ok(UnverifiedTrustPack::parse(settings.trust_pack.as_bytes())?.verify(None, now)?)
}
