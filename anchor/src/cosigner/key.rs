use std::path::{Path, PathBuf};

use clap::Args;
use service::files::{PrivateFileError, read_private, write_private};
use thiserror::Error;
use tlog::{Cosigner, CosignerKey, KeyName, SecretKeyError};
use zeroize::Zeroizing;

/// Makes a key for a witness or mirror.
#[derive(Debug, Args)]
pub struct Keygen {
    /// The name that stands in front of every cosignature, such as `witness.example/w1`.
    #[arg(long)]
    name: KeyName,
    /// Where the secret key is written, readable by its owner only. Nothing is overwritten.
    #[arg(long)]
    out: PathBuf,
}

impl Keygen {
    /// The same as on the command line.
    #[must_use]
    pub fn new(name: KeyName, out: PathBuf) -> Self {
        Self { name, out }
    }

    /// Makes the key, writes the secret part and returns the public part.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn make(&self) -> Result<CosignerKey, KeyFileError> {
        let path = self.out.display().to_string();
        if self.out.exists() {
            return Err(KeyFileError::Exists(path));
        }
        let mut seed = Zeroizing::new([0; 32]);
        service::random::fill(seed.as_mut());
        let invalid = |source| KeyFileError::Secret {
            path: path.clone(),
            source,
        };
        let cosigner = Cosigner::from_seed(self.name.clone(), &seed).map_err(invalid)?;
        let secret = cosigner.dangerous_secret_text().map_err(invalid)?;
        let text = Zeroizing::new(format!("{}\n", secret.dangerous_as_str()));
        write_private(&self.out, text.as_bytes()).map_err(|source| KeyFileError::Write { path, source })?;
        Ok(cosigner.verifier_key().clone())
    }
}

/// Reads a cosigner's key from a file that only its owner may read.
///
/// # Errors
/// When it is missing, readable by others, or no cosigner's key.
pub fn load_key(path: &Path) -> Result<Cosigner, KeyFileError> {
    let text = Zeroizing::new(read_private(path)?);
    let secret = |source| KeyFileError::Secret {
        path: path.display().to_string(),
        source,
    };
    let text = std::str::from_utf8(&text).map_err(|_| secret(SecretKeyError::Shape))?;
    Cosigner::from_secret_text(text).map_err(secret)
}

/// Why a key file cannot be made or used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// Missing, or readable by others than its owner.
    #[error("key_file: {0}")]
    File(#[from] PrivateFileError),
    /// No secret key of a cosigner.
    #[error("key_file: {path}: {source}")]
    Secret {
        /// The file.
        path: String,
        /// What is wrong with it.
        source: SecretKeyError,
    },
    /// There is a file already, and a key once lost does not come back.
    #[error("{0} exists")]
    Exists(String),
    /// The file cannot be written.
    #[error("{path} cannot be written")]
    Write {
        /// The file.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
}
