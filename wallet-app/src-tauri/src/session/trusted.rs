//! Lists of whom a wallet trusts: the one that the person looks at, and the one that a new wallet begins with.

use std::sync::{Mutex, PoisonError};
use wallet::OfferedEcosystem;

/// Kept in memory alone: a file could be changed by others before there is a vault.
#[derive(Default)]
pub(crate) struct Trusted {
    shown: Mutex<Option<OfferedEcosystem>>,
    chosen: Mutex<Option<OfferedEcosystem>>,
}

impl Trusted {
    /// The person sees this one now, and no other can be taken.
    pub(crate) fn show(&self, offered: OfferedEcosystem) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(offered);
    }

    /// The one that the person sees, if it is this one.
    pub(crate) fn shown(&self, fingerprint: &str) -> Option<OfferedEcosystem> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown
            .as_ref()
            .filter(|offered| offered.told().fingerprint == fingerprint)
            .cloned()
    }

    /// A new wallet begins with this.
    pub(crate) fn choose(&self, offered: OfferedEcosystem) {
        *self.chosen.lock().unwrap_or_else(PoisonError::into_inner) = Some(offered);
    }

    /// What a new wallet begins with, where the person chose it.
    pub(crate) fn chosen(&self) -> Option<OfferedEcosystem> {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
