use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use service::Problem;
use service::layers::body_limit;
use tlog::AddCheckpoint;
use utoipa::OpenApi;

use super::cosigning::Mirror;
use super::error::MirrorError;
use crate::cosigner::{MAX_REQUEST_BYTES, busy, malformed, refused};
use crate::read;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Holdfast mirror",
        description = "A mirror that verifies: the read API, and cosignatures"
    ),
    paths(add_checkpoint)
)]
struct Described;

/// Every operation of a mirror.
#[must_use]
pub fn description() -> utoipa::openapi::OpenApi {
    service::description::complete(Described::openapi().merge_from(read::description()))
}

/// The routes of a mirror: the read API, and `add-checkpoint`.
pub fn routes(mirror: Mirror) -> Router {
    body_limit(
        Router::new().route("/add-checkpoint", post(add_checkpoint)),
        MAX_REQUEST_BYTES,
    )
    .with_state(mirror.clone())
    .merge(read::routes(mirror))
}

/// tlog-witness, "add-checkpoint"; what a mirror asks beyond it answers with 422 or 503.
#[utoipa::path(
    post,
    path = "/add-checkpoint",
    tag = "logs",
    request_body(content = String, content_type = "text/plain", description = "tlog-witness, \"add-checkpoint\""),
    responses((status = 200, content_type = "text/plain", body = String)),
)]
async fn add_checkpoint(State(mirror): State<Mirror>, body: Bytes) -> Response {
    let request = match AddCheckpoint::parse(&body) {
        Ok(request) => request,
        Err(error) => return malformed(&error),
    };
    match mirror.add_checkpoint(request).await {
        Ok(line) => line.to_string().into_response(),
        Err(error) => answer(&error),
    }
}

fn answer(error: &MirrorError) -> Response {
    let unprocessable = |code, title| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, title).into_response();
    match error {
        MirrorError::Refused(refusal) => refused(refusal),
        MirrorError::Busy => busy(),
        MirrorError::EntriesDiffer => {
            unprocessable("entries_differ", "The entries are not those of the signed checkpoint.")
        }
        MirrorError::NotEndorsed(_) => unprocessable(
            "not_endorsed",
            "The last entry does not commit to what the entries say.",
        ),
        MirrorError::Source(cause) => {
            tracing::warn!(%cause, "the log's entries cannot be read");
            let title = "The log's entries cannot be read at this moment.";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "entries_unavailable", title)
                .retry_after(1)
                .into_response()
        }
        error => {
            tracing::error!(error = error as &dyn std::error::Error, "the mirror failed");
            Problem::internal().into_response()
        }
    }
}
