//! Signing in on pages of plain forms: the same operators, sessions and lockout, without JSON.
//!
//! The guard of a console knows other sites by what no form of theirs can send. A page of forms has to
//! know them by a secret of its own in each form.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::SignIn;
use super::routes::Credentials;
use crate::problem::Problem;

/// An operator who is signed in.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    name: String,
    role: String,
}

impl SignedIn {
    /// The operator's name; for operators' eyes, never for the log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The operator's role.
    #[must_use]
    pub fn role(&self) -> &str {
        &self.role
    }
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl SignIn {
    /// Begins a session; the cookie that names it. One that the browser had ends.
    ///
    /// # Errors
    /// `sign_in_failed` and `too_many_attempts`, as on every page with operators.
    pub async fn enter(
        &self,
        headers: &HeaderMap,
        name: &str,
        password: &str,
        address: IpAddr,
    ) -> Result<(HeaderName, HeaderValue), Problem> {
        let (name, role) = self.check(Credentials::typed(name, password), address).await?;
        self.end(headers).await?;
        let (token, _) = self.begin_session(&name, &role).await?;
        tracing::info!(role, "an operator signed in");
        Ok(self.0.cookie.set(&token))
    }

    /// Who is signed in. Asking counts as work: the session goes on.
    ///
    /// # Errors
    /// The store's.
    pub async fn who(&self, headers: &HeaderMap) -> Result<Option<SignedIn>, Problem> {
        let Some(token) = self.0.cookie.read(headers) else {
            return Ok(None);
        };
        let Some(session) = self.find_session(token).await? else {
            return Ok(None);
        };
        self.touch(&session).await?;
        Ok(Some(SignedIn {
            name: session.name().to_owned(),
            role: session.role,
        }))
    }

    /// Ends the session, if there is one; the cookie to take away.
    ///
    /// # Errors
    /// The store's.
    pub async fn leave(&self, headers: &HeaderMap) -> Result<(HeaderName, HeaderValue), Problem> {
        self.end(headers).await?;
        Ok(self.0.cookie.clear())
    }

    /// What tells one session from another without naming it: for secrets that are bound to it.
    #[must_use]
    pub fn cookie_of<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        self.0.cookie.read(headers)
    }

    async fn end(&self, headers: &HeaderMap) -> Result<(), Problem> {
        match self.0.cookie.read(headers) {
            Some(token) => self.end_session(token).await,
            None => Ok(()),
        }
    }
}
