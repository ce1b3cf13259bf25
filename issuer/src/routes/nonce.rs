//! The nonce endpoint. OpenID4VCI 1.0 §7

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use oid4vci::NonceResponse;

use super::body::no_store_with_nonce;
use super::proof::fresh_nonce;
use crate::app::App;

/// Hands out a nonce; nothing is stored until it is used.
#[utoipa::path(
    post,
    path = "/nonce",
    tag = "wallets",
    responses((status = 200, description = "OpenID4VCI 1.0 §7.2", body = Object)),
)]
pub(super) async fn nonce(State(app): State<App>) -> Response {
    let c_nonce = app.0.nonces.issue(app.now(), &mut service::random::fill);
    no_store_with_nonce(StatusCode::OK, &NonceResponse { c_nonce }, &fresh_nonce(&app))
}
