//! Files that must be whole and files that must be private.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Largest key or configuration file that is read.
const LARGEST: u64 = 1024 * 1024;

/// Why a private file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrivateFileError {
    /// Others than the owner may read or write it.
    #[error("{0} may be read or written by others than its owner: set mode 0600")]
    Permissions(String),
    /// It cannot be read.
    #[error("{path} cannot be read")]
    Io {
        /// The file.
        path: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

/// Reads a file that only its owner may read, such as a key.
///
/// # Errors
/// [`PrivateFileError::Permissions`] if others have access.
pub fn read_private(path: &Path) -> Result<Vec<u8>, PrivateFileError> {
    let io = |source| PrivateFileError::Io {
        path: path.display().to_string(),
        source,
    };
    let file = File::open(path).map_err(io)?;
    let mode = file.metadata().map_err(io)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(PrivateFileError::Permissions(path.display().to_string()));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

/// Writes a file that only its owner may read, whole or not at all, durably.
///
/// # Errors
/// The error of the file system.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes, 0o600)
}

/// Writes a file whole or not at all, durably: a temporary file beside it is
/// synced, renamed over it, and the folder is synced.
///
/// # Errors
/// The error of the file system.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes, 0o644)
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let temporary = folder.join(format!(".{}.tmp", crate::random::id()));
    let result = write_and_rename(&temporary, path, bytes, mode);
    if result.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    result?;
    File::open(folder)?.sync_all()
}

fn write_and_rename(temporary: &Path, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(temporary)?;
    file.set_permissions(Permissions::from_mode(mode))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(temporary, path)
}

#[cfg(test)]
mod tests {
    use super::{PrivateFileError, read_private, write_atomically, write_private};

    #[test]
    fn a_private_file_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/log.key");
        write_private(&path, b"one").unwrap();
        write_private(&path, b"two").unwrap();
        assert_eq!(read_private(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path().join("keys")).unwrap().count(), 1);
    }

    #[test]
    fn k18_a_key_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.key");
        write_atomically(&path, b"one").unwrap();
        assert!(matches!(read_private(&path), Err(PrivateFileError::Permissions(_))));
    }

    #[test]
    fn k18_a_missing_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = read_private(&folder.path().join("log.key")).unwrap_err();
        assert!(
            matches!(&error, PrivateFileError::Io { path, .. } if path.ends_with("log.key")),
            "{error}"
        );
    }
}
