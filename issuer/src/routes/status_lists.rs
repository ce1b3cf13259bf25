//! The status lists. draft-ietf-oauth-status-list §8.1, §8.4 and §9; Bitstring Status List 1.0

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use serde::Deserialize;
use service::Problem;
use status_list::{Aggregation, StatusPurpose};

use crate::app::App;
use crate::error::ApiError;
use crate::store::{list_history, status_lists};

/// What may be asked of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    /// As of when, in seconds. §8.4
    time: Option<u64>,
}

/// One list as a token: the newest, or as it was.
pub(super) async fn list(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, ApiError> {
    served(&app, &name, None, &asked).await
}

/// The Bitstring Status List for a purpose beside a token, with the same places. Bitstring Status List 1.0 §2.2
pub(super) async fn bits(
    State(app): State<App>,
    Path((name, purpose)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, ApiError> {
    let purpose = StatusPurpose::from_name(&purpose).ok_or_else(Problem::not_found)?;
    served(&app, &name, Some(purpose), &asked).await
}

/// A list as a token, or as bits for a purpose.
async fn served(app: &App, name: &str, purpose: Option<StatusPurpose>, asked: &Asked) -> Result<Response, ApiError> {
    match asked.time {
        Some(time) => as_of(app, name, purpose, time).await,
        None => newest(app, name, purpose).await,
    }
}

async fn newest(app: &App, name: &str, purpose: Option<StatusPurpose>) -> Result<Response, ApiError> {
    let (inner, signing, now) = (&app.0, app.signing()?, app.now());
    let list = status_lists::find(inner.store.reader(), name).await?;
    let list = list.ok_or_else(Problem::not_found)?;
    let (store, settings) = (&inner.store, &inner.settings);
    let signed = match purpose {
        None => inner.tokens.token(store, &list, &signing, settings, now).await?,
        Some(purpose) => {
            let bits = inner.bits.list(store, &list, purpose, &signing, settings, now);
            bits.await?
        }
    };
    // What is signed says itself how long it is good; a cache in between must not add to it.
    Ok(answer(purpose, signed, "no-cache"))
}

/// The token that the newest snapshot of then names, or the bits beside it.
async fn as_of(app: &App, name: &str, purpose: Option<StatusPurpose>, time: u64) -> Result<Response, ApiError> {
    let own = &app.0.settings.own;
    // A snapshot names tokens that are at most half their `ttl` old: for the rest of their time they are good after it.
    let good = own
        .status_token_seconds
        .saturating_sub(own.status_ttl_seconds.div_ceil(2));
    let kept = list_history::at(app.0.store.reader(), name, purpose, time, time.saturating_sub(good))
        .await?
        .filter(|kept| kept.time == time || time <= app.now())
        .ok_or_else(Problem::not_found)?;
    let cache = if kept.time == time {
        "public, max-age=172800, immutable"
    } else {
        // Another snapshot may yet be anchored that is not later.
        "no-cache"
    };
    Ok(answer(purpose, kept.signed, cache))
}

fn answer(purpose: Option<StatusPurpose>, signed: String, cache: &'static str) -> Response {
    let kind = match purpose {
        None => "application/statuslist+jwt",
        Some(_) => "application/vc",
    };
    let headers = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, cache),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, signed).into_response()
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
