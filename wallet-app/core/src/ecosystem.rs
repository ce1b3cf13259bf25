//! The ecosystem that a wallet belongs to: offered by a link or a file, and kept up to date. docs/ledger.md §9
//!
//! A wallet belongs to one ecosystem for good, so that cards of a test never stand among those that count. What can be
//! added to a wallet that is there is the next trust pack of its own ecosystem.

use crate::clock::Clock;
use crate::settings::{Network, Settings};
use crate::vault::{Passphrase, SecretStore, UnlockError, Vault, VaultError};
use crate::wallet::Wallet;
use jose::UnixTime;
use ledger::{EcosystemLink, EcosystemLinkError, Mode, TrustPack, TrustPackError, UnverifiedTrustPack, fingerprint};
use outbound::{BuildError, Client, Limits, OutboundError};
use std::path::Path;
use std::sync::Arc;
use url::Url;

/// A trust pack is a few kilobytes.
const PACK: Limits = Limits::METADATA.with_body(64 * 1024);

/// A trust pack that somebody offers. It is sound in itself, and nobody believes it yet: the person compares the
/// fingerprint and says so.
#[derive(Clone, Debug)]
pub struct OfferedEcosystem {
    pack: TrustPack,
    file: String,
}

/// What a person is told about an ecosystem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ecosystem {
    /// Its name.
    pub name: String,
    /// Whether its cards mean anything.
    pub mode: Mode,
    /// Version of the trust pack.
    pub version: u64,
    /// The trust pack is worth nothing from then on.
    pub expires: UnixTime,
    /// Hash of the trust pack, in groups of four digits.
    pub fingerprint: String,
}

/// What became of a trust pack that was offered to a wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewed {
    /// It is the one that the wallet has.
    Already,
    /// It is the next one, and counts from the next time the wallet is opened.
    Newer,
}

/// A wallet's vault, open to take the next trust pack: also where the one it has ran out and opens no wallet any more.
#[derive(Debug)]
pub struct Renewal {
    vault: Arc<Vault>,
    settings: Settings,
    now: UnixTime,
}

/// Why an ecosystem was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EcosystemError {
    /// The link is none.
    #[error(transparent)]
    Link(#[from] EcosystemLinkError),
    /// The HTTP client does not start.
    #[error(transparent)]
    Client(#[from] BuildError),
    /// The trust pack cannot be fetched.
    #[error("the trust pack cannot be fetched")]
    Outbound(#[from] OutboundError),
    /// What is there is no text.
    #[error("this is no trust pack")]
    NotText,
    /// The trust pack is not the one that the link names. docs/ledger.md §9.3
    #[error("the trust pack is not the one that the link names")]
    FingerprintDiffers,
    /// The trust pack breaks a rule of its own.
    #[error(transparent)]
    Pack(#[from] TrustPackError),
    /// The trust pack does not say where the ledger answers.
    #[error("the trust pack does not say where the ledger answers")]
    NoAddress,
    /// A test ecosystem for a live wallet, or the other way round.
    #[error("test and live are never mixed in one wallet")]
    OtherMode,
    /// The wallet belongs to another ecosystem.
    #[error("the wallet belongs to another ecosystem")]
    OtherEcosystem,
    /// The wallet has a newer one.
    #[error("the wallet has a newer trust pack")]
    Older,
    /// There are others between the one that the wallet has and this one.
    #[error("a trust pack in between is missing")]
    Gap,
    /// Set-up was cut off; the wallet belongs to nothing yet.
    #[error("the wallet was never set up to the end")]
    SetUpCutOff,
    /// The vault stays shut.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl EcosystemError {
    /// Stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Link(_) => "ecosystem_link_invalid",
            Self::Client(_) => "network_unusable",
            Self::Outbound(OutboundError::Blocked | OutboundError::Scheme | OutboundError::Credentials) => {
                "address_not_allowed"
            }
            Self::Outbound(_) => "ecosystem_unreachable",
            Self::FingerprintDiffers => "fingerprint_differs",
            Self::Pack(TrustPackError::Expired) => "trust_pack_expired",
            Self::NotText | Self::Pack(_) => "trust_pack_invalid",
            Self::NoAddress => "ecosystem_no_address",
            Self::OtherMode => "ecosystem_other_mode",
            Self::OtherEcosystem => "ecosystem_other",
            Self::Older => "ecosystem_older",
            Self::Gap => "ecosystem_gap",
            Self::SetUpCutOff => "set_up_cut_off",
            Self::Unlock(error) => error.code(),
            Self::Vault(error) => error.code(),
        }
    }
}

impl OfferedEcosystem {
    /// Fetches the trust pack that a link names; another one is refused.
    pub async fn fetch(link: &EcosystemLink, network: &Network, now: UnixTime) -> Result<Self, EcosystemError> {
        let answer = Client::new(network.policy())?.get(link.pack(), &PACK).await?;
        let file = String::from_utf8(answer.success()?.into_body()).map_err(|_| EcosystemError::NotText)?;
        let offered = Self::read(file, now)?;
        match offered.pack.sha256() == *link.sha256() {
            true => Ok(offered),
            false => Err(EcosystemError::FingerprintDiffers),
        }
    }

    /// A trust pack from a file.
    pub fn read(file: String, now: UnixTime) -> Result<Self, EcosystemError> {
        let pack = UnverifiedTrustPack::parse(file.as_bytes())?.verify(None, now)?;
        Ok(Self { pack, file })
    }

    /// What the person is told.
    #[must_use]
    pub fn told(&self) -> Ecosystem {
        Ecosystem::of(&self.pack)
    }

    /// Settings of a new wallet of this ecosystem, which reads the ledger where the trust pack says that it is.
    pub fn settings(&self, network: Network) -> Result<Settings, EcosystemError> {
        Ok(Settings {
            network,
            trust_pack: self.file.clone(),
            ledger_url: address(&self.pack)?,
            mirror_url: None,
            attester_url: None,
            issuer_anchors: None,
            verifier_anchors: None,
        })
    }
}

impl Ecosystem {
    fn of(pack: &TrustPack) -> Self {
        Self {
            name: pack.name().to_owned(),
            mode: pack.mode(),
            version: pack.version(),
            expires: pack.expires(),
            fingerprint: fingerprint(&pack.sha256()),
        }
    }
}

impl Renewal {
    /// Opens the vault in `folder` for this and nothing else.
    pub fn open(
        folder: &Path,
        passphrase: &Passphrase,
        secrets: &dyn SecretStore,
        clock: &dyn Clock,
    ) -> Result<Self, EcosystemError> {
        let vault = Vault::open(folder, passphrase, secrets, clock)?;
        Self::of(Arc::new(vault), clock)
    }

    fn of(vault: Arc<Vault>, clock: &dyn Clock) -> Result<Self, EcosystemError> {
        let settings = Settings::load(&vault)?.ok_or(EcosystemError::SetUpCutOff)?;
        Ok(Self {
            vault,
            settings,
            now: clock.now(),
        })
    }

    /// Fetches what a link names, over the network of this wallet.
    pub async fn fetch(&self, link: &EcosystemLink) -> Result<OfferedEcosystem, EcosystemError> {
        OfferedEcosystem::fetch(link, &self.settings.network, self.now).await
    }

    /// Reads a trust pack from a file.
    pub fn read(&self, file: String) -> Result<OfferedEcosystem, EcosystemError> {
        OfferedEcosystem::read(file, self.now)
    }

    /// What taking it would come to; nothing is changed.
    pub fn foresee(&self, offered: &OfferedEcosystem) -> Result<Renewed, EcosystemError> {
        let held = self.held()?;
        let (before, next) = (&held, &offered.pack);
        if next.mode() != before.mode() {
            return Err(EcosystemError::OtherMode);
        }
        if next.sha256() == before.sha256() {
            return Ok(Renewed::Already);
        }
        let is_same_log = (next.name(), next.origin()) == (before.name(), before.origin());
        if is_same_log && next.version() <= before.version() {
            return Err(EcosystemError::Older);
        }
        match UnverifiedTrustPack::parse(offered.file.as_bytes())?.verify(Some(before), self.now) {
            Ok(_) => Ok(Renewed::Newer),
            Err(TrustPackError::OtherEcosystem) => Err(EcosystemError::OtherEcosystem),
            Err(TrustPackError::Version) => Err(EcosystemError::Gap),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes it, where it is the next trust pack of this wallet's ecosystem. docs/ledger.md §9
    pub fn take(&self, offered: &OfferedEcosystem) -> Result<Renewed, EcosystemError> {
        let renewed = self.foresee(offered)?;
        if renewed == Renewed::Newer {
            let mut settings = self.settings.clone();
            // A ledger that goes on for another one answers somewhere else, and so do its mirrors.
            if self.held()?.origin() != offered.pack.origin() {
                settings.ledger_url = address(&offered.pack)?;
                settings.mirror_url = None;
            }
            settings.trust_pack.clone_from(&offered.file);
            settings.store(&self.vault)?;
        }
        Ok(renewed)
    }

    /// The pack that the wallet has. That it may have run out since says nothing about who signs the next one.
    fn held(&self) -> Result<TrustPack, EcosystemError> {
        let pack = UnverifiedTrustPack::parse(self.settings.trust_pack.as_bytes())?;
        let last_second = pack.dangerous_claimed_expiry().saturating_sub(1);
        Ok(pack.verify(None, self.now.min(last_second))?)
    }
}

impl Wallet {
    /// What there is to say about the wallet's own ecosystem.
    #[must_use]
    pub fn about_ecosystem(&self) -> Ecosystem {
        Ecosystem::of(&self.pack)
    }

    /// To take the next trust pack while the wallet is open.
    pub fn renewal(&self) -> Result<Renewal, EcosystemError> {
        Renewal::of(Arc::clone(&self.vault), self.clock.as_ref())
    }
}

/// Where the ledger answers, as governance has signed it. docs/ledger.md §9
fn address(pack: &TrustPack) -> Result<Url, EcosystemError> {
    let url = pack.policy().logs().first().and_then(|log| log.url());
    url.and_then(|url| Url::parse(url).ok())
        .ok_or(EcosystemError::NoAddress)
}
