//! Which registration certificates still count. docs/registration.md §4

use axum::extract::State;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use service::Problem;

use super::error::{Answer, PortalError};
use crate::portal::Portal;

/// The status list of registrations. draft-ietf-oauth-status-list §8.1
pub(super) async fn list(State(portal): State<Portal>) -> Answer {
    let token = portal.registration_status().await.map_err(|error| {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "the status of registrations cannot be told"
        );
        PortalError::Problem(Problem::internal())
    })?;
    let headers = [
        // The token's own `ttl` says how long it is good; a cache in between must not add to it.
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_TYPE, "application/statuslist+jwt"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    Ok((headers, token).into_response())
}
