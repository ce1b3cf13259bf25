//! The files of an identity, under `identity/` in the data folder.
//!
//! `keys.json` and the authority's key are readable by their owner alone. A change touches several files; it is
//! first written whole to `pending.json`, so that a crash between two files leaves no key without its log line.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use did::identity::{IdentityError, KeysError, OldKey, Organisation, OrganisationKeys};
use jose::UnixTime;
use serde::{Deserialize, Serialize};
use service::files::{PrivateFileError, read_private, write_atomically, write_private};

use super::application::Application;
use super::certificates::{Authority, CertificateError, is_certified, lasts};
use crate::config::{Settings, Trust};
use crate::day::{self, DayError};

/// Where the files of an identity are.
#[derive(Debug, Clone)]
pub struct IdentityFiles {
    folder: PathBuf,
}

/// Why an identity cannot be made, read or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityFilesError {
    /// There is an identity already.
    #[error("there is an identity in {0} already")]
    Exists(PathBuf),
    /// There is no identity yet.
    #[error("there is no identity in {0}: run init first")]
    Missing(PathBuf),
    /// A change is being made at this moment.
    #[error("the identity is being changed")]
    Changing,
    /// A private file is missing or readable by others.
    #[error(transparent)]
    Private(#[from] PrivateFileError),
    /// A file cannot be read or written.
    #[error("a file of the identity cannot be read or written")]
    Io(#[from] std::io::Error),
    /// A file is not what it should be.
    #[error("{0} is malformed")]
    Malformed(&'static str),
    /// The keys are malformed.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The log and the keys do not belong together, or no line can be made.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// No certificate can be made.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// What the authority certifies is not good: it has run out itself, or signs with another key.
    #[error("what is certified by the authority is not good: it has run out, or its key is another")]
    Authority,
    /// The clock shows a time beyond the calendar.
    #[error(transparent)]
    Day(#[from] DayError),
}

/// A change that is written in several files.
#[derive(Serialize, Deserialize)]
struct Pending {
    keys: serde_json::Value,
    log: String,
    chain: Vec<String>,
}

impl IdentityFiles {
    /// The files in this data folder.
    #[must_use]
    pub fn new(data_dir: &Path) -> Self {
        Self {
            folder: data_dir.join("identity"),
        }
    }

    /// Makes an identity: keys, DID, certificate chain, application.
    pub fn create(&self, settings: &Settings, now: UnixTime) -> Result<Organisation, IdentityFilesError> {
        if self.path(KEYS).exists() || self.path(PENDING).exists() {
            return Err(IdentityFilesError::Exists(self.folder.clone()));
        }
        let organisation = Organisation::create(&location(settings), now, &mut service::random::fill)?;
        let authority = self.make_or_read_authority(settings, now)?;
        write_private(&self.nonce_key(), &service::random::bytes::<32>())?;
        self.store(&organisation, &authority, settings, now)?;
        let application = serde_json::to_vec_pretty(&Application::new(&organisation, settings))
            .map_err(|_| IdentityFilesError::Malformed(APPLICATION))?;
        write_atomically(&self.path(APPLICATION), &application)?;
        Ok(organisation)
    }

    /// Reads the identity, and finishes a change that was cut off.
    pub fn open(&self) -> Result<(Organisation, Vec<Vec<u8>>), IdentityFilesError> {
        self.finish_pending()?;
        self.read()
    }

    /// Reads the identity, and leaves a change that is being made to whoever makes it.
    pub fn read(&self) -> Result<(Organisation, Vec<Vec<u8>>), IdentityFilesError> {
        if self.path(PENDING).exists() {
            return Err(IdentityFilesError::Changing);
        }
        if !self.path(KEYS).exists() {
            return Err(IdentityFilesError::Missing(self.folder.clone()));
        }
        let keys = OrganisationKeys::from_json(&read_private(&self.path(KEYS))?)?;
        let log = std::fs::read_to_string(self.path(LOG))?;
        let chain: Vec<String> = serde_json::from_slice(&std::fs::read(self.path(CHAIN))?)
            .map_err(|_| IdentityFilesError::Malformed(CHAIN))?;
        let chain = chain
            .iter()
            .map(|text| STANDARD.decode(text).map_err(|_| IdentityFilesError::Malformed(CHAIN)))
            .collect::<Result<_, _>>()?;
        Ok((Organisation::open(keys, &log)?, chain))
    }

    /// Lets a fresh key sign from now on. The new line of the log still has to be anchored.
    pub fn rotate(&self, settings: &Settings, old: OldKey, now: UnixTime) -> Result<Organisation, IdentityFilesError> {
        let (mut organisation, _) = self.open()?;
        let authority = self.make_or_read_authority(settings, now)?;
        organisation.rotate_assertion_key(old, now, &mut service::random::fill)?;
        self.store(&organisation, &authority, settings, now)?;
        Ok(organisation)
    }

    /// Has the key certified anew where its certificate runs out before what is signed with it today, or is of another
    /// key; says whether that was needed. Keys and log are not touched, so a change of them that is under way stands;
    /// where it gave another key meanwhile, that one is certified. Below an authority that has run out it is done once
    /// for each time that a certificate lasts, and told each time: [`IdentityFilesError::Authority`].
    pub fn renew_certificate(&self, settings: &Settings, now: UnixTime) -> Result<bool, IdentityFilesError> {
        for renewed in 0..RENEWALS {
            let (organisation, chain) = self.read()?;
            let (_, key) = organisation.assertion_key()?;
            let certificate = std::fs::read_to_string(self.authority_files(settings).0)?;
            if is_certified(&certificate, &chain, key.public(), now) {
                return Ok(renewed > 0);
            }
            let authority = self.read_authority(settings)?;
            let fresh = certified(&organisation, &authority, settings, now)?;
            if lasts(&chain, key.public(), now) && !is_certified(&certificate, &fresh, key.public(), now) {
                return Err(IdentityFilesError::Authority);
            }
            let fresh = serde_json::to_vec(&as_kept(&fresh)).map_err(|_| IdentityFilesError::Malformed(CHAIN))?;
            write_atomically(&self.path(CHAIN), &fresh)?;
        }
        Ok(true)
    }

    /// The certificate that others trust this issuer by.
    #[must_use]
    pub fn authority_certificate(&self) -> PathBuf {
        self.path(AUTHORITY)
    }

    /// The key behind the nonces of this issuer.
    #[must_use]
    pub fn nonce_key(&self) -> PathBuf {
        self.path(NONCE_KEY)
    }

    /// The file for the registrar.
    #[must_use]
    pub fn application(&self) -> PathBuf {
        self.path(APPLICATION)
    }

    /// Something that differs after every change; nothing where a file is missing.
    #[must_use]
    pub fn stamp(&self) -> Option<std::time::SystemTime> {
        let changed = |name| {
            std::fs::metadata(self.path(name))
                .and_then(|metadata| metadata.modified())
                .ok()
        };
        let times: Option<Vec<_>> = [KEYS, LOG, CHAIN].into_iter().map(changed).collect();
        times?.into_iter().chain(changed(PENDING)).max()
    }

    fn make_or_read_authority(&self, settings: &Settings, now: UnixTime) -> Result<Authority, IdentityFilesError> {
        let (certificate, key) = self.authority_files(settings);
        if settings.own.ca.is_none() && !key.exists() {
            let name = settings.own.name.get("en").map_or("Agency", String::as_str);
            let authority = Authority::create(name, country(settings), day::date(now)?)?;
            write_private(&key, authority.dangerous_key_pem().as_bytes())?;
            write_atomically(&certificate, authority.certificate_pem().as_bytes())?;
            return Ok(authority);
        }
        self.read_authority(settings)
    }

    /// Where certificate and key of the authority are.
    fn authority_files(&self, settings: &Settings) -> (PathBuf, PathBuf) {
        match &settings.own.ca {
            Some(files) => (files.certificate.clone(), files.key.clone()),
            None => (self.path(AUTHORITY), self.path(AUTHORITY_KEY)),
        }
    }

    fn read_authority(&self, settings: &Settings) -> Result<Authority, IdentityFilesError> {
        let (certificate, key) = self.authority_files(settings);
        let key = String::from_utf8(read_private(&key)?).map_err(|_| IdentityFilesError::Malformed(AUTHORITY_KEY))?;
        Ok(Authority::from_pem(&std::fs::read_to_string(certificate)?, &key)?)
    }

    fn store(
        &self,
        organisation: &Organisation,
        authority: &Authority,
        settings: &Settings,
        now: UnixTime,
    ) -> Result<(), IdentityFilesError> {
        let pending = Pending {
            keys: organisation.keys().dangerous_to_json(),
            log: organisation.log_file(),
            chain: as_kept(&certified(organisation, authority, settings, now)?),
        };
        let bytes = serde_json::to_vec(&pending).map_err(|_| IdentityFilesError::Malformed(PENDING))?;
        write_private(&self.path(PENDING), &bytes)?;
        self.finish_pending()
    }

    fn finish_pending(&self) -> Result<(), IdentityFilesError> {
        let path = self.path(PENDING);
        if !path.exists() {
            return Ok(());
        }
        let pending: Pending =
            serde_json::from_slice(&read_private(&path)?).map_err(|_| IdentityFilesError::Malformed(PENDING))?;
        let chain = serde_json::to_vec(&pending.chain).map_err(|_| IdentityFilesError::Malformed(CHAIN))?;
        write_private(&self.path(KEYS), pending.keys.to_string().as_bytes())?;
        write_atomically(&self.path(LOG), pending.log.as_bytes())?;
        write_atomically(&self.path(CHAIN), &chain)?;
        match std::fs::remove_file(path) {
            // Another process of this issuer finished the same change.
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// How often a key is certified in a row, where it is another one each time.
const RENEWALS: usize = 3;
const KEYS: &str = "keys.json";
const LOG: &str = "did.jsonl";
const CHAIN: &str = "chain.json";
const NONCE_KEY: &str = "nonce.key";
const PENDING: &str = "pending.json";
const APPLICATION: &str = "application.json";
const AUTHORITY: &str = "ca.pem";
const AUTHORITY_KEY: &str = "ca.key";

/// `iss` of what is issued, and the name in the certificate.
pub(super) fn issuer_name(organisation: &Organisation, settings: &Settings) -> String {
    match settings.own.trust {
        Trust::Ledger => organisation.did().to_string(),
        Trust::X5c => settings.identifier.as_str().to_owned(),
    }
}

/// The chain of certificates of the key.
fn certified(
    organisation: &Organisation,
    authority: &Authority,
    settings: &Settings,
    now: UnixTime,
) -> Result<Vec<Vec<u8>>, IdentityFilesError> {
    let (_, key) = organisation.assertion_key()?;
    let name = issuer_name(organisation, settings);
    Ok(authority.certify(key.public(), &name, country(settings), day::date(now)?)?)
}

/// A chain of certificates, as it is kept.
fn as_kept(chain: &[Vec<u8>]) -> Vec<String> {
    chain.iter().map(|certificate| STANDARD.encode(certificate)).collect()
}

/// The country in the certificates.
fn country(settings: &Settings) -> Option<&str> {
    settings.own.office.as_ref().map(|office| office.country.as_str())
}

/// Host and port as a did:webvh location.
fn location(settings: &Settings) -> String {
    let url = &settings.common.public_url;
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}%3A{port}"),
        None => host.to_owned(),
    }
}
