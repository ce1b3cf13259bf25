//! Who the issuer is, for those who look it up.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use service::Problem;

use crate::app::App;

/// JWT VC Issuer Metadata. Only of an issuer that its credentials name by URL: the metadata are
/// those of that `iss`. The keys of a DID are looked up on the ledger.
/// draft-ietf-oauth-sd-jwt-vc §4
pub(super) async fn issuer_metadata(State(app): State<App>) -> Response {
    let signing = app.identity();
    if signing.kid.is_some() {
        return Problem::not_found().into_response();
    }
    Json(sd_jwt::issuer_metadata(&signing.issuer, &signing.published)).into_response()
}

/// `did.jsonl`, for resolvers. The ledger's copy counts; this one is a convenience.
/// did:webvh 1.0, "The DID to HTTPS Transformation"
pub(super) async fn did_log(State(app): State<App>) -> Response {
    let signing = app.identity();
    if signing.kid.is_none() {
        return Problem::not_found().into_response();
    }
    let log: String = signing.log.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    ([(CONTENT_TYPE, "text/jsonl")], log).into_response()
}
