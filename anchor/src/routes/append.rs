//! `POST /api/v1/entries`: an entry in, a receipt out.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use jose::base64url;
use ledger::{Kind, RejectionClass, Submission};
use serde_json::{Value, json};
use service::Problem;
use service::layers::body_limit;

use super::App;
use crate::log::AppendError;

/// How long a request waits for the quorum; sent again later it gets the same receipt.
const PATIENCE: Duration = Duration::from_secs(8);
/// What `Retry-After` says where nothing better is known.
const RETRY_SECONDS: u32 = 2;

pub(super) fn routes() -> Router<App> {
    body_limit(
        Router::new().route("/api/v1/entries", post(append)),
        Submission::MAX_BYTES,
    )
}

async fn append(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    if headers.get(CONTENT_TYPE).is_none_or(|kind| kind != "application/cbor") {
        let title = "A submission is application/cbor.";
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            title,
        ));
    }
    let submission = Submission::parse(&body).map_err(|error| refusal(&error.into()))?;
    if let Some(token) = &app.admin_token
        && is_registrars(submission.leaf().kind)
        && !token.authorises(&headers)
    {
        return Err(Problem::unauthorised());
    }
    let leaf_hash = tlog::leaf_hash(&submission.leaf().encode());
    let appended = app.log.append(submission).await;
    let index = appended.map_err(|error| signed(&app, &leaf_hash, refusal(&error)))?;
    let receipt = app.log.receipt(index, PATIENCE).await.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a receipt cannot be read");
        Problem::internal()
    })?;
    let Some(receipt) = receipt else {
        let title = "The entry is stored and waits for its quorum; send it again for the receipt.";
        return Err(unavailable("not_yet_published", title));
    };
    let answer = json!({
        "index": index,
        "leaf_hash": hex::encode(leaf_hash.as_bytes()),
        "proof": receipt.to_string(),
    });
    Ok(Json(answer).into_response())
}

/// Kinds that only registrars and governance write. docs/ledger.md §3
fn is_registrars(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::DidUpdate
            | Kind::DidRotate
            | Kind::DidDeactivate
            | Kind::StatusSnapshot
            | Kind::AuditSnapshot
            | Kind::SchemaPublish
            | Kind::SchemaSupersede
            | Kind::RulePublish
            | Kind::RuleSupersede
            | Kind::ServicePublish
            | Kind::ServiceSupersede
            | Kind::Document
    )
}

/// The same with the log's signature, where it decided: its writer can prove then what was refused, and when.
/// docs/ledger.md §13
fn signed(app: &App, leaf_hash: &tlog::Hash, problem: Problem) -> Problem {
    if !problem.status().is_client_error() {
        return problem;
    }
    match app.log.refuse(leaf_hash, problem.code()) {
        Some(refusal) => problem.with("refusal", base64url::encode(refusal.encode())),
        None => problem,
    }
}

/// The answer to an entry that is not taken.
fn refusal(error: &AppendError) -> Problem {
    if let Some(head) = error.conflict() {
        let head = head.map_or(
            Value::Null,
            |head| json!({"seq": head.seq, "index": head.leaf.index, "leaf_hash": hex::encode(head.leaf.hash)}),
        );
        let title = "Another entry came first, or the one before is another.";
        return Problem::new(StatusCode::CONFLICT, "conflict", title).with("head", head);
    }
    let reason = error.to_string();
    match (error.class(), error) {
        (Some(RejectionClass::Unauthorised), _) => {
            let title = "The entry is not signed by a key that may write it.";
            Problem::new(StatusCode::FORBIDDEN, "unauthorised", title).with("reason", reason)
        }
        (Some(RejectionClass::TooLong), _) => {
            let title = "The entry is too large.";
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", title).with("reason", reason)
        }
        (Some(_), _) => {
            let title = "The entry breaks a rule.";
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_entry", title).with("reason", reason)
        }
        (None, AppendError::RateLimited { retry_after }) => {
            let title = "Too many entries about this subject, or by this writer.";
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", title)
                .retry_after(u32::try_from(*retry_after).unwrap_or(u32::MAX))
        }
        (None, AppendError::Backlog) => unavailable("backlog", "Too many entries wait for their quorum."),
        (None, AppendError::ReadOnly) => unavailable("read_only", "The log does not write at this time."),
        (None, _) => unavailable("storage", "The entry cannot be stored now."),
    }
}

fn unavailable(code: &'static str, title: &'static str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, title).retry_after(RETRY_SECONDS)
}
