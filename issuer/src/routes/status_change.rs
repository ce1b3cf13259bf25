//! Revoking, suspending and reactivating cards, for the agency's systems.

use axum::Json;
use axum::extract::{Path, State};
use http::HeaderMap;
use serde::Serialize;
use status_list::Status;
use utoipa::ToSchema;

use crate::app::App;
use crate::card_status::status_name;
use crate::error::ApiError;

/// A card's state after the change.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CardState {
    id: String,
    state: &'static str,
}

/// For ever; again is no error.
#[utoipa::path(
    post,
    path = "/api/v1/credentials/{id}/revoke",
    tag = "systems",
    security(("bearer" = [])),
    params(("id" = String, Path)),
    responses((status = 200, body = CardState)),
)]
pub(super) async fn revoke(app: State<App>, id: Path<String>, headers: HeaderMap) -> Result<Json<CardState>, ApiError> {
    change(app, id, headers, Status::Invalid).await
}

/// For a time.
#[utoipa::path(
    post,
    path = "/api/v1/credentials/{id}/suspend",
    tag = "systems",
    security(("bearer" = [])),
    params(("id" = String, Path)),
    responses((status = 200, body = CardState)),
)]
pub(super) async fn suspend(
    app: State<App>,
    id: Path<String>,
    headers: HeaderMap,
) -> Result<Json<CardState>, ApiError> {
    change(app, id, headers, Status::Suspended).await
}

/// Ends a suspension; what is revoked stays revoked.
#[utoipa::path(
    post,
    path = "/api/v1/credentials/{id}/reactivate",
    tag = "systems",
    security(("bearer" = [])),
    params(("id" = String, Path)),
    responses((status = 200, body = CardState)),
)]
pub(super) async fn reactivate(
    app: State<App>,
    id: Path<String>,
    headers: HeaderMap,
) -> Result<Json<CardState>, ApiError> {
    change(app, id, headers, Status::Valid).await
}

async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    to: Status,
) -> Result<Json<CardState>, ApiError> {
    app.authorise(&headers)?;
    app.change_status(&id, to).await?;
    Ok(Json(CardState {
        id,
        state: status_name(to),
    }))
}
