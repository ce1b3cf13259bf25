//! Signing in, signing out, and who one is.

use std::net::{IpAddr, Ipv4Addr};

use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::SignIn;
use super::extract::signed_out;
use super::guard::Caller;
use super::lockout::{Attempt, Blocked};
use super::operators::{Kept, OperatorName, Operators, kept_name};
use super::password::Typed;
use super::session::{IDLE, LONGEST, Session};
use crate::client::ClientAddress;
use crate::problem::Problem;
use crate::store::problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    name: String,
    password: Typed,
}

impl Credentials {
    /// What was typed into a form.
    pub(super) fn typed(name: &str, password: &str) -> Self {
        Self {
            name: name.to_owned(),
            password: password.to_owned().into(),
        }
    }
}

/// Who is signed in, for the page.
#[derive(Serialize)]
pub(super) struct Me {
    name: String,
    role: String,
    idle_seconds: u64,
    ends_at: u64,
}

impl From<Session> for Me {
    fn from(session: Session) -> Self {
        Self {
            name: session.name().to_owned(),
            role: session.role,
            idle_seconds: IDLE,
            ends_at: session.started_at + LONGEST,
        }
    }
}

/// Begins a session. An unknown name and a wrong password are one answer, after the same work.
pub(super) async fn sign_in(
    Extension(Caller { sign_in, .. }): Extension<Caller>,
    client: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    Json(credentials): Json<Credentials>,
) -> Result<Response, Problem> {
    let address = client.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Extension(client)| client.0);
    let (name, role) = sign_in.check(credentials, address).await?;
    if let Some(token) = sign_in.0.cookie.read(&headers) {
        sign_in.end_session(token).await?;
    }
    let (token, session) = sign_in.begin_session(&name, &role).await?;
    tracing::info!(role, "an operator signed in");
    let cookie = AppendHeaders([sign_in.0.cookie.set(&token)]);
    Ok((cookie, Json(Me::from(session))).into_response())
}

/// Ends the session, if there is one.
pub(super) async fn sign_out(
    Extension(Caller { sign_in, .. }): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(token) = sign_in.0.cookie.read(&headers) {
        sign_in.end_session(token).await?;
    }
    let cookie = AppendHeaders([sign_in.0.cookie.clear()]);
    Ok((StatusCode::NO_CONTENT, cookie).into_response())
}

/// Who is signed in.
pub(super) async fn me(Extension(caller): Extension<Caller>) -> Result<Json<Me>, Problem> {
    let session = caller.session.ok_or_else(signed_out)?;
    Ok(Json(session.into()))
}

impl SignIn {
    /// The operator's name and role, if the password is right.
    pub(super) async fn check(
        &self,
        credentials: Credentials,
        address: IpAddr,
    ) -> Result<(OperatorName, String), Problem> {
        let turn = self.0.hashing.turn().await?;
        let tried = credentials.name.trim().to_ascii_lowercase();
        let attempt = Attempt::new(&kept_name(&self.1, &tried), address);
        self.begin(&attempt).await?;
        let operator = self.operator(&credentials.name).await?;
        let kept = operator.as_ref().map(|(_, kept)| kept.password.clone());
        let right = self.0.hashing.matches(kept, credentials.password, turn).await;
        let Some((name, kept)) = operator.filter(|_| right) else {
            tracing::warn!("a sign-in failed");
            let title = "The name or the password is not right.";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "sign_in_failed", title).challenge("Session"));
        };
        let cleared = async {
            let mut write = self.0.store.writer().begin_with("BEGIN IMMEDIATE").await?;
            attempt.succeeded(&mut write).await?;
            write.commit().await
        };
        cleared.await.map_err(|error: sqlx::Error| problem(&error))?;
        Ok((name, kept.role))
    }

    async fn begin(&self, attempt: &Attempt) -> Result<(), Problem> {
        let begun = async {
            let mut write = self.0.store.writer().begin_with("BEGIN IMMEDIATE").await?;
            let begun = attempt.begin(&mut write, self.now()).await?;
            write.commit().await?;
            Ok::<_, sqlx::Error>(begun)
        };
        begun
            .await
            .map_err(|error| problem(&error))?
            .map_err(|Blocked(seconds)| {
                let title = "Too many attempts failed. Wait before the next one.";
                Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", title)
                    .with("retry_after", seconds)
                    .retry_after(seconds)
            })
    }

    async fn operator(&self, name: &str) -> Result<Option<(OperatorName, Kept)>, Problem> {
        let Ok(name) = name.parse::<OperatorName>() else {
            return Ok(None);
        };
        let kept = Operators::of_realm(&self.0.store, &self.1).find(&name).await;
        let kept = kept.map_err(|error| problem(&error))?;
        Ok(kept.map(|kept| (name, kept)))
    }
}
