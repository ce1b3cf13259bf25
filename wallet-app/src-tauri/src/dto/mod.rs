//! What goes to the window and comes from it, exactly as `types.ts` has it.

mod business;
mod camera;
mod card;
mod challenge;
mod history;
mod offer;
mod preferences;
mod request;
mod state;
mod trusted;

#[cfg(test)]
mod samples;

pub(crate) use business::{BusinessView, NeverShownView};
pub(crate) use camera::{CameraEvent, Frame, Parts, Seen};
pub(crate) use card::{CardDetail, CardSummary, StatusRefreshed};
pub(crate) use challenge::{OfflineView, ProofsView, ShownView};
pub(crate) use history::HistoryItem;
pub(crate) use offer::{OfferView, Received};
pub(crate) use preferences::Preferences;
pub(crate) use request::{Came, Opened, RequestView, Shared};
pub(crate) use state::{AppState, Around, Away, Ecosystem, Phase, Secret, SecretKind};
pub(crate) use trusted::{Comes, OfferedTrusted, TrustedView};
