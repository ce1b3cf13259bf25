//! The wallet of this process: locked or open, and what the window may act on while it is open.

mod changes;
mod handles;
mod idle;
mod slot;
mod trusted;

pub(crate) use handles::{Answered, Decided, Handles, Held, ShownRequest};
pub(crate) use slot::{Ended, Slot};

use crate::camera::{Camera, Gathering};
use crate::clipboard::{Board, Clipboard};
use crate::error::WalletError;
use crate::links::Inbox;
use crate::looks::Looks;
use crate::setup::Setup;
use idle::Idle;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::watch;
use trusted::Trusted;
use wallet::{Clock, Network, Profile, ProfileState, SecretStore, Settings, VaultError, Wallet};

/// Where the wallet lies, and what is around it.
pub(crate) struct Place {
    /// The folder of the wallet.
    pub(crate) profile: PathBuf,
    /// The file that names the ecosystem.
    pub(crate) setup: Option<PathBuf>,
    /// The system's keyring.
    pub(crate) secrets: Arc<dyn SecretStore>,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// A folder that stands for the camera.
    pub(crate) camera: Option<PathBuf>,
    /// How the clipboard is opened.
    pub(crate) clipboard: fn() -> Option<Box<dyn Board>>,
    /// The person's folder for what is to be given to others.
    pub(crate) downloads: Option<PathBuf>,
}

/// What lives as long as the window. Nothing in here is secret while the wallet is locked.
pub(crate) struct Session {
    place: Place,
    open: Mutex<Option<Arc<Open>>>,
    /// The wallet that was open last; what is under way may still hold it.
    last: Mutex<Weak<Open>>,
    /// Held while the wallet is made, opened or removed.
    changing: Mutex<()>,
    idle: Idle,
    pub(crate) camera: Camera,
    /// Parts of a challenge, from pictures that the person opens one after the other.
    pub(crate) pictures: Mutex<Gathering>,
    pub(crate) clipboard: Clipboard,
    pub(crate) inbox: Inbox,
    pub(crate) trusted: Trusted,
}

/// An open wallet.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) wallet: Wallet,
    pub(crate) handles: Handles,
    ended: watch::Sender<bool>,
}

impl Session {
    pub(crate) fn new(place: Place) -> Self {
        let idle = Idle::new(place.clock.moment());
        let camera = Camera::new(place.camera.clone());
        let clipboard = Clipboard::new(place.clipboard);
        Self {
            place,
            open: Mutex::default(),
            last: Mutex::default(),
            changing: Mutex::default(),
            idle,
            camera,
            pictures: Mutex::default(),
            clipboard,
            inbox: Inbox::default(),
            trusted: Trusted::default(),
        }
    }

    pub(crate) fn profile(&self) -> &Path {
        &self.place.profile
    }

    pub(crate) fn downloads(&self) -> Option<&Path> {
        self.place.downloads.as_deref()
    }

    pub(crate) fn now(&self) -> u64 {
        self.place.clock.now()
    }

    /// The open wallet.
    pub(crate) fn open(&self) -> Result<Arc<Open>, WalletError> {
        self.lock_open().clone().ok_or_else(WalletError::locked)
    }

    /// Looks at the wallet in the folder from outside. Speaks to the keyring.
    pub(crate) fn look(&self) -> Result<ProfileState, WalletError> {
        let Place {
            profile,
            secrets,
            clock,
            ..
        } = &self.place;
        Ok(Profile::look(profile, secrets.as_ref(), clock.as_ref())?)
    }

    /// Whether whoever installed the app has said whom its wallets trust.
    pub(crate) fn is_installed_for_one(&self) -> bool {
        self.place.setup.as_deref().is_some_and(Path::exists)
    }

    /// What a new wallet would be set up with.
    pub(crate) fn settings(&self) -> Result<Settings, WalletError> {
        if let Some(chosen) = self.trusted.chosen() {
            return Ok(chosen.settings(Network::Public)?);
        }
        let file = self.place.setup.as_deref().ok_or_else(WalletError::no_ecosystem)?;
        Ok(Setup::read(file)?.settings()?)
    }

    /// How the window looks.
    pub(crate) fn looks(&self) -> Looks {
        Looks::load(&self.place.profile)
    }

    /// Any sign of the person.
    pub(crate) fn touch(&self) {
        self.idle.touch(self.place.clock.moment());
    }

    /// Locks the wallet. What is under way ends, and nothing new begins.
    pub(crate) fn lock(&self) -> bool {
        self.camera.stop();
        self.pictures.lock().unwrap_or_else(PoisonError::into_inner).forget();
        let open = self.lock_open().take();
        if let Some(open) = &open {
            open.ended.send_replace(true);
            for held in open.handles.drain() {
                // What cannot be noted now was not answered all the same.
                let _ = open.close(&held);
            }
        }
        open.is_some()
    }

    /// Locks the wallet if nobody has touched it for as long as the person allows.
    pub(crate) fn lock_if_idle(&self) -> bool {
        let Ok(open) = self.open() else {
            return false;
        };
        let allowed = open
            .wallet
            .preferences()
            .map_or_else(|_| wallet::AutoLock::One.minutes(), |kept| kept.auto_lock.minutes());
        let idle = self.idle.seconds(&self.place.clock.moment());
        idle >= u64::from(allowed) * 60 && self.lock()
    }

    fn lock_open(&self) -> std::sync::MutexGuard<'_, Option<Arc<Open>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Asks others, for as long as the wallet is open.
    pub(crate) async fn unless_locked<T>(&self, asked: impl Future<Output = T>) -> Result<T, WalletError> {
        let mut ended = self.ended.subscribe();
        tokio::select! {
            answer = asked => Ok(answer),
            _ = ended.wait_for(|ended| *ended) => Err(WalletError::locked()),
        }
    }

    /// Lets go of something that was shown, and notes that it was not answered. Nothing is sent.
    pub(crate) fn close(&self, held: &Held) -> Result<(), VaultError> {
        let noted = match held {
            Held::Offer(slot) => slot.take().map(|offer| self.wallet.decline_offer(&offer)),
            Held::Request(slot) => slot.take().map(|shown| self.wallet.close(&shown.request)),
            Held::Challenge(slot) => slot.take().map(|challenge| self.wallet.close(&challenge)),
            // What became of these is noted already.
            Held::Unanswerable(_) | Held::Arrival(_) => None,
        };
        noted.unwrap_or(Ok(()))
    }

    /// Destroys cards that were deleted and not taken back in time.
    pub(crate) fn sweep(&self) -> Result<usize, VaultError> {
        self.wallet.sweep_deleted()
    }
}
