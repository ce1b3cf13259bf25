//! Files for those who run a verifier of their own: configuration, checks, certificates.

use std::fmt::Write;

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use service::Problem;

use super::desk::in_force;
use super::error::{Answer, PortalError};
use super::visitor::Visitor;
use crate::portal::Portal;
use crate::portal::checks::checks as checks_of;
use crate::portal::content::Terms;
use crate::portal::host::host_of;
use crate::portal::store::{Business, Filed};

/// What the file of settings begins with.
const ABOUT: &str = "\
# Settings of holdfast-verifier for this registration.
# Beside this file lie trust-pack.json and checks.toml; in the folder identity of data_dir, beside the keys that `init`
# made there, access.pem and registration.jwt.
";

/// `verifier.toml`: where the business is, by its DID, where the ledger and its mirrors are, and which files belong
/// beside it.
pub(super) async fn configuration(State(portal): State<Portal>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let (_, business) = in_force(&portal, &visitor, &id).await?;
    let host = business.did.as_deref().and_then(host_of);
    let host = host.ok_or(PortalError::NotFound)?;
    let mut text = String::from(ABOUT);
    let mut line = |key: &str, value: &str| {
        // A JSON string is a TOML basic string; writing to a String does not fail.
        let _ = writeln!(text, "{key} = {}", Value::from(value));
    };
    let scheme = portal.inner.scheme;
    line("profile", if scheme == "https" { "production" } else { "development" });
    line("public_url", &format!("{scheme}://{host}"));
    line("ledger_url", &portal.inner.base);
    line("trust_pack", "trust-pack.json");
    line("checks", "checks.toml");
    text.push_str(
        "# Mirrors that cosign this ledger, by the names of their keys; their addresses go into mirror_urls:\n",
    );
    for mirror in portal.inner.pack.mirrors() {
        // Writing to a String does not fail.
        let _ = writeln!(text, "# {mirror}");
    }
    Ok(file("verifier.toml", "application/toml", text))
}

/// `checks.toml`: what is registered, as checks.
pub(super) async fn checks(State(portal): State<Portal>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let (filed, business) = in_force(&portal, &visitor, &id).await?;
    let checks = registered_checks(&portal, &filed, &business).ok_or(PortalError::NotFound)?;
    let text = checks_file(&checks).map_err(|_| PortalError::Problem(Problem::internal()))?;
    Ok(file("checks.toml", "application/toml", text))
}

fn registered_checks(portal: &Portal, filed: &Filed, business: &Business) -> Option<Vec<Value>> {
    let subject: did::Did = business.did.as_deref()?.parse().ok()?;
    let notices = portal.address(&format!("/portal/privacy/{}", filed.business));
    let terms = Terms {
        subject: &subject,
        certificates: &[],
        valid_until: filed.valid_until?,
        notices: &notices,
        cards: &portal.inner.cards,
    };
    let scope = filed.content.scope(&terms).ok()?;
    Some(checks_of(&filed.content, &scope, &portal.inner.cards))
}

/// Strings, numbers, lists and tables, all of which TOML has.
fn checks_file(checks: &[Value]) -> Result<String, toml::ser::Error> {
    let checks = toml::to_string(&json!({ "check": checks }))?;
    Ok(format!("# The checks of this registration.\n\n{checks}"))
}

/// The access certificate by the registrar, and its authority's.
pub(super) async fn certificate(State(portal): State<Portal>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let (_, business) = in_force(&portal, &visitor, &id).await?;
    let own = business.certificate.ok_or(PortalError::NotFound)?;
    let chain = format!("{own}{}", portal.inner.authority.pem());
    Ok(file("access.pem", "application/pem-certificate-chain", chain))
}

/// The registration certificate.
pub(super) async fn registration(State(portal): State<Portal>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let (_, business) = in_force(&portal, &visitor, &id).await?;
    let certificate = business.registration.ok_or(PortalError::NotFound)?;
    Ok(file("registration.jwt", "application/rc-wrp+jwt", certificate))
}

fn file(name: &'static str, kind: &'static str, content: String) -> Response {
    let mut response = content.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    service::pages::Policy::strict().apply(headers);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_read_as_they_were_written() {
        let check = json!({
            "id": "check-1",
            "keep": ["a", "b"],
            "purpose": {"de": "Sag \u{7f} ja", "en": "Say \"yes\"\nor no"},
            "retention_days": 7,
            "types": {"person.age_over_18": "bool"},
            "rule": "person.age_over_18",
        });
        let checks = [check.clone(), check];
        let text = checks_file(&checks).unwrap();
        assert_eq!(toml::from_str::<Value>(&text).unwrap(), json!({ "check": checks }));
    }
}
