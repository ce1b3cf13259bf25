//! Making, opening and removing the wallet. All of it blocks: on the keyring, the disk, and on what
//! makes guessing slow.

use super::{Handles, Open, Place, Session};
use crate::dto::SecretKind;
use crate::error::WalletError;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use wallet::{Locking, Passphrase, Profile, Protection, Stretching, Wallet};

const BETWEEN_CHECKS: Duration = Duration::from_millis(50);
const LAST_CHECKS: u32 = 200;

impl Session {
    /// Makes a wallet and leaves it open. Blocks.
    pub(crate) fn create(
        &self,
        secret: &Passphrase,
        kind: SecretKind,
        protection: Protection,
    ) -> Result<Arc<Open>, WalletError> {
        let _one = self.one_at_a_time();
        kind.check(secret)?;
        let locking = Locking {
            passphrase: secret,
            protection,
            stretching: Stretching::default(),
        };
        let Place {
            profile,
            secrets,
            clock,
            ..
        } = &self.place;
        let wallet = Wallet::create(profile, &locking, self.settings()?, secrets.as_ref(), Arc::clone(clock))?;
        Ok(self.opened(wallet))
    }

    /// Opens the wallet. Blocks.
    pub(crate) fn unlock(&self, secret: &Passphrase) -> Result<Arc<Open>, WalletError> {
        let _one = self.one_at_a_time();
        if let Ok(open) = self.open() {
            return Ok(open);
        }
        self.wait_for_the_last();
        let Place {
            profile,
            secrets,
            clock,
            ..
        } = &self.place;
        let wallet = Wallet::open(profile, secret, secrets.as_ref(), Arc::clone(clock))?;
        Ok(self.opened(wallet))
    }

    /// Puts another PIN or passphrase in place of the present one. Blocks.
    pub(crate) fn change_secret(
        &self,
        current: &Passphrase,
        next: &Passphrase,
        kind: SecretKind,
    ) -> Result<(), WalletError> {
        let _one = self.one_at_a_time();
        kind.check(next)?;
        let open = self.open()?;
        Ok(open
            .wallet
            .change_passphrase(current, next, self.place.secrets.as_ref())?)
    }

    /// Removes the wallet and all in it. Blocks.
    pub(crate) fn reset(&self) -> Result<(), WalletError> {
        let _one = self.one_at_a_time();
        self.lock();
        self.wait_for_the_last();
        Ok(Profile::reset(&self.place.profile, self.place.secrets.as_ref())?)
    }

    fn opened(&self, wallet: Wallet) -> Arc<Open> {
        self.touch();
        let open = Arc::new(Open {
            wallet,
            handles: Handles::default(),
            ended: watch::Sender::new(false),
        });
        *self.lock_open() = Some(Arc::clone(&open));
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&open);
        open
    }

    /// An answer that was on its way when the wallet was locked comes to its end first. Blocks, but
    /// not for ever: then the wallet says that it is in use.
    fn wait_for_the_last(&self) {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for _ in 0..LAST_CHECKS {
            if last.strong_count() == 0 {
                break;
            }
            std::thread::sleep(BETWEEN_CHECKS);
        }
    }

    fn one_at_a_time(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
