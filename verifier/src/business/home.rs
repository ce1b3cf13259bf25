//! Where the identities of businesses that were added are kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jose::UnixTime;
use ledger::Localized;
use service::files::write_atomically;
use url::Url;

use super::{Business, Kind};
use crate::check::{Check, checks_from_json};
use crate::identity::{ClientIdKind, Identity, IdentityFiles, Known, Made, MakeError, OpenError, make};

/// A folder for each business, and what all of them have from the service.
#[derive(Debug, Clone)]
pub struct Home {
    data_dir: PathBuf,
    public_url: Url,
    kind: ClientIdKind,
}

impl Home {
    /// Below the data folder of a service with this address. Requests name a business by its DID
    /// where those of the service's own do, and else by the hash of its certificate: by a host alone
    /// no two of one service could be told apart.
    pub fn new(data_dir: &Path, public_url: &Url, kind: ClientIdKind) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            public_url: public_url.clone(),
            kind: match kind {
                ClientIdKind::DecentralizedIdentifier => ClientIdKind::DecentralizedIdentifier,
                ClientIdKind::X509Hash | ClientIdKind::X509SanDns => ClientIdKind::X509Hash,
            },
        }
    }

    /// Makes DID and keys of a new business.
    pub(super) fn make(&self, id: &str, name: &Localized, now: UnixTime) -> Result<Made, MakeError> {
        make(&self.files(id), (id, name), &self.public_url, now)
    }

    /// Keeps a chain of certificates for a business, once it is of use.
    pub(super) fn keep_certificates(&self, id: &str, pem: &str, now: UnixTime) -> Result<(), OpenError> {
        let files = self.files(id);
        Identity::check_certificates(&files, pem, now)?;
        write_atomically(&files.certificate(), pem.as_bytes()).map_err(|source| OpenError::Write {
            path: files.certificate(),
            source,
        })
    }

    /// A business with these checks, as it is kept. Where its certificate is of no use, for example
    /// because it has run out, it waits for another.
    pub(super) fn open(&self, id: &str, checks: BTreeMap<String, Check>, now: UnixTime) -> Result<Business, OpenError> {
        let files = self.files(id);
        let identity = if files.certificate().exists() {
            let host = self.public_url.host_str().unwrap_or_default();
            match Identity::open(&files, self.kind, host, now) {
                Ok(identity) => Some(identity),
                Err(OpenError::Certificate(error)) => {
                    tracing::error!(business = id, %error, "a business waits for another certificate");
                    None
                }
                Err(error) => return Err(error),
            }
        } else {
            None
        };
        Ok(Business {
            id: id.to_owned(),
            kind: Kind::Added,
            known: Known::open(&files)?,
            identity,
            checks,
            registration: None,
            token: None,
        })
    }

    fn files(&self, id: &str) -> IdentityFiles {
        IdentityFiles::of_business(&self.data_dir, id)
    }
}

/// The checks of a business, as they are stored. Those that no longer hold a rule are not asked.
pub(super) fn stored_checks(id: &str, text: &str) -> BTreeMap<String, Check> {
    let read = serde_json::from_str(text)
        .ok()
        .and_then(|entries: Vec<serde_json::Value>| checks_from_json(&entries).ok());
    read.unwrap_or_else(|| {
        tracing::error!(business = id, "the stored checks of a business hold no longer");
        BTreeMap::new()
    })
}
