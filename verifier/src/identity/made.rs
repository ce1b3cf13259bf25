//! The identity of a business that was added to the service: its keys are made here and stay here;
//! its certificate comes from the registrar.

use did::identity::{IdentityError, Organisation};
use jose::UnixTime;
use ledger::Localized;
use serde_json::{Value, json};
use service::files::{write_atomically, write_private};
use url::Url;

use super::certificate::signing_request;
use super::{AccessCertificateError, IdentityFiles, location};

/// What the registrar needs of a new business. Nothing of it is secret.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) did: String,
    /// An application without its scope.
    pub(crate) application: Value,
    /// The public half of the request key.
    pub(crate) access_key: Value,
    /// A signing request for it. RFC 2986
    pub(crate) signing_request: String,
}

/// Why no identity was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MakeError {
    /// The public address has no host.
    #[error("public_url has no host")]
    Host,
    /// The DID could not be made.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The signing request could not be made.
    #[error(transparent)]
    Certificate(#[from] AccessCertificateError),
    /// A file cannot be written.
    #[error("a file cannot be written")]
    Write(#[from] std::io::Error),
}

/// Makes DID and keys of a business below the address of the service, and keeps them. What nobody
/// was told of is overwritten.
pub(crate) fn make(
    files: &IdentityFiles,
    (id, name): (&str, &Localized),
    public_url: &Url,
    now: UnixTime,
) -> Result<Made, MakeError> {
    let host = public_url.host_str().ok_or(MakeError::Host)?;
    let place = location(public_url).ok_or(MakeError::Host)?;
    let location = format!("{place}:b:{id}");
    let organisation = Organisation::create(&location, now, &mut service::random::fill)?;
    let did = organisation.did().to_string();
    let (_, key) = organisation.assertion_key()?;
    let made = Made {
        application: json!({
            "kind": "business",
            "name": name,
            "did_log_line": organisation.lines().first(),
        }),
        access_key: key.public().to_value(),
        signing_request: signing_request(host, &did, key)?,
        did,
    };
    std::fs::create_dir_all(files.folder())?;
    write_atomically(&files.log(), organisation.log_file().as_bytes())?;
    write_atomically(&files.application(), made.application.to_string().as_bytes())?;
    let keys = organisation.keys().dangerous_to_json().to_string();
    write_private(&files.keys(), keys.as_bytes())?;
    Ok(made)
}
