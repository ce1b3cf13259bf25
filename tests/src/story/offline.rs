//! A check without a network, between two of its steps.

use std::path::PathBuf;

use crate::kiosk::Kiosk;
use crate::stack::Device;

/// The shop's device, and what happens at it.
#[derive(Debug)]
pub struct Offline {
    /// The device.
    pub device: Device,
    /// Its desk, with a question, once it was asked.
    pub asked: Option<AtDesk>,
    /// Where the wallet shows its answer.
    pub shown: PathBuf,
}

/// A question that waits for its answer.
#[derive(Debug)]
pub struct AtDesk {
    /// The desk.
    pub kiosk: Kiosk,
    /// The session.
    pub session: String,
}
