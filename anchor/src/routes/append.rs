//! `POST /api/v1/entries`: an entry in, a receipt out.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use ledger::{Kind, RejectionClass, Submission};
use serde::Serialize;
use serde_json::{Value, json};
use service::Problem;
use service::layers::body_limit;
use utoipa::{OpenApi, ToSchema};

use super::App;
use crate::log::AppendError;

/// How long a request waits for the quorum; sent again later it gets the same receipt.
const PATIENCE: Duration = Duration::from_secs(8);
/// What `Retry-After` says where nothing better is known.
const RETRY_SECONDS: u32 = 2;

#[derive(OpenApi)]
#[openapi(paths(append))]
pub(super) struct Described;

/// A receipt.
#[derive(Serialize, ToSchema)]
struct Appended {
    index: u64,
    /// Hexadecimal.
    leaf_hash: String,
    /// A proof of inclusion with its checkpoint. tlog-proof
    proof: String,
}

pub(super) fn routes() -> Router<App> {
    body_limit(
        Router::new().route("/api/v1/entries", post(append)),
        Submission::MAX_BYTES,
    )
}

#[utoipa::path(
    post,
    path = "/api/v1/entries",
    tag = "registrars and organisations",
    security((), ("bearer" = [])),
    request_body(content = Vec<u8>, content_type = "application/cbor", description = "docs/ledger.md §5"),
    responses(
    (status = 200, body = inline(Appended)),
    (status = 409, description = "another entry came first"),
    ),
)]
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
    let index = app.log.append(submission).await.map_err(|error| refusal(&error))?;
    let receipt = app.log.receipt(index, PATIENCE).await.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a receipt cannot be read");
        Problem::internal()
    })?;
    let Some(receipt) = receipt else {
        let title = "The entry is stored and waits for its quorum; send it again for the receipt.";
        return Err(unavailable("not_yet_published", title));
    };
    let answer = Appended {
        index,
        leaf_hash: hex::encode(leaf_hash.as_bytes()),
        proof: receipt.to_string(),
    };
    Ok(Json(answer).into_response())
}

/// Kinds that only registrars write. docs/ledger.md §3
fn is_registrars(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::DidUpdate | Kind::DidRotate | Kind::DidDeactivate | Kind::StatusSnapshot
    )
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
            let title = "Too many entries about this subject.";
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
