//! Revoking, suspending and reactivating cards: all copies at once, in the answer's own transaction.

use axum::Json;
use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use service::Problem;
use status_list::Status;

use crate::app::App;
use crate::error::ApiError;
use crate::store::status_lists::{self, Copies};
use crate::store::{cards, snapshot};

/// A card's state after the change.
#[derive(Debug, Serialize)]
pub(super) struct CardState {
    id: String,
    state: &'static str,
}

/// For ever; again is no error.
pub(super) async fn revoke(app: State<App>, id: Path<String>, headers: HeaderMap) -> Result<Json<CardState>, ApiError> {
    change(app, id, headers, Status::Invalid).await
}

/// For a time.
pub(super) async fn suspend(
    app: State<App>,
    id: Path<String>,
    headers: HeaderMap,
) -> Result<Json<CardState>, ApiError> {
    change(app, id, headers, Status::Suspended).await
}

/// Ends a suspension; what is revoked stays revoked.
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
    if !app.0.settings.own.api_token.authorises(&headers) {
        return Err(Problem::unauthorised().into());
    }
    let mut write = app.0.store.begin().await?;
    let card = cards::find(&mut *write, &id).await?.ok_or_else(Problem::not_found)?;
    if card.status == Status::Invalid && to != Status::Invalid {
        let title = "A revoked card stays revoked.";
        return Err(Problem::new(StatusCode::CONFLICT, "revoked", title).into());
    }
    if card.status != to {
        cards::set_status(&mut write, &id, to).await?;
        status_lists::set(&mut write, Copies::OfCard(&id), to).await?;
        snapshot::want(&mut write, app.now()).await?;
        write.commit().await?;
        tracing::info!(credential = %id, state = name(to), "the status of a card changed");
    }
    Ok(Json(CardState { id, state: name(to) }))
}

const fn name(status: Status) -> &'static str {
    match status {
        Status::Valid => "valid",
        Status::Suspended => "suspended",
        _ => "revoked",
    }
}
