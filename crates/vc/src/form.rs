//! What VCDM 2.0 asks of the members of a credential and of a presentation. §4.

use jose::UnixTime;
use serde_json::{Map, Value};

use crate::date_time;
use crate::document::{elements, is_url};
use crate::status::CredentialStatus;

/// Why a document is no credential or presentation of VCDM 2.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// A required member is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A member is of the wrong type, or a part of it is missing.
    #[error("{0} is malformed")]
    Malformed(&'static str),
    /// `type` does not name the type that the document must have. §4.5.
    #[error("the type is not {0}")]
    OtherType(&'static str),
    /// `validUntil` is not later than `validFrom`. §4.9.
    #[error("the end of its validity is before the beginning")]
    Period,
}

/// The members of a credential that every verifier reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CredentialForm {
    pub(crate) id: Option<String>,
    pub(crate) types: Vec<String>,
    pub(crate) issuer: String,
    pub(crate) valid_from: Option<UnixTime>,
    pub(crate) valid_until: Option<UnixTime>,
    pub(crate) status: Vec<CredentialStatus>,
}

impl CredentialForm {
    /// Reads a credential, without its proof.
    pub(crate) fn read(document: &Map<String, Value>) -> Result<Self, FormError> {
        check_subjects(document)?;
        for name in ["name", "description"] {
            check_texts(document, name)?;
        }
        for (name, identified) in [
            ("credentialStatus", Identified::Perhaps),
            ("credentialSchema", Identified::Always),
            ("termsOfUse", Identified::Perhaps),
            ("evidence", Identified::Perhaps),
            ("refreshService", Identified::Perhaps),
        ] {
            check_typed(document, name, identified)?;
        }
        check_related(document)?;
        let form = Self {
            id: document.get("id").and_then(Value::as_str).map(str::to_owned),
            types: types(document, "VerifiableCredential")?,
            issuer: issuer(document)?,
            valid_from: date(document, "validFrom")?,
            valid_until: date(document, "validUntil")?,
            status: statuses(document)?,
        };
        match (form.valid_from, form.valid_until) {
            (Some(from), Some(until)) if until <= from => Err(FormError::Period),
            _ => Ok(form),
        }
    }
}

/// The members of a presentation that every verifier reads. §4.13.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PresentationForm {
    pub(crate) holder: Option<String>,
}

impl PresentationForm {
    /// Reads a presentation, without its proof and without looking at its credentials.
    pub(crate) fn read(document: &Map<String, Value>) -> Result<Self, FormError> {
        types(document, "VerifiablePresentation")?;
        let holder = document.get("holder").map(|holder| identified(holder, "holder"));
        Ok(Self {
            holder: holder.transpose()?,
        })
    }
}

/// The subjects of a credential.
pub(crate) fn subjects(document: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    let subjects = document.get("credentialSubject").map(elements).unwrap_or_default();
    subjects.iter().filter_map(Value::as_object)
}

fn types(document: &Map<String, Value>, wanted: &'static str) -> Result<Vec<String>, FormError> {
    let types = document.get("type").ok_or(FormError::Missing("type"))?;
    let named: Vec<String> = elements(types)
        .iter()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    match named.iter().any(|name| name == wanted) {
        true => Ok(named),
        false => Err(FormError::OtherType(wanted)),
    }
}

fn issuer(document: &Map<String, Value>) -> Result<String, FormError> {
    let issuer = document.get("issuer").ok_or(FormError::Missing("issuer"))?;
    if let Some(about) = issuer.as_object() {
        for name in ["name", "description"] {
            check_texts(about, name)?;
        }
    }
    identified(issuer, "issuer")
}

/// A URL, or an object whose `id` is one.
fn identified(value: &Value, name: &'static str) -> Result<String, FormError> {
    let id = value.as_object().map_or(Some(value), |object| object.get("id"));
    id.and_then(Value::as_str)
        .filter(|id| is_url(id))
        .map(str::to_owned)
        .ok_or(FormError::Malformed(name))
}

fn date(document: &Map<String, Value>, name: &'static str) -> Result<Option<UnixTime>, FormError> {
    let read = |value: &Value| {
        value
            .as_str()
            .and_then(date_time::read)
            .ok_or(FormError::Malformed(name))
    };
    document.get(name).map(read).transpose()
}

/// One object or several, none of them empty. §4.8.
fn check_subjects(document: &Map<String, Value>) -> Result<(), FormError> {
    let subjects = document
        .get("credentialSubject")
        .ok_or(FormError::Missing("credentialSubject"))?;
    let filled = |subject: &Value| subject.as_object().is_some_and(|subject| !subject.is_empty());
    match elements(subjects).iter().all(filled) && subjects.as_array().is_none_or(|subjects| !subjects.is_empty()) {
        true => Ok(()),
        false => Err(FormError::Malformed("credentialSubject")),
    }
}

/// A text, or texts each with its language. §4.6, §11.1.
fn check_texts(document: &Map<String, Value>, name: &'static str) -> Result<(), FormError> {
    let with_language = |text: &Value| text.get("@value").is_some();
    match document.get(name) {
        None | Some(Value::String(_)) => Ok(()),
        Some(texts) if elements(texts).iter().all(with_language) => Ok(()),
        Some(_) => Err(FormError::Malformed(name)),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Identified {
    Always,
    Perhaps,
}

/// One object or several, each with a `type`. §4.10 to §4.12, §5.4 to §5.6.
fn check_typed(document: &Map<String, Value>, name: &'static str, identified: Identified) -> Result<(), FormError> {
    let objects = document.get(name).map(elements).unwrap_or_default();
    let well_formed = |object: &Value| {
        object.get("type").is_some() && (identified == Identified::Perhaps || object.get("id").is_some())
    };
    match objects.iter().all(well_formed) {
        true => Ok(()),
        false => Err(FormError::Malformed(name)),
    }
}

/// One object or several, each with an `id` and a digest; that no `id` comes twice is a rule for the whole document.
/// Nothing is fetched here, and so no digest is compared. §5.3.
fn check_related(document: &Map<String, Value>) -> Result<(), FormError> {
    let resources = document.get("relatedResource").map(elements).unwrap_or_default();
    let well_formed = |resource: &Value| {
        let has = |name: &str| resource.get(name).is_some();
        has("id") && (has("digestSRI") || has("digestMultibase"))
    };
    match resources.iter().all(well_formed) {
        true => Ok(()),
        false => Err(FormError::Malformed("relatedResource")),
    }
}

fn statuses(document: &Map<String, Value>) -> Result<Vec<CredentialStatus>, FormError> {
    let statuses = document.get("credentialStatus").map(elements).unwrap_or_default();
    let read = |status| CredentialStatus::read(status).ok_or(FormError::Malformed("credentialStatus"));
    statuses.iter().map(read).collect()
}
