//! Files for those who run a verifier of their own: configuration, checks, certificates.

use std::fmt::Write;

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::desk::in_force;
use super::error::{Answer, PortalError};
use super::visitor::Visitor;
use crate::portal::Portal;
use crate::portal::checks::checks as checks_of;
use crate::portal::content::Terms;
use crate::portal::store::{Business, Filed};

/// `verifier.toml`: where the ledger and its mirrors are, and which files belong beside it.
pub(super) async fn configuration(State(portal): State<Portal>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    in_force(&portal, &visitor, &id).await?;
    let mut text = String::from("# Settings of holdfast-verifier for this registration.\nprofile = \"production\"\n");
    let mut line = |key: &str, value: &str| {
        // A JSON string is a TOML basic string; writing to a String does not fail.
        let _ = writeln!(text, "{key} = {}", Value::from(value));
    };
    line("ledger_url", &portal.inner.base);
    line("trust_pack", "trust-pack.json");
    line("checks", "checks.toml");
    text.push_str("# Mirrors that cosign this ledger, by the names of their keys:\n");
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
    let mut text = String::from("# The checks of this registration.\n");
    for check in &checks {
        text.push_str("\n[[check]]\n");
        for (key, value) in check.as_object().into_iter().flatten() {
            // Writing to a String does not fail.
            let _ = writeln!(text, "{key} = {}", toml(value));
        }
    }
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
    };
    let scope = filed.content.scope(&terms).ok()?;
    Some(checks_of(&scope, &portal.inner.cards))
}

/// A JSON value as an inline TOML value. Strings, numbers and lists are written alike.
fn toml(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{} = {}", Value::from(key.as_str()), toml(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(toml).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
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
    use super::toml;
    use serde_json::json;

    #[test]
    fn values_are_written_as_toml() {
        let value = json!({"en": "Say \"yes\"", "list": ["a", 1, true]});
        assert_eq!(toml(&value), r#"{ "en" = "Say \"yes\"", "list" = ["a", 1, true] }"#);
    }
}
