//! One process per data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// Holds the data folder for this process. Released when dropped, and by the
/// operating system when the process dies.
#[derive(Debug)]
pub struct InstanceLock {
    _file: File,
}

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstanceLockError {
    /// Another process uses it.
    #[error("another process uses the data folder {0}")]
    Held(String),
    /// It cannot be written.
    #[error("the data folder {folder} cannot be used")]
    Io {
        /// The folder.
        folder: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

impl InstanceLock {
    /// Takes the folder, making it where it does not exist.
    ///
    /// # Errors
    /// [`InstanceLockError`]: held by another process, or not writable.
    pub fn acquire(folder: &Path) -> Result<Self, InstanceLockError> {
        let io = |source| InstanceLockError::Io {
            folder: folder.display().to_string(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(io)?;
        let path = folder.join("instance.lock");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(InstanceLockError::Held(folder.display().to_string())),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{InstanceLock, InstanceLockError};

    #[test]
    fn k5_a_second_instance_is_refused_until_the_first_ends() {
        let folder = tempfile::tempdir().unwrap();
        let first = InstanceLock::acquire(folder.path()).unwrap();
        assert!(matches!(
            InstanceLock::acquire(folder.path()),
            Err(InstanceLockError::Held(_))
        ));
        drop(first);
        assert!(InstanceLock::acquire(folder.path()).is_ok());
    }
}
