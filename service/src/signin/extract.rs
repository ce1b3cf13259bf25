//! What a handler takes to be reached by operators of a role alone.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;

use super::SignIn;
use super::guard::Caller;
use super::session::Session;
use crate::problem::Problem;

/// What a route needs; a service has one type for each of its roles.
pub trait Role: Send + Sync + 'static {
    /// The names of the roles that may do this.
    const HELD_BY: &'static [&'static str];
}

/// A signed-in operator who may do what `R` may. Taking it counts as work: the
/// session goes on.
pub struct Operator<R>(Session, PhantomData<R>);

/// The same for what a page asks by itself again and again: a page left open
/// does not keep its operator signed in.
pub struct Watcher<R>(Presence, PhantomData<R>);

/// Somebody's session, for what goes on after a request: it may have ended since.
#[derive(Clone)]
pub struct Presence {
    sign_in: SignIn,
    session: Session,
}

impl Presence {
    /// Whether the session goes on: nobody signed out, ended it, or took the operator away.
    ///
    /// # Errors
    /// The store's.
    pub async fn lasts(&self) -> Result<bool, Problem> {
        self.sign_in.lasts(&self.session).await
    }
}

impl<R> Operator<R> {
    /// The operator's name; for the operator's own eyes, never for the log.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The operator's role.
    #[must_use]
    pub fn role(&self) -> &str {
        &self.0.role
    }
}

impl<R> Watcher<R> {
    /// The operator's name; for the operator's own eyes, never for the log.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.session.name()
    }

    /// The session, for what goes on after this request.
    #[must_use]
    pub fn presence(self) -> Presence {
        self.0
    }
}

impl<R: Role, S: Send + Sync> FromRequestParts<S> for Operator<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let (caller, session) = caller::<R>(parts)?;
        caller.sign_in.touch(&session).await?;
        Ok(Self(session, PhantomData))
    }
}

impl<R: Role, S: Send + Sync> FromRequestParts<S> for Watcher<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let (Caller { sign_in, .. }, session) = caller::<R>(parts)?;
        Ok(Self(Presence { sign_in, session }, PhantomData))
    }
}

fn caller<R: Role>(parts: &Parts) -> Result<(Caller, Session), Problem> {
    let caller = parts.extensions.get::<Caller>().cloned().ok_or_else(|| {
        tracing::error!("a route for operators stands outside their console");
        Problem::internal()
    })?;
    let session = caller.session.clone().ok_or_else(signed_out)?;
    if R::HELD_BY.contains(&session.role.as_str()) {
        return Ok((caller, session));
    }
    let title = "Your role does not allow this.";
    Err(Problem::new(StatusCode::FORBIDDEN, "not_allowed", title))
}

/// 401: nobody is signed in, or not any more.
pub(super) fn signed_out() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "signed_out", "You are not signed in.").challenge("Session")
}
