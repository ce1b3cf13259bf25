use crate::error::WalletError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use wallet::{FrameCode, OfflineReadiness, Readiness, ShownAnswer};

/// An answer as codes.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShownView {
    /// Modules of a side, without the quiet zone.
    pub(crate) side: usize,
    /// A bit for each module, rows of whole bytes, in base64url; shown in this order, round and round.
    pub(crate) frames: Vec<String>,
    /// How many of them a reader needs.
    pub(crate) needed: usize,
    pub(crate) expires_at: u64,
}

impl ShownView {
    /// Draws them, which takes a while.
    pub(crate) fn of(shown: &ShownAnswer) -> Result<Self, WalletError> {
        let drawn = |frame| FrameCode::new(frame).map(|code| URL_SAFE_NO_PAD.encode(code.to_bits()));
        let frames: Result<Vec<String>, _> = shown.frames().iter().map(drawn).collect();
        Ok(Self {
            side: FrameCode::SIDE,
            frames: frames.map_err(|_| WalletError::new("unknown"))?,
            needed: shown.needed(),
            expires_at: shown.expires_at(),
        })
    }
}

/// What getting new proofs came to.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProofsView {
    /// How many status lists could not be read.
    pub(crate) failures: usize,
    /// Why the list of services stayed as it was; nothing where it is new.
    pub(crate) services_failed: Option<&'static str>,
}

/// Whether cards can be shown where there is no network.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfflineView {
    pub(crate) confirmed_at: Option<u64>,
    pub(crate) proofs: Readiness,
    /// What is publicly recorded was told to people in two ways.
    pub(crate) two_histories: bool,
}

impl From<OfflineReadiness> for OfflineView {
    fn from(readiness: OfflineReadiness) -> Self {
        Self {
            confirmed_at: readiness.confirmed_at,
            proofs: readiness.proofs,
            two_histories: readiness.two_histories,
        }
    }
}
