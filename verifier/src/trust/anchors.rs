//! Trust anchors from a folder of PEM files, for issuers that the ledger does
//! not know. Beside `NAME.pem` may stand `NAME.aggregation`: one address a
//! line, of a status list aggregation of such an issuer. For an issuer that a
//! check names by URL, that URL stands before the address.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jose::x5c::{ChainError, TrustAnchors};
use sd_jwt::IssuerUrl;
use url::Url;

use super::ListOwner;

/// The trust anchors of the folder.
#[derive(Debug, Clone, Default)]
pub struct AnchorSet {
    all: TrustAnchors,
    by_file: BTreeMap<String, TrustAnchors>,
    aggregations: Vec<(ListOwner, Url)>,
}

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorError {
    /// The folder or a file cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A file is not PEM with a certificate.
    #[error("{path}: {source}")]
    Anchor {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: ChainError,
    },
    /// A line is neither an address nor an issuer and an address.
    #[error("{0} holds a line that is no address")]
    Aggregation(PathBuf),
}

impl AnchorSet {
    /// Reads every `*.pem` and `*.aggregation` of a folder; a folder that is
    /// not there holds none.
    ///
    /// # Errors
    /// [`AnchorError`], which names the file.
    pub fn load(folder: &Path) -> Result<Self, AnchorError> {
        let mut set = Self::default();
        let mut texts = Vec::new();
        for path in files(folder)? {
            let name = path
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned())
                .unwrap_or_default();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("pem") => {
                    let text = read(&path)?;
                    let anchors = TrustAnchors::from_pem([&text]).map_err(|source| AnchorError::Anchor {
                        path: path.clone(),
                        source,
                    })?;
                    set.by_file.insert(name, anchors);
                    texts.push(text);
                }
                Some("aggregation") => set.aggregations.extend(addresses(&path)?),
                _ => {}
            }
        }
        set.all = TrustAnchors::from_pem(texts).map_err(|source| AnchorError::Anchor {
            path: folder.to_owned(),
            source,
        })?;
        Ok(set)
    }

    /// The anchors of one file, or all; `None` for a file that is not there.
    pub fn anchors(&self, file: Option<&str>) -> Option<&TrustAnchors> {
        match file {
            None => Some(&self.all),
            Some(name) => self.by_file.get(name),
        }
    }

    /// Where the status lists of issuers are named that the ledger does not know,
    /// and whose they are.
    pub fn aggregations(&self) -> &[(ListOwner, Url)] {
        &self.aggregations
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, AnchorError> {
    let error = |source| AnchorError::Read {
        path: folder.to_owned(),
        source,
    };
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut paths = std::fs::read_dir(folder)
        .map_err(error)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(error)?;
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<Vec<u8>, AnchorError> {
    std::fs::read(path).map_err(|source| AnchorError::Read {
        path: path.to_owned(),
        source,
    })
}

fn addresses(path: &Path) -> Result<Vec<(ListOwner, Url)>, AnchorError> {
    let text = String::from_utf8(read(path)?).map_err(|_| AnchorError::Aggregation(path.to_owned()))?;
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| aggregation(line).ok_or_else(|| AnchorError::Aggregation(path.to_owned())))
        .collect()
}

fn aggregation(line: &str) -> Option<(ListOwner, Url)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (owner, address) = match words[..] {
        [address] => (ListOwner::Foreign, address),
        [issuer, address] => {
            let issuer = IssuerUrl::parse(issuer).ok()?;
            (ListOwner::Issuer(issuer.as_str().to_owned()), address)
        }
        _ => return None,
    };
    Some((owner, Url::parse(address).ok()?))
}
