//! What the issuer publishes about itself. OpenID4VCI 1.0 §12.2.2, RFC 8414 §3

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use crate::app::App;

/// Credential Issuer Metadata, unsigned; signed metadata is optional and not offered.
#[utoipa::path(
    get,
    path = "/.well-known/openid-credential-issuer",
    tag = "wallets",
    responses((status = 200, description = "OpenID4VCI 1.0 §12.2.4", body = Object)),
)]
pub(super) async fn issuer(State(app): State<App>) -> Json<Value> {
    Json(app.0.published.issuer_metadata.clone())
}

/// Authorization Server Metadata: this issuer is its own authorization server.
#[utoipa::path(
    get,
    path = "/.well-known/oauth-authorization-server",
    tag = "wallets",
    responses((status = 200, description = "RFC 8414 §3.2", body = Object)),
)]
pub(super) async fn authorization_server(State(app): State<App>) -> Json<Value> {
    Json(app.0.published.server_metadata.clone())
}
