//! `vault.header`: what has to be known before the key, sealed so that edits are noticed.

use super::key::{KeyDerivationError, Stretching, seal_key};
use super::lockout::Lockout;
use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::path::Path;

/// The one version this wallet writes.
pub(crate) const HEADER_VERSION: u32 = 1;
const FILE: &str = "vault.header";
const MAX_BYTES: u64 = 16 * 1024;

/// Whether half of the key lies in the keyring. Chosen once, at set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// Passphrase or PIN, and a secret in the system keyring.
    Keyring,
    /// A passphrase alone.
    PasswordOnly,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub(crate) version: u32,
    pub(crate) vault_id: String,
    pub(crate) protection: Protection,
    pub(crate) salt: String,
    pub(crate) stretching: Stretching,
    pub(crate) check: String,
    pub(crate) lockout: Lockout,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SealedHeader {
    header: Header,
    seal: String,
}

/// Why the header cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// There is none: no wallet, or its header was deleted.
    #[error("there is no wallet in this folder")]
    Missing,
    /// It cannot be read as a header.
    #[error("the vault header is damaged")]
    Malformed,
    /// Written by a newer wallet.
    #[error("the vault was written by a newer wallet (version {found})")]
    NewerVersion {
        /// The version in the file.
        found: u32,
    },
    /// Somebody changed it.
    #[error("the vault header was altered")]
    Altered,
    /// The file system refused.
    #[error("the vault header cannot be read or written")]
    Io(#[source] std::io::Error),
}

impl From<KeyDerivationError> for HeaderError {
    fn from(_: KeyDerivationError) -> Self {
        Self::Malformed
    }
}

/// A header as read; only [`UnverifiedHeader::verify`] makes it usable.
pub(crate) struct UnverifiedHeader {
    header: Header,
    seal: Vec<u8>,
}

impl UnverifiedHeader {
    pub(crate) fn read(folder: &Path) -> Result<Self, HeaderError> {
        let path = folder.join(FILE);
        let size = match std::fs::metadata(&path) {
            Ok(meta) => meta.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(HeaderError::Missing);
            }
            Err(error) => return Err(HeaderError::Io(error)),
        };
        if size > MAX_BYTES {
            return Err(HeaderError::Malformed);
        }
        let bytes = std::fs::read(&path).map_err(HeaderError::Io)?;
        let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(|_| HeaderError::Malformed)?;
        let version = value["header"]["version"].as_u64().ok_or(HeaderError::Malformed)?;
        if version > u64::from(HEADER_VERSION) {
            return Err(HeaderError::NewerVersion {
                found: u32::try_from(version).unwrap_or(u32::MAX),
            });
        }
        let sealed: SealedHeader = serde_json::from_value(value).map_err(|_| HeaderError::Malformed)?;
        let seal = jose::base64url::decode(&sealed.seal).map_err(|_| HeaderError::Malformed)?;
        Ok(Self {
            header: sealed.header,
            seal,
        })
    }

    /// Where the other half of the key is, if there is one. Trusted only in so far as a wrong
    /// answer opens nothing: the seal made with the keyring's half fails without it.
    pub(crate) fn dangerous_protection(&self) -> Protection {
        self.header.protection
    }

    pub(crate) fn dangerous_vault_id(&self) -> &str {
        &self.header.vault_id
    }

    pub(crate) fn verify(self, half: Option<&[u8; 32]>) -> Result<Header, HeaderError> {
        let key = self.header.seal_key(half)?;
        hmac::verify(&key, &self.header.sealed_bytes()?, &self.seal).map_err(|_| HeaderError::Altered)?;
        Ok(self.header)
    }
}

impl Header {
    pub(crate) fn salt_bytes(&self) -> Result<Vec<u8>, HeaderError> {
        jose::base64url::decode(&self.salt).map_err(|_| HeaderError::Malformed)
    }

    /// Replaces the file in one step: after a crash there is the old one or the new one.
    pub(crate) fn write(&self, folder: &Path, half: Option<&[u8; 32]>) -> Result<(), HeaderError> {
        let key = self.seal_key(half)?;
        let seal = hmac::sign(&key, &self.sealed_bytes()?);
        let sealed = SealedHeader {
            header: self.clone(),
            seal: jose::base64url::encode(seal.as_ref()),
        };
        let bytes = serde_json::to_vec_pretty(&sealed).map_err(|_| HeaderError::Malformed)?;
        replace_file(&folder.join(FILE), &bytes).map_err(HeaderError::Io)
    }

    pub(crate) fn exists(folder: &Path) -> bool {
        folder.join(FILE).exists()
    }

    fn seal_key(&self, half: Option<&[u8; 32]>) -> Result<hmac::Key, HeaderError> {
        Ok(seal_key(&self.salt_bytes()?, half)?)
    }

    fn sealed_bytes(&self) -> Result<Vec<u8>, HeaderError> {
        serde_json::to_vec(self).map_err(|_| HeaderError::Malformed)
    }
}

fn replace_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let new = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}
