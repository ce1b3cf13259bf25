//! What the issuer publishes about itself. OpenID4VCI 1.0 §12.2.2, RFC 8414 §3

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use crate::app::App;

/// Credential Issuer Metadata, unsigned; signed metadata is optional and not offered.
pub(super) async fn issuer(State(app): State<App>) -> Json<Value> {
    Json(app.0.published.issuer_metadata.clone())
}

/// Authorization Server Metadata: this issuer is its own authorization server.
pub(super) async fn authorization_server(State(app): State<App>) -> Json<Value> {
    Json(app.0.published.server_metadata.clone())
}
