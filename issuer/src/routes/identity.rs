//! The DID log, for resolvers. The ledger's copy counts; this one is a convenience.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use service::Problem;

use crate::app::App;

/// `did.jsonl`. did:webvh 1.0, "The DID to HTTPS Transformation"
#[utoipa::path(
    get,
    path = "/.well-known/did.jsonl",
    tag = "anyone",
    responses((status = 200, description = "did:webvh 1.0", content_type = "text/jsonl", body = String)),
)]
pub(super) async fn did_log(State(app): State<App>) -> Response {
    let signing = app.signing();
    if signing.kid.is_none() {
        return Problem::not_found().into_response();
    }
    let log: String = signing.log.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    ([(CONTENT_TYPE, "text/jsonl")], log).into_response()
}
