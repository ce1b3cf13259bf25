//! The status lists. draft-ietf-oauth-status-list §8.1 and §9

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use service::Problem;
use status_list::Aggregation;

use crate::app::App;
use crate::error::ApiError;
use crate::store::status_lists;

/// One list as a token.
pub(super) async fn list(State(app): State<App>, Path(name): Path<String>) -> Result<Response, ApiError> {
    let reader = app.0.store.reader();
    let list = status_lists::find(reader, &name)
        .await?
        .ok_or_else(Problem::not_found)?;
    let token = app
        .0
        .tokens
        .token(&app.0.store, &list, &*app.signing()?, &app.0.settings, app.now())
        .await?;
    let headers = [
        (CONTENT_TYPE, "application/statuslist+jwt"),
        // The token's own `ttl` says how long it is good; a cache in between must not add to it.
        (CACHE_CONTROL, "no-cache"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    Ok((headers, token).into_response())
}

/// The URIs of all lists, so that all of them can be held before a card is shown.
pub(super) async fn aggregation(State(app): State<App>) -> Result<Response, ApiError> {
    let lists = status_lists::all(app.0.store.reader()).await?;
    let status_lists = lists
        .iter()
        .map(|list| app.0.settings.status_list_uri(&list.name))
        .collect();
    let headers = [(CACHE_CONTROL, "no-cache"), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    Ok((headers, Json(Aggregation { status_lists })).into_response())
}
