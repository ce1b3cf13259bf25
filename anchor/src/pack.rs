//! The trust pack as a file, which every program of the ledger begins with.

use std::path::Path;

use jose::UnixTime;
use ledger::{EcosystemLink, EcosystemLinkError, TrustPack, TrustPackError, UnverifiedTrustPack};
use url::Url;

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

/// A trust pack, and the file that it was read from.
#[derive(Clone, Debug)]
pub struct PackFile {
    /// The pack.
    pub pack: TrustPack,
    /// The file, for whoever wants to have it.
    pub bytes: Vec<u8>,
}

/// Reads and verifies a trust pack.
///
/// # Errors
/// [`PackError`]
pub fn load_pack(path: &Path, now: UnixTime) -> Result<TrustPack, PackError> {
    Ok(PackFile::load(path, now)?.pack)
}

impl PackFile {
    /// Reads and verifies a trust pack.
    ///
    /// # Errors
    /// [`PackError`]
    pub fn load(path: &Path, now: UnixTime) -> Result<Self, PackError> {
        let bytes = std::fs::read(path).map_err(|source| PackError::File {
            path: path.display().to_string(),
            source,
        })?;
        let pack = UnverifiedTrustPack::parse(&bytes)?.verify(None, now)?;
        Ok(Self { pack, bytes })
    }

    /// The link by which a wallet takes this pack from the log or mirror at an address. docs/ledger.md §9.3
    ///
    /// # Errors
    /// [`EcosystemLinkError::Address`], where that is no plain address of the web.
    pub fn link(&self, host: &Url) -> Result<EcosystemLink, EcosystemLinkError> {
        let mut pack = host.clone();
        if let Ok(mut path) = pack.path_segments_mut() {
            path.pop_if_empty().extend(["about", "trust-pack.json"]);
        }
        EcosystemLink::new(pack, self.pack.sha256())
    }
}
