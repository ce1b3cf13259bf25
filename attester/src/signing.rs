//! The key that attests.

use std::path::{Path, PathBuf};

use jose::x5c::{ChainError, UnverifiedChain};
use jose::{JwkError, JwkSet, JwsHeader, PrivateJwk, PublicJwk, Signer, SigningKey, base64url};
use serde_json::Value;
use service::files::{PrivateFileError, read_private, write_private};

/// The signing key and what names it.
pub struct Signing {
    key: SigningKey,
    public: PublicJwk,
    chain: Option<Value>,
}

/// Why there is no signing key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// There is one already.
    #[error("there is a key in {0} already")]
    Exists(PathBuf),
    /// The key file is missing or readable by others.
    #[error(transparent)]
    Private(#[from] PrivateFileError),
    /// A file cannot be read or written.
    #[error("a file of the attester cannot be read or written")]
    Io(#[from] std::io::Error),
    /// The key file holds no key.
    #[error("the key is malformed")]
    Malformed,
    /// The key cannot sign.
    #[error(transparent)]
    Key(#[from] JwkError),
    /// The chain holds no certificate, or one that is malformed.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Signing {
    /// Makes a key in the data folder.
    pub fn create(data_dir: &Path) -> Result<Self, SigningError> {
        let path = key_file(data_dir);
        if path.exists() {
            return Err(SigningError::Exists(path));
        }
        let key = PrivateJwk::generate_p256(&mut service::random::fill);
        write_private(&path, key.dangerous_to_value().to_string().as_bytes())?;
        Self::open(data_dir, None)
    }

    /// Reads the key, and the chain where there is one.
    pub fn open(data_dir: &Path, chain: Option<&Path>) -> Result<Self, SigningError> {
        let bytes = read_private(&key_file(data_dir))?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| SigningError::Malformed)?;
        let key = PrivateJwk::from_value(&value)?;
        let kid = base64url::encode(key.public().thumbprint());
        Ok(Self {
            public: key.public().clone().with_kid(kid),
            key: SigningKey::new(&key)?,
            chain: chain.map(read_chain).transpose()?,
        })
    }

    /// Signs.
    #[must_use]
    pub fn signer(&self) -> &dyn Signer {
        &self.key
    }

    /// A header that names the key: by `kid` for those who know it, by its chain for those who know the anchor.
    #[must_use]
    pub fn header(&self) -> JwsHeader {
        let header = JwsHeader::new(self.key.algorithm()).with_kid(self.public.kid().unwrap_or_default());
        match &self.chain {
            Some(chain) => header.with_x5c(chain.clone()),
            None => header,
        }
    }

    /// The public key as a JSON Web Key Set, for issuers to trust.
    #[must_use]
    pub fn key_set(&self) -> Value {
        JwkSet::new(vec![self.public.clone()]).to_value()
    }
}

impl std::fmt::Debug for Signing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signing")
            .field("key", &self.public)
            .finish_non_exhaustive()
    }
}

fn key_file(data_dir: &Path) -> PathBuf {
    data_dir.join("attester.jwk")
}

/// The certificates of a PEM file as an `x5c` value: between its lines, PEM is what `x5c` wants. RFC 7468 §5.1
fn read_chain(path: &Path) -> Result<Value, SigningError> {
    let text = std::fs::read_to_string(path)?;
    let certificates = text.split("-----BEGIN CERTIFICATE-----").skip(1);
    let chain: Value = certificates
        .map(|rest| {
            let body = rest.split("-----END").next().unwrap_or_default();
            body.chars().filter(|c| !c.is_whitespace()).collect::<String>()
        })
        .collect();
    UnverifiedChain::parse(&chain)?;
    Ok(chain)
}
