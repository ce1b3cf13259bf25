use crate::camera::CameraFailure;
use crate::error::WalletError;
use serde::Serialize;
use wallet::{Progress, ProgressState};

/// What codes came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum Seen {
    /// The text of a code.
    Code { text: String },
    /// Some parts of a challenge.
    Parts { parts: Parts },
    /// All of a challenge, in base64url.
    Challenge { challenge: String },
}

/// How far a challenge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Parts {
    /// Different ones, at most `needed`.
    pub(crate) received: usize,
    pub(crate) needed: usize,
    /// There are enough, and one of them is damaged: more of them mend it.
    pub(crate) altered: bool,
}

impl Parts {
    pub(crate) fn of(progress: &Progress) -> Self {
        Self {
            received: progress.received,
            needed: progress.needed,
            altered: progress.state == ProgressState::Altered,
        }
    }
}

/// What the camera says.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum CameraEvent {
    /// A picture of what it sees.
    Frame { frame: Frame },
    /// The text of a code it sees.
    Code { text: String },
    /// Some parts of a challenge.
    Parts { parts: Parts },
    /// All of a challenge, in base64url.
    Challenge { challenge: String },
    /// Why it sees nothing any more.
    Failed { error: WalletError },
}

impl CameraEvent {
    pub(crate) fn failed(failure: CameraFailure) -> Self {
        Self::Failed {
            error: WalletError::new(failure.code()),
        }
    }
}

impl From<Seen> for CameraEvent {
    fn from(seen: Seen) -> Self {
        match seen {
            Seen::Code { text } => Self::Code { text },
            Seen::Parts { parts } => Self::Parts { parts },
            Seen::Challenge { challenge } => Self::Challenge { challenge },
        }
    }
}

/// A picture for the viewfinder.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Frame {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// JPEG as a data URI.
    pub(crate) source: String,
}
