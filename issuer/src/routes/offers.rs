//! Offers: made by the agency's systems, read by the wallet. OpenID4VCI 1.0 §4

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use jose::strict_json::{self, Limits};
use serde::Serialize;
use service::Problem;
use utoipa::ToSchema;

use super::body::no_store;
use crate::app::App;
use crate::error::ApiError;
use crate::offer::{NewOffer, OfferMade, Progress};

/// Makes an offer.
#[utoipa::path(
    post,
    path = "/api/v1/offers",
    tag = "systems",
    security(("bearer" = [])),
    request_body = NewOffer,
    responses((status = 201, body = OfferMade, links(
        ("followed" = (operation_id = "get_api_v1_offers_id", parameters(("id" = "$response.body#/id")))),
    ))),
)]
pub(super) async fn create(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Result<Response, ApiError> {
    app.authorise(&headers)?;
    let wanted: NewOffer = strict_json::from_slice(&body, &Limits::MESSAGE).map_err(|_| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "The request is not an offer in JSON.",
        )
    })?;
    Ok(no_store(StatusCode::CREATED, &app.make_offer(wanted).await?))
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfferState {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_id: Option<String>,
}

/// Where an offer stands.
#[utoipa::path(
    get,
    path = "/api/v1/offers/{id}",
    tag = "systems",
    security(("bearer" = [])),
    params(("id" = String, Path)),
    responses((status = 200, body = OfferState)),
)]
pub(super) async fn state(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<OfferState>, ApiError> {
    app.authorise(&headers)?;
    let (_, progress) = app.offer_progress(&id).await?;
    let state = match progress {
        Progress::Offered | Progress::Opened => "open",
        Progress::Redeemed => "redeemed",
        Progress::Issued { .. } => "issued",
        Progress::Locked => "locked",
        Progress::Expired => "expired",
        Progress::Withdrawn => "withdrawn",
    };
    let credential_id = match progress {
        Progress::Issued { card } => Some(card),
        _ => None,
    };
    Ok(Json(OfferState { state, credential_id }))
}

/// The offer by reference.
#[utoipa::path(
    get,
    path = "/offers/{reference}",
    tag = "wallets",
    params(("reference" = String, Path)),
    responses((status = 200, description = "OpenID4VCI 1.0 §4.1.1", body = Object)),
)]
pub(super) async fn by_reference(State(app): State<App>, Path(reference): Path<String>) -> Result<Response, ApiError> {
    Ok(no_store(StatusCode::OK, &app.offer_message(&reference).await?))
}
