//! What a verifier holds, and how old it is: for whoever is about to check
//! without a network.

use ledger::Landmark;
use serde::Serialize;

use super::Place;
use crate::business::{Business, Standing};
use crate::trust::TrustView;

/// Everything that a verdict may rest on. Ages are in seconds.
#[derive(Debug, Serialize)]
pub(crate) struct HeldState {
    kiosk: bool,
    now: u64,
    clock: ClockState,
    ledger: LedgerState,
    lists: ListState,
    landmarks: Vec<LandmarkState>,
    registered: RegisteredState,
    split: bool,
}

#[derive(Debug, Serialize)]
struct ClockState {
    wrong: bool,
    behind_s: u64,
}

#[derive(Debug, Serialize)]
struct LedgerState {
    organisations: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    age_s: Option<u64>,
}

#[derive(Debug, Serialize)]
struct ListState {
    held: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    age_s: Option<u64>,
}

#[derive(Debug, Serialize)]
struct LandmarkState {
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<u64>,
}

#[derive(Debug, Serialize)]
struct RegisteredState {
    standing: Standing,
    #[serde(skip_serializing_if = "Option::is_none")]
    age_s: Option<u64>,
}

/// Looks at what is held at this moment, for the desk of this business.
pub(crate) fn held_state(view: &TrustView, business: &Business, place: Place, device: u64) -> HeldState {
    let now = view.clock(device).now();
    let age = |time: u64| now.saturating_sub(time);
    let behind = view.clock_behind(device);
    let landmark = |landmark: &Landmark| LandmarkState {
        size: landmark.size(),
        at: landmark.quorum_time(),
    };
    HeldState {
        kiosk: place == Place::Kiosk,
        now,
        clock: ClockState {
            wrong: behind.is_some(),
            behind_s: behind.unwrap_or(0),
        },
        ledger: LedgerState {
            organisations: view.organisations().count(),
            at: view.accredited_at(),
            age_s: view.accredited_at().map(age),
        },
        lists: ListState {
            held: view.status_lists().count(),
            age_s: view.status_lists().map(|(_, held)| held.list().age(now)).max(),
        },
        landmarks: view.landmarks().iter().map(landmark).collect(),
        registered: RegisteredState {
            standing: business.standing(view, device),
            age_s: business.recorded_at(view).map(age),
        },
        split: view.is_split(),
    }
}
