//! Making an identity, and the application with which the business asks a
//! registrar to enter it.

use std::collections::BTreeMap;
use std::io;

use did::identity::{IdentityError, Organisation};
use jose::UnixTime;
use ledger::{Localized, PayloadError, Scope};
use serde_json::json;
use service::Secret;
use service::config::Common;
use service::files::{write_atomically, write_private};

use super::certificate::{NewAccess, VALIDITY};
use super::{AccessCertificateError, IdentityFiles, location};
use crate::check::Check;

/// The name of the business, by language; `en` is always there.
#[derive(Debug, Clone)]
pub struct Names(pub BTreeMap<String, String>);

/// What `init` made.
#[derive(Debug, Clone)]
pub struct Initialised {
    /// The new DID.
    pub did: String,
    /// Where everything is.
    pub files: IdentityFiles,
}

/// Why no identity was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// There is one already; it is never overwritten.
    #[error("there is an identity already")]
    Exists,
    /// The public address has no host.
    #[error("public_url has no host")]
    Host,
    /// The DID could not be made.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The certificate could not be made.
    #[error(transparent)]
    Certificate(#[from] AccessCertificateError),
    /// The scope cannot be registered, for example because of a name.
    #[error(transparent)]
    Scope(#[from] PayloadError),
    /// A file cannot be written.
    #[error("a file cannot be written")]
    Write(#[from] io::Error),
    /// The scope cannot be written as JSON.
    #[error("the scope cannot be written")]
    Json(#[from] serde_json::Error),
}

/// Makes DID, keys, access certificate, API token and application.
///
/// # Errors
/// [`InitError`]; an identity that is there is left alone.
pub fn init(
    common: &Common,
    names: Names,
    checks: &BTreeMap<String, Check>,
    now: UnixTime,
) -> Result<Initialised, InitError> {
    let files = IdentityFiles::below(&common.data_dir);
    if files.keys().exists() {
        return Err(InitError::Exists);
    }
    let host = common.public_url.host_str().ok_or(InitError::Host)?;
    let location = location(&common.public_url).ok_or(InitError::Host)?;
    let organisation = Organisation::create(&location, now, &mut service::random::fill)?;
    let did = organisation.did().to_string();
    let (_, key) = organisation.assertion_key()?;
    let access = NewAccess::make(host, &did, key.public(), now)?;
    let scope = Scope {
        access_certificates: vec![access.certificate.sha256()],
        name: Localized::new(names.0)?,
        purposes: checks.values().map(Check::to_purpose).collect::<Result<_, _>>()?,
        subject: organisation.did().clone(),
        valid_until: now.saturating_add(VALIDITY),
    };
    // What cannot be registered is refused before anything is written.
    scope.encode()?;
    // Name and subject of the scope follow from the rest of the application.
    let mut asked = serde_json::to_value(&scope)?;
    if let Some(members) = asked.as_object_mut() {
        members.retain(|name, _| name != "name" && name != "subject");
    }
    let application = json!({
        "kind": "business",
        "name": scope.name,
        "did_log_line": organisation.lines().first(),
        "scope": asked,
    });
    std::fs::create_dir_all(files.folder())?;
    write_private(&files.api_token(), Secret::generate().dangerous_reveal().as_bytes())?;
    write_atomically(&files.certificate(), access.certificate_pem.as_bytes())?;
    write_atomically(&files.authority(), access.authority_pem.as_bytes())?;
    write_atomically(&files.log(), organisation.log_file().as_bytes())?;
    write_atomically(
        &files.application(),
        serde_json::to_string_pretty(&application)?.as_bytes(),
    )?;
    // The keys come last: their file says that everything is there.
    let keys = organisation.keys().dangerous_to_json().to_string();
    write_private(&files.keys(), keys.as_bytes())?;
    Ok(Initialised { did, files })
}
