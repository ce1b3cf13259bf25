//! One wallet process per profile at a time.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// Held while a profile is open; the operating system lets go of it when the process ends,
/// however it ends.
#[derive(Debug)]
pub(crate) struct InstanceLock {
    _file: File,
}

/// Why a profile cannot be opened for itself alone.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstanceError {
    #[error("another wallet process has this profile open")]
    Busy,
    #[error("the profile folder cannot be written")]
    Io(#[source] std::io::Error),
}

impl InstanceLock {
    /// The file that is locked.
    pub(crate) fn path(folder: &Path) -> PathBuf {
        folder.join("vault.lock")
    }

    pub(crate) fn take(folder: &Path) -> Result<Self, InstanceError> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(Self::path(folder)).map_err(InstanceError::Io)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(InstanceError::Busy),
            Err(TryLockError::Error(error)) => Err(InstanceError::Io(error)),
        }
    }
}
