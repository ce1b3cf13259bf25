use crate::camera::CameraFailure;
use crate::error::WalletError;
use serde::Serialize;

/// What the camera says.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum CameraEvent {
    /// A picture of what it sees.
    Frame { frame: Frame },
    /// The text of a code it sees.
    Code { text: String },
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

/// A picture for the viewfinder.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Frame {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// JPEG as a data URI.
    pub(crate) source: String,
}
