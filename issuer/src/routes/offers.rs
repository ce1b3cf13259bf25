//! Offers: made by the agency's systems, read by the wallet. OpenID4VCI 1.0 §4

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use jose::strict_json::{self, Limits};
use serde::Serialize;
use service::Problem;

use super::body::no_store;
use crate::app::App;
use crate::error::ApiError;
use crate::offer::{NewOffer, Progress};
use crate::store::offers::{self as store, Approval};

/// How many offers are listed that wait for an officer.
const MOST_AWAITING: u32 = 100;

/// Makes an offer.
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

/// Offers that wallets wait for, for whoever decides. A wallet whose person signed in may have asked for a card that
/// nobody offered.
#[derive(Debug, Serialize)]
pub(super) struct Awaiting {
    offers: Vec<AwaitingOffer>,
}

#[derive(Debug, Serialize)]
struct AwaitingOffer {
    id: String,
    credential_type: String,
    subject: String,
}

/// What officers have to decide, oldest first.
pub(super) async fn awaiting(State(app): State<App>, headers: HeaderMap) -> Result<Json<Awaiting>, ApiError> {
    app.authorise(&headers)?;
    let found = store::awaiting_approval(app.0.store.reader(), app.now(), MOST_AWAITING).await?;
    let offers = found.into_iter().map(|offer| AwaitingOffer {
        id: offer.id,
        credential_type: offer.credential_type,
        subject: offer.subject,
    });
    Ok(Json(Awaiting {
        offers: offers.collect(),
    }))
}

#[derive(Debug, Serialize)]
pub(super) struct OfferState {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval: Option<&'static str>,
}

/// Where an offer stands.
pub(super) async fn state(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<OfferState>, ApiError> {
    app.authorise(&headers)?;
    current(&app, &id).await
}

/// An officer says that the card may be issued.
pub(super) async fn approve(
    app: State<App>,
    id: Path<String>,
    headers: HeaderMap,
) -> Result<Json<OfferState>, ApiError> {
    decide(app, id, headers, Approval::Approved).await
}

/// An officer says that the card is not issued, for good.
pub(super) async fn deny(app: State<App>, id: Path<String>, headers: HeaderMap) -> Result<Json<OfferState>, ApiError> {
    decide(app, id, headers, Approval::Denied).await
}

async fn decide(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    decision: Approval,
) -> Result<Json<OfferState>, ApiError> {
    app.authorise(&headers)?;
    app.decide_offer(&id, decision).await?;
    current(&app, &id).await
}

async fn current(app: &App, id: &str) -> Result<Json<OfferState>, ApiError> {
    let (offer, progress) = app.offer_progress(id).await?;
    let state = match progress {
        Progress::Offered | Progress::Opened => "open",
        Progress::Redeemed => "redeemed",
        Progress::AwaitingApproval => "awaiting_approval",
        Progress::Denied => "denied",
        Progress::Issued { .. } => "issued",
        Progress::Locked => "locked",
        Progress::Expired => "expired",
        Progress::Withdrawn => "withdrawn",
    };
    let credential_id = match progress {
        Progress::Issued { card } => Some(card),
        _ => None,
    };
    Ok(Json(OfferState {
        state,
        credential_id,
        approval: offer.approval.map(Approval::name),
    }))
}

/// The offer by reference.
pub(super) async fn by_reference(State(app): State<App>, Path(reference): Path<String>) -> Result<Response, ApiError> {
    Ok(no_store(StatusCode::OK, &app.offer_message(&reference).await?))
}
