//! Who the business is: its DID, the key that signs requests, the access
//! certificate of that key.

mod certificate;
mod init;
mod made;

pub use certificate::{AccessCertificate, AccessCertificateError};
pub(crate) use certificate::{certificate_from_pem, day};
pub use init::{InitError, Initialised, Names, init};
pub(crate) use made::{Made, MakeError, make};

use std::path::{Path, PathBuf};

use did::identity::{IdentityError, KeysError, Organisation, OrganisationKeys};
use jose::{JwkError, SignError, Signer, SigningKey, UnixTime};
use ledger::Localized;
use oid4vp::{ClientId, ClientIdError, NewRequest, RequestSigner};
use serde::Deserialize;
use service::files::{PrivateFileError, read_private};
use url::Url;

/// Where the files of an identity are.
#[derive(Debug, Clone)]
pub struct IdentityFiles(PathBuf);

/// How requests name the business. OpenID4VP 1.0 §5.9.3
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientIdKind {
    /// By the hash of the access certificate, as HAIP 1.0 §5 demands.
    #[default]
    X509Hash,
    /// By the host of `public_url`, which the access certificate names.
    X509SanDns,
    /// By its DID.
    DecentralizedIdentifier,
}

/// The identity in use.
#[derive(Debug)]
pub struct Identity {
    did: String,
    log: String,
    kid: String,
    client_id: ClientId,
    chain: Vec<Vec<u8>>,
    certificate_hash: [u8; 32],
    signer: SigningKey,
    kind: ClientIdKind,
    name: Option<Localized>,
}

/// Why an identity cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The private keys cannot be read, or others may read them.
    #[error(transparent)]
    PrivateFile(#[from] PrivateFileError),
    /// A file cannot be read.
    #[error("{path} cannot be read: run init first")]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written")]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The key file is malformed.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Keys and log do not belong together.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The key cannot sign.
    #[error(transparent)]
    Key(#[from] JwkError),
    /// The access certificate is malformed, or of another key.
    #[error(transparent)]
    Certificate(#[from] AccessCertificateError),
    /// The DID cannot be a client identifier.
    #[error(transparent)]
    ClientId(#[from] ClientIdError),
}

impl IdentityFiles {
    /// Below the data folder.
    pub fn below(data_dir: &Path) -> Self {
        Self(data_dir.join("identity"))
    }

    /// Of a business that was added to the service. Its id is made of letters, digits and hyphens.
    pub(crate) fn of_business(data_dir: &Path, id: &str) -> Self {
        Self(data_dir.join("businesses").join(id))
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// Private keys; for the owner only.
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys.json")
    }

    /// The DID log.
    pub fn log(&self) -> PathBuf {
        self.0.join("did.jsonl")
    }

    /// The access certificate.
    pub fn certificate(&self) -> PathBuf {
        self.0.join("access.pem")
    }

    /// The registration certificate, where a registrar gave one. ETSI TS 119 475
    pub fn registration(&self) -> PathBuf {
        self.0.join("registration.jwt")
    }

    /// The authority that signed it, for wallets that do not use the ledger.
    pub fn authority(&self) -> PathBuf {
        self.0.join("access-ca.pem")
    }

    /// The bearer token of the interface; for the owner only.
    pub fn api_token(&self) -> PathBuf {
        self.0.join("api-token")
    }

    /// What goes to the registrar.
    pub fn application(&self) -> PathBuf {
        self.0.join("application.json")
    }
}

impl Identity {
    /// Opens the files that `init` made, for a service at this host.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn open(files: &IdentityFiles, kind: ClientIdKind, host: &str, now: UnixTime) -> Result<Self, OpenError> {
        let organisation = organisation(files)?;
        let (kid, key) = organisation.assertion_key()?;
        let certificate = AccessCertificate::from_pem(&read(&files.certificate())?, key.public(), now)?;
        let did = organisation.did().to_string();
        let client_id = match kind {
            ClientIdKind::X509Hash => ClientId::from_certificate_hash(certificate.sha256()),
            ClientIdKind::X509SanDns => certificate.client_id_of_host(host)?,
            ClientIdKind::DecentralizedIdentifier => ClientId::from_did(&did)?,
        };
        Ok(Self {
            did,
            kid: kid.to_string(),
            client_id,
            certificate_hash: certificate.sha256(),
            chain: certificate.into_chain(),
            signer: SigningKey::new(key)?,
            name: applied_name(files),
            log: organisation.log_file(),
            kind,
        })
    }

    /// Whether certificates are of use for the keys in these files.
    pub(crate) fn check_certificates(files: &IdentityFiles, pem: &str, now: UnixTime) -> Result<(), OpenError> {
        let organisation = organisation(files)?;
        let (_, key) = organisation.assertion_key()?;
        AccessCertificate::from_pem(pem, key.public(), now)?;
        Ok(())
    }

    /// The hash of its certificate, as the ledger lists it.
    pub(crate) fn certificate_hash(&self) -> &[u8; 32] {
        &self.certificate_hash
    }

    /// The DID.
    pub fn did(&self) -> &str {
        &self.did
    }

    /// The name under which the business applied; `None` where that file is gone.
    pub fn name(&self) -> Option<&Localized> {
        self.name.as_ref()
    }

    /// The DID log, as it is served.
    pub fn log(&self) -> &str {
        &self.log
    }

    /// The identifier in requests, and the audience of presentations.
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The key that signs challenges, and its fragment in the DID document, without `#`: the key
    /// under `assertionMethod`, whatever identifier requests over a network have.
    /// docs/offline-qr.md §2
    pub(crate) fn assertion(&self) -> (&str, &dyn Signer) {
        let fragment = self.kid.split_once('#').map_or("", |(_, fragment)| fragment);
        (fragment, &self.signer)
    }

    /// Signs a request object.
    ///
    /// # Errors
    /// [`SignError`]
    pub fn sign(&self, request: &NewRequest<'_>) -> Result<String, SignError> {
        let chain = self.chain.as_slice();
        match self.kind {
            ClientIdKind::X509Hash | ClientIdKind::X509SanDns => request.sign(&RequestSigner::Certificate {
                chain,
                signer: &self.signer,
            }),
            ClientIdKind::DecentralizedIdentifier => request.sign(&RequestSigner::Did {
                kid: &self.kid,
                signer: &self.signer,
            }),
        }
    }
}

/// What is known of an organisation without its certificate.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) did: String,
    pub(crate) log: String,
    pub(crate) name: Option<Localized>,
}

impl Known {
    /// Reads it from files.
    pub(crate) fn open(files: &IdentityFiles) -> Result<Self, OpenError> {
        let organisation = organisation(files)?;
        Ok(Self {
            did: organisation.did().to_string(),
            log: organisation.log_file(),
            name: applied_name(files),
        })
    }

    /// The same of an identity in use.
    pub(crate) fn of(identity: &Identity) -> Self {
        Self {
            did: identity.did.clone(),
            log: identity.log.clone(),
            name: identity.name.clone(),
        }
    }
}

/// Host and port of an address as they stand in a DID; `None` where it has no host.
/// did:webvh 1.0
fn location(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    let port = url.port().map_or_else(String::new, |port| format!("%3A{port}"));
    Some(format!("{host}{port}"))
}

fn organisation(files: &IdentityFiles) -> Result<Organisation, OpenError> {
    let keys = OrganisationKeys::from_json(&read_private(&files.keys())?)?;
    Ok(Organisation::open(keys, &read(&files.log())?)?)
}

/// The application is not needed to serve, so it may be missing.
fn applied_name(files: &IdentityFiles) -> Option<Localized> {
    #[derive(Deserialize)]
    struct Application {
        name: Localized,
    }
    let text = std::fs::read_to_string(files.application()).ok()?;
    serde_json::from_str::<Application>(&text)
        .ok()
        .map(|application| application.name)
}

fn read(path: &Path) -> Result<String, OpenError> {
    std::fs::read_to_string(path).map_err(|source| OpenError::Read {
        path: path.to_owned(),
        source,
    })
}
