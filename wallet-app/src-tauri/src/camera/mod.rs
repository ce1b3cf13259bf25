//! The camera. The web view never asks for it: the wallet reads it itself and hands over small
//! pictures for the viewfinder and what the codes come to. Nothing is stored, nothing is sent.

#[cfg(test)]
mod drawn;
mod folder;
mod gathering;
mod picture;
mod preview;
#[cfg(target_os = "linux")]
mod v4l2;
mod worker;

pub(crate) use gathering::Gathering;
pub(crate) use picture::{PictureProblem, read_picture};

use crate::dto::CameraEvent;
use image::RgbImage;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Gives one picture after the other.
pub(crate) trait Frames {
    /// Waits for the next one.
    fn next(&mut self) -> Result<RgbImage, CameraFailure>;
}

/// Why there are no pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CameraFailure {
    /// There is none, or none that gives pictures this wallet reads.
    #[error("there is no camera")]
    Missing,
    /// The system does not let this person use it.
    #[error("the camera may not be used")]
    Denied,
    /// Another program has it.
    #[error("another program uses the camera")]
    Busy,
    /// It went away while it was used.
    #[error("the camera went away")]
    Lost,
}

impl CameraFailure {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Missing => "camera_missing",
            Self::Denied => "camera_denied",
            Self::Busy => "camera_busy",
            Self::Lost => "camera_lost",
        }
    }
}

/// Where pictures come from.
#[derive(Clone, Debug)]
enum Source {
    /// A camera of this machine.
    Device,
    /// Pictures in a folder, for trying out where there is no camera.
    Folder(PathBuf),
}

/// At most one camera runs at a time.
#[derive(Debug)]
pub(crate) struct Camera {
    source: Source,
    last: Mutex<Option<Running>>,
}

/// A camera that runs, or was told to stop.
#[derive(Debug)]
struct Running {
    wanted: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Running {
    fn stop(&self) {
        self.wanted.store(false, Ordering::Relaxed);
    }
}

impl Camera {
    /// The camera of the machine, or a folder that stands for it.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self {
            source: folder.map_or(Source::Device, Source::Folder),
            last: Mutex::new(None),
        }
    }

    /// Whether there is one; it may still be denied or busy.
    pub(crate) fn is_there(&self) -> bool {
        match &self.source {
            Source::Folder(folder) => folder.is_dir(),
            #[cfg(target_os = "linux")]
            Source::Device => v4l2::is_there(),
            #[cfg(not(target_os = "linux"))]
            Source::Device => false,
        }
    }

    /// Starts it; one that runs is stopped. What it sees goes to `sink`, until it is stopped or has
    /// failed.
    pub(crate) fn start(&self, sink: impl Fn(CameraEvent) + Send + 'static) {
        let mut last = self.lock();
        let before = last.take().inspect(Running::stop);
        let wanted = Arc::new(AtomicBool::new(true));
        let (source, still_wanted) = (self.source.clone(), Arc::clone(&wanted));
        let thread = std::thread::spawn(move || {
            // The device is free only when the last one has let go of it.
            if let Some(before) = before {
                let _ = before.thread.join();
            }
            worker::run(|| source.open(), &still_wanted, &sink);
        });
        *last = Some(Running { wanted, thread });
    }

    /// Stops it; it lets go of the device within a frame.
    pub(crate) fn stop(&self) {
        if let Some(running) = self.lock().as_ref() {
            running.stop();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source {
    fn open(&self) -> Result<Box<dyn Frames>, CameraFailure> {
        match self {
            Self::Folder(folder) => Ok(Box::new(folder::Folder::open(folder)?)),
            #[cfg(target_os = "linux")]
            Self::Device => Ok(Box::new(v4l2::Device::open()?)),
            #[cfg(not(target_os = "linux"))]
            Self::Device => Err(CameraFailure::Missing),
        }
    }
}
