use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use service::Problem;
use service::layers::body_limit;
use tlog::AddCheckpoint;
use utoipa::OpenApi;

use super::cosigning::{Witness, WitnessError};
use crate::cosigner::{MAX_REQUEST_BYTES, busy, malformed, refused};

#[derive(OpenApi)]
#[openapi(
    info(title = "Holdfast witness", description = "Cosignatures of checkpoints"),
    paths(add_checkpoint, checkpoint)
)]
struct Described;

/// Every operation of a witness.
#[must_use]
pub fn description() -> utoipa::openapi::OpenApi {
    service::description::complete(Described::openapi())
}

/// The routes of a witness; submission and monitoring prefix are the same.
pub fn routes(witness: Witness) -> Router {
    body_limit(
        Router::new().route("/add-checkpoint", post(add_checkpoint)),
        MAX_REQUEST_BYTES,
    )
    .route("/{origin_hash}/checkpoint", get(checkpoint))
    .with_state(witness)
}

/// tlog-witness, "add-checkpoint"
#[utoipa::path(
    post,
    path = "/add-checkpoint",
    tag = "logs",
    request_body(content = String, content_type = "text/plain", description = "tlog-witness, \"add-checkpoint\""),
    responses((status = 200, content_type = "text/plain", body = String)),
)]
async fn add_checkpoint(State(witness): State<Witness>, body: Bytes) -> Response {
    let request = match AddCheckpoint::parse(&body) {
        Ok(request) => request,
        Err(error) => return malformed(&error),
    };
    match witness.add_checkpoint(request).await {
        Ok(line) => line.to_string().into_response(),
        Err(WitnessError::Refused(refusal)) => refused(&refusal),
        Err(WitnessError::Busy) => busy(),
        Err(error) => internal(&error),
    }
}

/// tlog-witness, "Monitor Retrieval Mechanism"
#[utoipa::path(
    get,
    path = "/{origin_hash}/checkpoint",
    tag = "anyone",
    params(("origin_hash" = String, Path)),
    responses((status = 200, content_type = "text/plain", body = String)),
)]
async fn checkpoint(State(witness): State<Witness>, Path(origin_hash): Path<String>) -> Response {
    match witness.checkpoint(&origin_hash).await {
        Ok(Some(note)) => {
            let headers = [
                (CONTENT_TYPE, "text/plain; charset=utf-8"),
                (CACHE_CONTROL, "max-age=5"),
            ];
            (headers, note).into_response()
        }
        Ok(None) => Problem::not_found().into_response(),
        Err(error) => internal(&error),
    }
}

fn internal(error: &WitnessError) -> Response {
    tracing::error!(error = error as &dyn std::error::Error, "the witness failed");
    Problem::internal().into_response()
}
