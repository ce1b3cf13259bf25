//! What an organisation hands to the registrar: a JSON file.

use did::Did;
use did::webvh::{LogError, LogState, UnverifiedLogEntry};
use jose::{UnixTime, base64url, strict_json};
use ledger::{Accreditation, AccreditedType, Hash, Localized, Purpose, Scope};
use serde::Deserialize;

/// For how long card types are accredited where the application says nothing.
const YEAR: UnixTime = 365 * 24 * 3600;

/// An application whose first DID log line has been verified.
#[derive(Clone, Debug)]
pub struct Application {
    did: Did,
    file: File,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kind: ApplicationKind,
    did_log_line: String,
    name: Localized,
    #[serde(default)]
    vcts: Vec<String>,
    until: Option<UnixTime>,
    scope: Option<ScopeFile>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ApplicationKind {
    Agency,
    Business,
}

/// A scope (docs/ledger.md §4.4). Name and subject may be left out; the rest of the file gives them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScopeFile {
    access_certificates: Vec<String>,
    name: Option<Localized>,
    purposes: Vec<Purpose>,
    subject: Option<String>,
    valid_until: UnixTime,
}

/// Why an application is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApplicationError {
    /// Not JSON of an application's shape.
    #[error("not an application file: {0}")]
    Json(#[from] strict_json::StrictJsonError),
    /// The DID log line does not verify as a first line.
    #[error("the DID log line: {0}")]
    Line(#[from] LogError),
    /// The application is of the other kind.
    #[error("the application is of another kind")]
    OtherKind,
    /// An agency that names no card type, or a business without a scope.
    #[error("the application says nothing of what it applies for")]
    Nothing,
    /// The scope names somebody else than the applicant.
    #[error("the scope is another organisation's")]
    OtherOrganisation,
    /// An access certificate is not named by its SHA-256 in base64url.
    #[error("an access certificate is not named by its hash")]
    Certificate,
}

impl Application {
    /// Reads an application file and verifies the DID log line in it.
    ///
    /// # Errors
    /// [`ApplicationError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, ApplicationError> {
        let file: File = strict_json::from_slice(bytes, &strict_json::Limits::METADATA)?;
        let entry = UnverifiedLogEntry::parse(file.did_log_line.as_bytes())?;
        let (state, _) = LogState::genesis(entry)?.into_parts();
        let did = state.did().did().clone();
        Ok(Self { did, file })
    }

    /// The applicant.
    #[must_use]
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// The first line of its DID log.
    #[must_use]
    pub fn did_log_line(&self) -> &str {
        &self.file.did_log_line
    }

    /// What an agency is accredited for.
    ///
    /// # Errors
    /// [`ApplicationError::OtherKind`], [`ApplicationError::Nothing`]
    pub fn accreditation(&self, now: UnixTime) -> Result<Accreditation, ApplicationError> {
        self.check_kind(ApplicationKind::Agency)?;
        if self.file.vcts.is_empty() {
            return Err(ApplicationError::Nothing);
        }
        let until = self.file.until.unwrap_or_else(|| now.saturating_add(YEAR));
        let mut vcts = self.file.vcts.clone();
        vcts.sort_unstable();
        vcts.dedup();
        Ok(Accreditation {
            name: self.file.name.clone(),
            subject: self.did.clone(),
            succeeds: None,
            types: vcts.into_iter().map(|vct| AccreditedType { until, vct }).collect(),
        })
    }

    /// What a business may ask.
    ///
    /// # Errors
    /// [`ApplicationError::OtherKind`], [`ApplicationError::Nothing`], [`ApplicationError::OtherOrganisation`],
    /// [`ApplicationError::Certificate`]
    pub fn scope(&self) -> Result<Scope, ApplicationError> {
        self.check_kind(ApplicationKind::Business)?;
        let scope = self.file.scope.clone().ok_or(ApplicationError::Nothing)?;
        let other_name = scope.name.is_some_and(|name| name != self.file.name);
        if other_name || scope.subject.is_some_and(|subject| subject != self.did.as_str()) {
            return Err(ApplicationError::OtherOrganisation);
        }
        let certificates = scope.access_certificates.iter().map(|text| certificate(text));
        let mut access_certificates = certificates.collect::<Result<Vec<_>, _>>()?;
        access_certificates.sort_unstable();
        access_certificates.dedup();
        Ok(Scope {
            access_certificates,
            name: self.file.name.clone(),
            purposes: scope.purposes,
            subject: self.did.clone(),
            valid_until: scope.valid_until,
        })
    }

    fn check_kind(&self, kind: ApplicationKind) -> Result<(), ApplicationError> {
        if self.file.kind == kind {
            Ok(())
        } else {
            Err(ApplicationError::OtherKind)
        }
    }
}

fn certificate(text: &str) -> Result<Hash, ApplicationError> {
    let bytes = base64url::decode(text).map_err(|_| ApplicationError::Certificate)?;
    bytes.try_into().map_err(|_| ApplicationError::Certificate)
}

#[cfg(test)]
mod tests {
    use did::identity::Organisation;
    use serde_json::{Value, json};
    use test_case::test_case;

    use super::*;

    fn file(kind: &str) -> Value {
        let mut seed = 0_u8;
        let mut random = |out: &mut [u8]| {
            seed += 1;
            out.fill(seed);
        };
        let organisation = Organisation::create("agency.localhost%3A1", 1_000, &mut random).unwrap();
        json!({"kind": kind, "did_log_line": organisation.lines()[0], "name": {"en": "Agency"}})
    }

    fn application(kind: &str, member: &str, value: Value) -> Application {
        let mut json = file(kind);
        json[member] = value;
        Application::parse(json.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn card_types_are_sorted_and_run_for_a_year() {
        let accreditation = application("agency", "vcts", json!(["b", "a", "b"]))
            .accreditation(5)
            .unwrap();
        let types: Vec<_> = accreditation
            .types
            .iter()
            .map(|one| (one.vct.as_str(), one.until))
            .collect();
        assert_eq!(types, [("a", YEAR + 5), ("b", YEAR + 5)]);
    }

    #[test_case("agency", "vcts", json!([]) => ApplicationError::Nothing; "no card type")]
    #[test_case("business", "vcts", json!(["a"]) => ApplicationError::OtherKind; "a business")]
    fn accreditation_refused(kind: &str, member: &str, value: Value) -> ApplicationError {
        application(kind, member, value).accreditation(0).unwrap_err()
    }

    #[test_case("agency", json!({"access_certificates": [], "purposes": [], "valid_until": 1}) => ApplicationError::OtherKind; "an agency")]
    #[test_case("business", json!({"access_certificates": ["AA"], "purposes": [], "valid_until": 1}) => ApplicationError::Certificate; "short hash")]
    #[test_case("business", json!({"access_certificates": [], "purposes": [], "valid_until": 1, "subject": "did:x:y"}) => ApplicationError::OtherOrganisation; "another subject")]
    #[test_case("business", json!({"access_certificates": [], "purposes": [], "valid_until": 1, "name": {"en": "Other"}}) => ApplicationError::OtherOrganisation; "another name")]
    fn scope_refused(kind: &str, scope: Value) -> ApplicationError {
        application(kind, "scope", scope).scope().unwrap_err()
    }

    #[test]
    fn a_business_without_scope_applies_for_nothing() {
        let application = application("business", "vcts", json!([]));
        assert_eq!(application.scope(), Err(ApplicationError::Nothing));
    }

    #[test]
    fn a_changed_line_is_refused() {
        let mut json = file("agency");
        let line = json["did_log_line"]
            .as_str()
            .unwrap()
            .replace("JsonWebKey", "JsonWebKay");
        json["did_log_line"] = json!(line);
        let refused = Application::parse(json.to_string().as_bytes()).unwrap_err();
        assert_eq!(refused, ApplicationError::Line(LogError::Scid));
    }

    #[test]
    fn an_unknown_member_is_refused() {
        let mut json = file("agency");
        json["email"] = json!("a@b.example");
        let refused = Application::parse(json.to_string().as_bytes()).unwrap_err();
        assert!(matches!(refused, ApplicationError::Json(_)));
    }
}
