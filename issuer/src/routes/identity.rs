//! The DID log, for resolvers. The ledger's copy counts; this one is a convenience.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use service::Problem;

use crate::app::App;

/// `did.jsonl`. did:webvh 1.0, "The DID to HTTPS Transformation"
pub(super) async fn did_log(State(app): State<App>) -> Response {
    let signing = app.identity();
    if signing.kid.is_none() {
        return Problem::not_found().into_response();
    }
    let log: String = signing.log.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    ([(CONTENT_TYPE, "text/jsonl")], log).into_response()
}
