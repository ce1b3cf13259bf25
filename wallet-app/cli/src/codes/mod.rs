//! Challenges in from pictures and videos, answers out as pictures or a video. docs/offline-qr.md §4

mod read;
mod video;
mod write;

pub(crate) use read::challenge_in;
pub(crate) use write::{Density, Target};
