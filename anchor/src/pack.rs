//! The trust pack as a file, which every program of the ledger begins with.

use std::path::Path;

use jose::UnixTime;
use ledger::{TrustPack, TrustPackError, UnverifiedTrustPack};

/// Why a trust pack cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// The file cannot be read.
    #[error("trust_pack: {path} cannot be read")]
    File {
        /// The file.
        path: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// It is none, has expired, or does not verify.
    #[error("trust_pack: {0}")]
    Pack(#[from] TrustPackError),
}

/// Reads and verifies a trust pack.
///
/// # Errors
/// [`PackError`]
pub fn load_pack(path: &Path, now: UnixTime) -> Result<TrustPack, PackError> {
    let bytes = std::fs::read(path).map_err(|source| PackError::File {
        path: path.display().to_string(),
        source,
    })?;
    Ok(UnverifiedTrustPack::parse(&bytes)?.verify(None, now)?)
}
