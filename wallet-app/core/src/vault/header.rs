//! `vault.header`: what has to be known before the key, sealed so that edits are noticed.

use super::key::{KeyDerivationError, SecretKind, Stretching, seal_key};
use super::lockout::Lockout;
use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The version that new headers have. One of version 1 becomes one of version 2 when it is opened.
pub(crate) const HEADER_VERSION: u32 = 2;
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

/// Members that one version has and the other has not are left out where they are not: the seal is
/// over the JSON as that version writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub(crate) version: u32,
    pub(crate) vault_id: String,
    pub(crate) protection: Protection,
    /// What the person is asked for. Since version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<SecretKind>,
    /// How often the PIN was changed: with the keyring's count an older header is noticed.
    /// Since version 2.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) changes: u64,
    pub(crate) salt: String,
    pub(crate) stretching: Stretching,
    /// Version 1 made the database's key from the passphrase, and knew a wrong one by this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) check: Option<String>,
    /// The database's key, wrapped. Since version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) wrapped_key: Option<String>,
    pub(crate) lockout: Lockout,
}

/// How the database's key comes out of a header.
pub(crate) enum KeyInHeader<'a> {
    /// It is made from the passphrase; this knows a wrong one.
    Derived {
        /// What the right passphrase gives.
        check: &'a str,
    },
    /// It is wrapped.
    Wrapped(&'a str),
}

fn is_zero(count: &u64) -> bool {
    *count == 0
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

    /// The header before its seal was checked: to be shown and for nothing else.
    pub(crate) fn dangerous_header(&self) -> &Header {
        &self.header
    }

    pub(crate) fn verify(self, half: Option<&[u8; 32]>) -> Result<Header, HeaderError> {
        let key = self.header.seal_key(half)?;
        hmac::verify(&key, &self.header.sealed_bytes()?, &self.seal).map_err(|_| HeaderError::Altered)?;
        Ok(self.header)
    }
}

impl Header {
    /// What the person is asked for; version 1 did not say.
    pub(crate) fn kind(&self) -> SecretKind {
        self.kind.unwrap_or(match self.protection {
            Protection::Keyring => SecretKind::Pin,
            Protection::PasswordOnly => SecretKind::Passphrase,
        })
    }

    pub(crate) fn key(&self) -> Result<KeyInHeader<'_>, HeaderError> {
        match (self.version, &self.check, &self.wrapped_key) {
            (1, Some(check), None) => Ok(KeyInHeader::Derived { check }),
            (2, None, Some(wrapped)) => Ok(KeyInHeader::Wrapped(wrapped)),
            _ => Err(HeaderError::Malformed),
        }
    }

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

    /// Removes it, and what a crash left of a new one.
    pub(crate) fn remove(folder: &Path) -> std::io::Result<()> {
        remove_file(&folder.join(FILE))?;
        remove_file(&new_file(&folder.join(FILE)))
    }

    fn seal_key(&self, half: Option<&[u8; 32]>) -> Result<hmac::Key, HeaderError> {
        Ok(seal_key(&self.salt_bytes()?, half)?)
    }

    fn sealed_bytes(&self) -> Result<Vec<u8>, HeaderError> {
        serde_json::to_vec(self).map_err(|_| HeaderError::Malformed)
    }
}

/// Removes a file; that there is none is as good.
pub(crate) fn remove_file(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn new_file(path: &Path) -> PathBuf {
    path.with_extension("new")
}

fn replace_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let new = new_file(path);
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
