//! Who asks: a browser that is known again, the organisation that is signed in, the operator that is.

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::FromRequestParts;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use jose::base64url;
use service::ClientAddress;
use service::signin::SignedIn;
use sha2::{Digest, Sha256};

use super::error::{Door, PortalError};
use crate::pages::asked::Asked;
use crate::portal::store::Account;
use crate::portal::{APPROVER, Actor, Portal, REVIEWER, Role};

/// Shortest and longest of a cookie that is ours.
const TOKEN: std::ops::RangeInclusive<usize> = 22..=64;

/// Who asks.
pub(super) struct Visitor {
    pub(super) asked: Asked,
    pub(super) address: IpAddr,
    /// The browser's own secret.
    pub(super) visit: String,
    is_new: bool,
    account: Option<Account>,
    operator: Option<SignedIn>,
    form_token: String,
}

impl FromRequestParts<Portal> for Visitor {
    type Rejection = PortalError;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, PortalError> {
        let Ok(asked) = Asked::from_request_parts(parts, portal).await;
        let address = parts.extensions.get::<ClientAddress>();
        let address = address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.0);
        let inner = &portal.inner;
        let headers = &parts.headers;
        let known = inner.visit.read(headers).filter(|visit| TOKEN.contains(&visit.len()));
        let session = inner.applicant.read(headers);
        let account = match session {
            Some(token) => inner.store.session(token, portal.now()).await?,
            None => None,
        };
        let is_new = known.is_none();
        let visit = known.map_or_else(service::random::token, str::to_owned);
        Ok(Self {
            form_token: form_token(portal, headers, &visit),
            operator: inner.sign_in.who(headers).await?,
            asked,
            address,
            visit,
            is_new,
            account,
        })
    }
}

/// What every form of a page carries, and no other site knows: made from the browser's cookies, so that it ends with
/// the session that it was made for.
fn form_token(portal: &Portal, headers: &HeaderMap, visit: &str) -> String {
    let inner = &portal.inner;
    let sessions = [
        Some(visit),
        inner.applicant.read(headers),
        inner.sign_in.cookie_of(headers),
    ];
    token_of(&sessions.map(Option::unwrap_or_default))
}

fn token_of(secrets: &[&str]) -> String {
    let mut hash = Sha256::new().chain_update("holdfast/portal-form/v1\n");
    for secret in secrets {
        // Lengths go in, so that no two lists are the same bytes.
        hash = hash
            .chain_update((secret.len() as u64).to_be_bytes())
            .chain_update(secret);
    }
    base64url::encode(hash.finalize())
}

impl Visitor {
    /// What forms carry.
    pub(super) fn form_token(&self) -> &str {
        &self.form_token
    }

    /// Whether a form carries what this browser's forms do; one that is not known has been shown none.
    pub(super) fn sent(&self, form_token: &str) -> bool {
        !self.is_new && form_token == self.form_token
    }

    /// The organisation that is signed in.
    pub(super) fn account(&self) -> Result<&Account, PortalError> {
        self.account.as_ref().ok_or(PortalError::SignedOut(Door::Applicant))
    }

    /// The operator that is signed in.
    pub(super) fn operator(&self) -> Result<Actor<'_>, PortalError> {
        let operator = self.operator.as_ref().ok_or(PortalError::SignedOut(Door::Registrar))?;
        let role = match operator.role() {
            REVIEWER => Role::Reviewer,
            APPROVER => Role::Approver,
            _ => return Err(PortalError::SignedOut(Door::Registrar)),
        };
        Ok(Actor::Registrar {
            name: operator.name(),
            role,
        })
    }

    /// The operator's name, for operators.
    pub(super) fn operator_name(&self) -> Result<&str, PortalError> {
        match self.operator()? {
            Actor::Registrar { name, .. } => Ok(name),
            Actor::Applicant | Actor::Rule => Err(PortalError::SignedOut(Door::Registrar)),
        }
    }

    /// Sets the cookie by which a new browser is known again.
    pub(super) fn remember(&self, portal: &Portal, mut response: Response) -> Response {
        if self.is_new {
            let (_, value): (_, HeaderValue) = portal.inner.visit.set(&self.visit);
            response.headers_mut().append(SET_COOKIE, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::token_of;

    #[test]
    fn a_token_is_of_one_browser_and_one_session() {
        let token = token_of(&["visit", "session", ""]);
        assert_ne!(token, token_of(&["visit", "", "session"]));
        assert_ne!(token, token_of(&["visits", "ession", ""]));
        assert_eq!(token, token_of(&["visit", "session", ""]));
        assert_eq!(token.len(), 43);
    }
}
