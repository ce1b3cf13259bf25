use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use service::Problem;
use tlog::{AddCheckpointError, MAX_NOTE_BYTES, MAX_PROOF_LINES, Refusal};

/// A note, the proof lines of 45 bytes, and the line with the old size.
pub(crate) const MAX_REQUEST_BYTES: usize = MAX_NOTE_BYTES + 45 * MAX_PROOF_LINES + 32;

/// 400 for a request that is none.
pub(crate) fn malformed(error: &AddCheckpointError) -> Response {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_request", "The request is malformed.")
        .with("reason", error.to_string())
        .into_response()
}

/// The answer that the protocol asks for. tlog-witness, "add-checkpoint"
pub(crate) fn refused(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let problem = |code, title| Problem::new(status, code, title).into_response();
    match refusal {
        Refusal::Conflict { size } => {
            let size_type = [(CONTENT_TYPE, "text/x.tlog.size")];
            (status, size_type, format!("{size}\n")).into_response()
        }
        Refusal::UnknownOrigin => problem("unknown_origin", "This log is not known here."),
        Refusal::Signature(_) => problem(
            "no_valid_signature",
            "The log's signature is missing or does not verify.",
        ),
        Refusal::OldSizeAboveCheckpoint => problem("old_size_too_large", "The old size is above the checkpoint's."),
        Refusal::Proof { .. } => problem("bad_proof", "The consistency proof does not verify."),
        Refusal::RootsDiffer { .. } => problem("root_mismatch", "Another root was recorded for this size."),
        _ => Problem::internal().into_response(),
    }
}

/// 503 where too many requests wait for their turn.
pub(crate) fn busy() -> Response {
    let title = "Too many requests wait for their turn.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", title)
        .retry_after(1)
        .into_response()
}
