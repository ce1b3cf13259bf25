//! Requests that have their effect once, however often they are sent.
//! draft-ietf-httpapi-idempotency-key-header-07
//!
//! The first answer to a request with an `Idempotency-Key` is kept for an hour
//! and given again to the same operator for the same route and body. A request
//! that arrives while the first is at work waits for it. Failures of ours and
//! refusals that may pass are not kept: they changed nothing.
//!
//! An answer may hold a secret, so it is sealed with a key made from the
//! `Idempotency-Key`, which is not kept.

mod kept;
mod key;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::description::Operation;
use crate::problem::Problem;
use crate::signin::Caller;
use crate::store::{Sqlite, problem};
use kept::Answer;
use key::Key;

/// The table of this module: a migration of the service's store.
pub const SCHEMA: &str = include_str!("schema.sql");

/// Longest request body in bytes.
const LONGEST_REQUEST: usize = 64 * 1024;
/// Longest answer that is kept, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;

/// The operations of routes that [`Idempotency::once`] is around.
#[must_use]
pub fn described<const N: usize>(operations: [Operation; N]) -> [Operation; N] {
    operations.map(|operation| {
        operation
            .needs_header("Idempotency-Key", key::described())
            .problems(&[400, 413, 422])
    })
}

/// The same of routes that [`Idempotency::where_asked`] is around.
#[must_use]
pub fn described_where_asked<const N: usize>(operations: [Operation; N]) -> [Operation; N] {
    operations.map(|operation| {
        operation
            .takes_header("Idempotency-Key", key::described())
            .problems(&[400, 413, 422])
    })
}

/// Who calls, where it is not an operator: a layer around the routes says so. No two callers get
/// each other's answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerName(pub String);

/// Answers that are given again. Cheap to clone.
#[derive(Clone)]
pub struct Idempotency(Arc<Inner>);

struct Inner {
    store: Sqlite,
    clock: Arc<dyn Clock>,
    /// One turn for each request at work, so that no two with the same key are.
    turns: Mutex<HashMap<[u8; 32], Weak<tokio::sync::Mutex<()>>>>,
}

impl Idempotency {
    /// Keeps answers in this store.
    #[must_use]
    pub fn new(store: Sqlite, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            store,
            clock,
            turns: Mutex::default(),
        }))
    }

    /// Lets requests to these routes have their effect once; each needs an
    /// `Idempotency-Key`.
    pub fn once<S: Clone + Send + Sync + 'static>(&self, routes: Router<S>) -> Router<S> {
        routes.route_layer(from_fn_with_state(self.clone(), once))
    }

    /// Lets requests to these routes that bring an `Idempotency-Key` have their effect once; those
    /// without one have it each time.
    pub fn where_asked<S: Clone + Send + Sync + 'static>(&self, routes: Router<S>) -> Router<S> {
        routes.route_layer(from_fn_with_state(self.clone(), where_asked))
    }

    fn turn(&self, id: [u8; 32]) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = turns.get(&id).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::default();
        turns.insert(id, Arc::downgrade(&turn));
        turn
    }

    async fn answer(&self, key: Key, body: Bytes, request: Request, next: Next) -> Result<Response, Problem> {
        let turn = self.turn(key.id());
        let _turn = turn.lock().await;
        let body_hash = Sha256::digest(&body).to_vec();
        let now = self.0.clock.now();
        let kept = kept::find(&self.0.store, &key, now)
            .await
            .map_err(|error| problem(&error))?;
        if let Some(kept) = kept {
            return if kept.body_hash == body_hash {
                kept.open(&key).map(Answer::into_response)
            } else {
                let title = "This Idempotency-Key was used for another request.";
                Err(Problem::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "idempotency_key_reused",
                    title,
                ))
            };
        }
        let answer = Answer::read(next.run(request).await, LONGEST_ANSWER).await?;
        if is_final(answer.status) {
            // The effect is there; that its answer cannot be kept must not hide it.
            if let Err(error) = kept::keep(&self.0.store, &key, &body_hash, &answer, now).await {
                tracing::error!(%error, "an answer cannot be kept for a repeated request");
            }
        }
        Ok(answer.into_response())
    }
}

impl std::fmt::Debug for Idempotency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Idempotency").finish_non_exhaustive()
    }
}

async fn once(State(idempotency): State<Idempotency>, request: Request, next: Next) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let named = parts.extensions.get::<CallerName>().map(|caller| caller.0.as_str());
    let operator = parts.extensions.get::<Caller>().and_then(Caller::operator);
    let key = Key::of(
        &parts.headers,
        operator.or(named).unwrap_or_default(),
        &parts.method,
        parts.uri.path(),
    )?;
    let body = to_bytes(body, LONGEST_REQUEST)
        .await
        .map_err(|_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The request is too large."))?;
    let request = Request::from_parts(parts, Body::from(body.clone()));
    // On a task of its own: a caller that goes away must not stop the work between
    // its effect and the keeping of its answer.
    let work = tokio::spawn(async move { idempotency.answer(key, body, request, next).await });
    work.await.unwrap_or_else(|_| {
        tracing::error!("a handler panicked");
        Err(Problem::internal())
    })
}

async fn where_asked(state: State<Idempotency>, request: Request, next: Next) -> Result<Response, Problem> {
    if Key::is_in(request.headers()) {
        once(state, request, next).await
    } else {
        Ok(next.run(request).await)
    }
}

/// Whether the same request would get the same answer for ever.
fn is_final(status: StatusCode) -> bool {
    let may_pass = [
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_EARLY,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    !status.is_server_error() && !may_pass.contains(&status)
}
