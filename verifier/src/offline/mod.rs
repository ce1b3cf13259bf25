//! Checks without a network: a challenge is shown as codes, and the answer is
//! read from codes. docs/offline-qr.md

mod answer;
mod challenge;
mod collecting;
mod held;
mod portraits;

pub(crate) use answer::take_message;
pub(crate) use challenge::{open, shown};
pub(crate) use collecting::{Collecting, Frames};
pub(crate) use held::held_state;
pub(crate) use portraits::Portraits;

use tokio::sync::Mutex;

use crate::trust::EvidenceFolder;

/// Where a verifier runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// As a service that others reach, and that asks ledger and issuers.
    Service,
    /// On a device that nobody reaches and that asks nobody.
    Kiosk,
}

/// What checks without a network need beside the store. It is lost with a restart.
pub struct Offline {
    pub(crate) place: Place,
    pub(crate) evidence: EvidenceFolder,
    pub(crate) collecting: Collecting,
    pub(crate) portraits: Portraits,
    /// Held from the outcome of a session until its portrait waits, and while a session is cleared.
    pub(crate) settling: Mutex<()>,
}

impl Offline {
    /// Nothing collected yet.
    pub fn new(place: Place, evidence: EvidenceFolder) -> Self {
        Self {
            place,
            evidence,
            collecting: Collecting::default(),
            portraits: Portraits::default(),
            settling: Mutex::default(),
        }
    }
}
