//! The wallet: one profile, opened.

use crate::cards::{Card, CardError, CardId, CardIssuer, ChangedValue, WholeCard};
use crate::clock::Clock;
use crate::history::HistoryEntry;
use crate::keys::VaultKeys;
use crate::settings::{Network, Settings};
use crate::trust::{LedgerClient, PublicRecord, TrustError};
use crate::turns::Turns;
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
    pub(crate) turns: Turns,
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

impl OpenError {
    /// Stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unlock(error) => error.code(),
            Self::Trust(error) => error.code(),
            Self::SetUpCutOff => "set_up_cut_off",
            Self::Client(_) => "network_unusable",
        }
    }
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

    /// Opens the wallet in `folder`. What was deleted before is destroyed.
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
        // What was deleted before cannot be had back any more.
        vault.destroy_deleted(|_| true)?;
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
            turns: Turns::default(),
        }
    }

    /// The vault: cards and history.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// All cards that are the person's, oldest first.
    pub fn cards(&self) -> Result<Vec<Card>, VaultError> {
        self.vault.cards()
    }

    /// The same, what is one card in several formats once.
    pub fn whole_cards(&self) -> Result<Vec<WholeCard>, VaultError> {
        Ok(WholeCard::of_all(self.cards()?))
    }

    /// The card of this name in every format in which it is here, also one of which the person has not said yet that it
    /// is theirs.
    pub fn whole_card(&self, id: &str) -> Result<WholeCard, CardError> {
        let card = self.card(id)?;
        let together = match &card.arrival {
            None => self.cards()?,
            Some(arrival) => self
                .vault
                .arrival(arrival)?
                .map_or_else(Vec::new, |arrival| arrival.cards),
        };
        WholeCard::called(together, id).ok_or(CardError::Unknown)
    }

    /// A card with the other formats in which it is here. Alone where it was deleted meanwhile.
    pub fn whole_of(&self, card: &Card) -> Result<WholeCard, VaultError> {
        match self.whole_card(card.id.as_str()) {
            Ok(whole) => Ok(whole),
            Err(CardError::Vault(error)) => Err(error),
            Err(_) => Ok(WholeCard {
                card: card.clone(),
                also: Vec::new(),
            }),
        }
    }

    /// One card, also one of which the person has not said yet that it is theirs.
    pub fn card(&self, id: &str) -> Result<Card, CardError> {
        self.vault.card(id)?.ok_or(CardError::Unknown)
    }

    /// Everything that happened, newest first.
    pub fn history(&self) -> Result<Vec<HistoryEntry>, VaultError> {
        self.vault.history()
    }

    /// Everything that happened with one card, newest first.
    pub fn history_of(&self, card: &CardId) -> Result<Vec<HistoryEntry>, VaultError> {
        let forms = match self.whole_card(card.as_str()) {
            Ok(whole) => whole.ids(),
            Err(CardError::Vault(error)) => return Err(error),
            Err(_) => vec![card.clone()],
        };
        self.vault.history_of(&forms)
    }

    /// What is publicly recorded about who issued a card, from the records that are held: nobody is
    /// asked. `None` where it is not recorded, or no record is held.
    pub fn issuer_record(&self, card: &Card) -> Result<Option<PublicRecord>, TrustError> {
        let CardIssuer::Ledger { did, .. } = &card.issuer else {
            return Ok(None);
        };
        let held = self.ledger(self.clock.now()).held_bundles()?;
        let mut records = held.iter().filter_map(|bundle| PublicRecord::of(bundle, &self.pack));
        Ok(records.find(|record| record.id == *did))
    }

    /// Another PIN or passphrase from now on. At every moment the old one opens the wallet or the new
    /// one. A wrong `current` counts like a wrong attempt at opening.
    pub fn change_passphrase(
        &self,
        current: &Passphrase,
        next: &Passphrase,
        secrets: &dyn SecretStore,
    ) -> Result<(), UnlockError> {
        self.vault
            .change_passphrase(current, next, secrets, self.clock.as_ref())
    }

    /// Name of the ecosystem, and whether its cards mean anything.
    #[must_use]
    pub fn ecosystem(&self) -> (&str, Mode) {
        (self.pack.name(), self.pack.mode())
    }

    /// What a card says that it did not say before its copies were got again, in whichever of its formats.
    pub fn changed_values(&self, card: &WholeCard) -> Result<Vec<ChangedValue>, VaultError> {
        self.vault.changed_values(card)
    }

    /// The person has seen what changed: what the card said before is kept in no format any more.
    pub fn forget_changes(&self, card: &WholeCard) -> Result<(), VaultError> {
        self.vault.forget_changes(card)
    }

    /// Whether this is for trying out on this machine.
    #[must_use]
    pub fn is_development(&self) -> bool {
        matches!(self.settings.network, Network::Development { .. })
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

impl Settings {
    /// Name of the ecosystem, and whether its cards mean anything: before there is a wallet.
    pub fn ecosystem(&self, now: UnixTime) -> Result<(String, Mode), TrustError> {
        let pack = read_pack(self, now)?;
        Ok((pack.name().to_owned(), pack.mode()))
    }
}

fn read_pack(settings: &Settings, now: UnixTime) -> Result<TrustPack, TrustError> {
    Ok(UnverifiedTrustPack::parse(settings.trust_pack.as_bytes())?.verify(None, now)?)
}

#[cfg(test)]
mod tests {
    use super::Wallet;
    use crate::cards::ArrivalId;
    use crate::consent::Consent;
    use crate::issuance::OpenOffer;
    use crate::presentation::{OpenRequest, Unanswerable};

    /// A window waits for the wallet on whatever thread is free.
    #[expect(dead_code, reason = "it is enough that it compiles")]
    fn everything_that_waits_can_move_between_threads(
        wallet: &'static Wallet,
        offer: fn() -> OpenOffer,
        request: fn() -> OpenRequest,
        unanswerable: fn() -> Unanswerable,
        consent: &'static Consent,
        arrival: &'static ArrivalId,
    ) {
        fn moves(_: impl Future + Send) {}
        moves(wallet.open_offer("link"));
        moves(wallet.receive_offer(offer(), None));
        moves(wallet.finish_sign_in("url"));
        moves(wallet.refresh_card("card"));
        moves(wallet.keep_cards(arrival));
        moves(wallet.reject_cards(arrival));
        moves(wallet.tell_issuers());
        moves(wallet.open_request("link"));
        moves(wallet.share(request(), consent));
        moves(wallet.refuse(request()));
        moves(wallet.tell_unanswerable(unanswerable()));
        moves(wallet.refresh_status());
        moves(wallet.refresh_proofs());
        moves(wallet.refresh_services());
    }
}
